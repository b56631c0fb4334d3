"""Blocks that several networks are made of; attribute names are those of the official checkpoints."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """Convolution, batch norm, leaky ReLU; twice as large before or half as large after, where asked for."""

    def __init__(self, conv: nn.Module, *, slope: float = 0.0, double: bool = False, halve: bool = False) -> None:
        """conv: nn.Conv2d or nn.Conv3d. slope: of the activation below zero. In 3-D the depth keeps its size."""
        super().__init__()
        flat = isinstance(conv, nn.Conv2d)
        self.conv = conv
        self.norm: nn.Module = (nn.BatchNorm2d if flat else nn.BatchNorm3d)(conv.out_channels)
        self.factor = 2 if flat else (1, 2, 2)
        self.slope, self.double, self.halve = slope, double, halve

    def forward(self, x: Tensor) -> Tensor:
        if self.double:
            x = functional.interpolate(x, scale_factor=self.factor, mode="nearest")
        x = functional.leaky_relu(self.norm(self.conv(x)), self.slope)
        if not self.halve:
            return x
        return functional.avg_pool2d(x, 2) if x.dim() == 4 else functional.avg_pool3d(x, self.factor)


class ResBlock3d(nn.Module):
    """Two convolutions, each after its norm, around a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv3d(channels, channels, 3, padding=1) for _ in range(2))
        self.norm1, self.norm2 = (nn.BatchNorm3d(channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(functional.relu(self.norm1(x)))
        return x + self.conv2(functional.relu(self.norm2(inner)))


class SpectralConv2d(nn.Module):
    """A convolution that stores its weight before the division by its spectral norm, and the vectors that give that."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.zeros(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.register_buffer("weight_u", torch.ones(outputs))
        self.register_buffer("weight_v", torch.ones(inputs * kernel * kernel))

    def weight(self) -> Tensor:
        """The weight that is convolved with."""
        sigma = torch.dot(self.weight_u, self.weight_orig.flatten(1) @ self.weight_v)
        return self.weight_orig / sigma

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight()
        return functional.conv2d(x, weight, self.bias, padding=weight.shape[-1] // 2)


def perceptron(sizes: tuple[int, ...]) -> nn.Sequential:
    """Linear layers with ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Retargeting(nn.Module):
    """Stitching, lips or eyes: a perceptron under the official name."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.mlp = perceptron(sizes)

    def forward(self, features: Tensor) -> Tensor:
        """(1, sizes[0]) -> (1, sizes[-1])"""
        return self.mlp(features)
