"""The motion extractor: ConvNeXt V2 with a head for each part of a motion.

Source: Woo et al., ConvNeXt V2: Co-designing and Scaling ConvNets with Masked Autoencoders, 2023.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from export.liveportrait.widths import KEYPOINTS, Widths

EPSILON = 1e-6
HEADS = {"pitch": 66, "yaw": 66, "roll": 66, "t": 3, "exp": 3 * KEYPOINTS, "scale": 1, "kp": 3 * KEYPOINTS}
"""Head -> its outputs. The angles come as bins of three degrees."""


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of (1, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ResponseNorm(nn.Module):
    """Global response normalisation of (1, H, W, C)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma, self.beta = (nn.Parameter(torch.zeros(1, 1, 1, channels)) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        strength = torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True)
        relative = strength / (strength.mean(-1, keepdim=True) + EPSILON)
        return self.gamma * (x * relative) + self.beta + x


class ConvNextBlock(nn.Module):
    """Depthwise convolution, then two pointwise layers, around a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.grn = ResponseNorm(4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        inner = self.pwconv2(self.grn(functional.gelu(self.pwconv1(inner))))
        return x + inner.permute(0, 3, 1, 2)


class ConvNext(nn.Module):
    """(1, 3, S, S) -> the heads' outputs by name."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        dims = widths.dims
        stem = nn.Sequential(nn.Conv2d(3, dims[0], 4, stride=4), ChannelNorm(dims[0]))
        halvings = (
            nn.Sequential(ChannelNorm(inputs), nn.Conv2d(inputs, outputs, 2, stride=2))
            for inputs, outputs in itertools.pairwise(dims)
        )
        self.downsample_layers = nn.ModuleList([stem, *halvings])
        self.stages = nn.ModuleList(
            nn.Sequential(*(ConvNextBlock(dim) for _ in range(depth)))
            for dim, depth in zip(dims, widths.depths, strict=True)
        )
        self.norm = nn.LayerNorm(dims[-1], eps=EPSILON)
        for head, outputs in HEADS.items():
            setattr(self, f"fc_{head}", nn.Linear(dims[-1], outputs))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        for halve, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(halve(x))
        x = self.norm(x.mean((2, 3)))
        return tuple(getattr(self, f"fc_{head}")(x) for head in HEADS)


class MotionExtractor(nn.Module):
    """(1, 3, S, S) RGB 0..1 -> (1, n) for each of `HEADS`, in that order."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.detector = ConvNext(widths)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return self.detector(image)
