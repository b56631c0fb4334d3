"""The generator as it was trained: SPADE blocks paint the moved feature into a picture.

Source: Park et al., Semantic Image Synthesis with Spatially-Adaptive Normalization, 2019. Written plainly;
`export.liveportrait.rewrites` computes the same faster.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from export.liveportrait.layers import SpectralConv2d
from export.liveportrait.widths import Widths

SLOPE = 0.2


class Spade(nn.Module):
    """Instance norm, scaled and shifted by what the feature says at each place."""

    def __init__(self, channels: int, widths: Widths) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(widths.feature, widths.hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma, self.mlp_beta = (nn.Conv2d(widths.hidden, channels, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor, feature: Tensor) -> Tensor:
        shared = self.mlp_shared(functional.interpolate(feature, size=x.shape[2:], mode="nearest"))
        return functional.instance_norm(x) * (1 + self.mlp_gamma(shared)) + self.mlp_beta(shared)


class SpadeBlock(nn.Module):
    """Two convolutions, each after its SPADE norm, around a shortcut that is learned where the channels change."""

    def __init__(self, inputs: int, outputs: int, widths: Widths) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.learned = inputs != outputs
        self.conv_0 = SpectralConv2d(inputs, middle, 3)
        self.conv_1 = SpectralConv2d(middle, outputs, 3)
        self.norm_0, self.norm_1 = Spade(inputs, widths), Spade(middle, widths)
        if self.learned:
            self.conv_s = SpectralConv2d(inputs, outputs, 1, bias=False)
            self.norm_s = Spade(inputs, widths)

    def forward(self, x: Tensor, feature: Tensor) -> Tensor:
        shortcut = self.conv_s(self.norm_s(x, feature)) if self.learned else x
        inner = self.conv_0(functional.leaky_relu(self.norm_0(x, feature), SLOPE))
        return shortcut + self.conv_1(functional.leaky_relu(self.norm_1(inner, feature), SLOPE))


class Generator(nn.Module):
    """(1, F, S, S) -> (1, 3, 8 S, 8 S) RGB 0..1"""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        near, far = widths.up
        self.fc = nn.Conv2d(widths.feature, 2 * near, 3, padding=1)
        for index in range(widths.middle):
            setattr(self, f"G_middle_{index}", SpadeBlock(2 * near, 2 * near, widths))
        self.up_0 = SpadeBlock(2 * near, near, widths)
        self.up_1 = SpadeBlock(near, far, widths)
        self.conv_img = nn.Sequential(nn.Conv2d(far, 12, 3, padding=1), nn.PixelShuffle(2))
        self.middle = widths.middle

    def forward(self, feature: Tensor) -> Tensor:
        x = self.fc(feature)
        for index in range(self.middle):
            x = getattr(self, f"G_middle_{index}")(x, feature)
        for block in (self.up_0, self.up_1):
            x = block(functional.interpolate(x, scale_factor=2, mode="nearest"), feature)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, SLOPE)))
