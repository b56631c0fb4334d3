"""The warping network and the generator, computed faster and, but for rounding, the same.

Norms go into the convolutions before them; a spectral norm is divided by once and for all; the keypoints' own motions,
Gaussians and their blend become matrix products; what a SPADE norm reads from an enlarged feature is computed before it
is enlarged.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from export.liveportrait.generator import SLOPE, Generator, Spade, SpadeBlock
from export.liveportrait.layers import ConvNorm, ResBlock3d, SpectralConv2d
from export.liveportrait.phases import Phased
from export.liveportrait.sampling import FORMS, shifted, to_cells
from export.liveportrait.warping import VARIANCE, Decoder, DenseMotion, Warping, identity_grid
from export.liveportrait.widths import KEYPOINTS


def fold_norms(network: nn.Module) -> nn.Module:
    """A copy whose batch norms are part of the convolutions that they follow."""
    network = copy.deepcopy(network)
    names = {ConvNorm: ("conv", "norm"), Decoder: ("conv", "norm"), DenseMotion: ("compress", "norm")}
    names[ResBlock3d] = ("conv1", "norm2")
    for module in list(network.modules()):
        if type(module) in names:
            conv, norm = names[type(module)]
            _fold(getattr(module, conv), getattr(module, norm))
            setattr(module, norm, nn.Identity())
    return network


def _fold(conv: nn.Conv2d | nn.Conv3d, norm: nn.BatchNorm2d | nn.BatchNorm3d) -> None:
    gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    bias = (conv.bias.double() - norm.running_mean.double()) * gain + norm.bias.double()
    weight = conv.weight.double() * gain.reshape(-1, *[1] * (conv.weight.dim() - 1))
    conv.weight, conv.bias = nn.Parameter(weight.float(), False), nn.Parameter(bias.float(), False)


class Spread(nn.Module):
    """volume, still and moved keypoints -> features (1, I, D, S, S): every keypoint's own motion, tried on the volume.

    Places are computed here, and places need float32.
    """

    def __init__(self, network: Warping) -> None:
        super().__init__()
        self.compress = fold_norms(network.dense_motion_network).compress

    def forward(self, volume: Tensor, still: Tensor, moved: Tensor) -> Tensor:
        axes = [torch.linspace(-1, 1, size) for size in volume.shape[:1:-1]]
        compressed = functional.relu(self.compress(volume))[0]
        shifts = functional.pad((still - moved)[0], (0, 0, 1, 0))
        cells = [to_cells(axis + shifts[:, i : i + 1], len(axis)) for i, axis in enumerate(axes)]
        heat = functional.pad(bumps(axes, moved[0]) - bumps(axes, still[0]), (0, 0, 0, 0, 0, 0, 1, 0))
        x = torch.cat([heat[:, None], shifted(compressed, *cells)], 1)
        return x.reshape(1, -1, *volume.shape[2:])


class Settle(nn.Module):
    """features, still and moved keypoints -> deformation (1, D, S, S, 3) in -1..1 x y z, occlusion (1, 1, S, S)."""

    def __init__(self, network: Warping) -> None:
        super().__init__()
        dense = fold_norms(network.dense_motion_network)
        self.hourglass, self.mask, self.occlusion = dense.hourglass, dense.mask, dense.occlusion

    def forward(self, features: Tensor, still: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
        depth, height, width = features.shape[2:]
        x = self._hourglass(features)
        mask = torch.softmax(self.mask(x), 1).reshape(KEYPOINTS + 1, -1, 1)
        shifts = (still - moved).reshape(KEYPOINTS, 1, 3)
        # The mask sums to one, and its first part stands still. No matrix product: runtimes round those.
        deformation = identity_grid(depth, height, width).reshape(-1, 3) + (mask[1:] * shifts).sum(0)
        occlusion = torch.sigmoid(self.occlusion(x.reshape(1, -1, height, width)))
        return deformation.reshape(1, depth, height, width, 3), occlusion

    def _hourglass(self, x: Tensor) -> Tensor:
        """As `Hourglass`, with pooling and doubling as flat operators."""
        stages = [x]
        for block in self.hourglass.encoder.down_blocks:
            stages.append(_flat(functional.avg_pool2d, functional.relu(block.conv(stages[-1])), 2))
        x = stages.pop()
        for block in self.hourglass.decoder.up_blocks:
            x = functional.relu(block.conv(_flat(functional.interpolate, x, scale_factor=2, mode="nearest")))
            x = torch.cat([x, stages.pop()], 1)
        return functional.relu(self.hourglass.decoder.conv(x))


class Flow(nn.Module):
    """volume, still and moved keypoints -> deformation, occlusion: `Spread` and `Settle` in one."""

    def __init__(self, network: Warping) -> None:
        super().__init__()
        self.spread, self.settle = Spread(network), Settle(network)

    def forward(self, volume: Tensor, still: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
        return self.settle(self.spread(volume, still, moved), still, moved)


def _flat(operator, x: Tensor, *arguments: int, **named: object) -> Tensor:
    """An operator on pictures, for each slice of (1, C, D, H, W)."""
    channels, depth = x.shape[1:3]
    out = operator(x.reshape(1, channels * depth, *x.shape[3:]), *arguments, **named)
    return out.reshape(1, channels, depth, *out.shape[2:])


def bumps(axes: list[Tensor], points: Tensor) -> Tensor:
    """(K, D, H, W): `gaussians` as a product of the three axes'."""
    x, y, z = (torch.exp(-0.5 / VARIANCE * (axis - points[:, i : i + 1]) ** 2) for i, axis in enumerate(axes))
    return z[:, :, None, None] * y[:, None, :, None] * x[:, None, None, :]


class Warp(nn.Module):
    """volume, deformation, occlusion -> feature (1, F, S, S), with the sampling in one of `FORMS`."""

    def __init__(self, network: Warping, form: str) -> None:
        super().__init__()
        self.third, self.fourth = fold_norms(network.third), network.fourth
        self.sample = FORMS[form]

    def forward(self, volume: Tensor, deformation: Tensor, occlusion: Tensor) -> Tensor:
        moved = self.sample(volume, deformation)
        return self.fourth(self.third(moved.flatten(1, 2))) * occlusion


class Paint(nn.Module):
    """feature (1, F, S, S) -> image (1, 3, 8 S, 8 S) RGB 0..1: the generator."""

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.fc, self.conv_img = network.fc, network.conv_img
        middle = [getattr(network, f"G_middle_{index}") for index in range(network.middle)]
        factors = [1] * len(middle) + [2, 4]
        blocks = [*middle, network.up_0, network.up_1]
        self.blocks = nn.ModuleList(PaintBlock(b, factor) for b, factor in zip(blocks, factors, strict=True))

    def forward(self, feature: Tensor) -> Tensor:
        x = self.fc(feature)
        for block in self.blocks:
            x = block(x, feature)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, SLOPE)))


class PaintBlock(nn.Module):
    """A SPADE block, and the doubling before it where `factor`, its size over the feature's, is not 1."""

    def __init__(self, block: SpadeBlock, factor: int) -> None:
        super().__init__()
        self.double = factor > 1
        self.conv_0, self.conv_1 = plain(block.conv_0), plain(block.conv_1)
        self.conv_s = plain(block.conv_s) if block.learned else None
        norms = [block.norm_0, block.norm_1, *([block.norm_s] if block.learned else [])]
        self.shared = Phased([norm.mlp_shared[0] for norm in norms], factor)
        self.affine = nn.ModuleList(gain_and_shift(norm) for norm in norms)

    def forward(self, x: Tensor, feature: Tensor) -> Tensor:
        first, second, *learned = self.shared(feature)
        normal = self._doubled(functional.instance_norm(x))  # a norm does not see whether it comes before or after
        inner = self.conv_0(functional.leaky_relu(self._spade(0, normal, first), SLOPE))
        inner = self._spade(1, functional.instance_norm(inner), second)
        inner = self.conv_1(functional.leaky_relu(inner, SLOPE))
        return inner + (self.conv_s(self._spade(2, normal, learned[0])) if learned else self._doubled(x))

    def _doubled(self, x: Tensor) -> Tensor:
        return functional.interpolate(x, scale_factor=2, mode="nearest") if self.double else x

    def _spade(self, index: int, normal: Tensor, shared: Tensor) -> Tensor:
        gain, shift = self.affine[index](shared).chunk(2, 1)
        return normal * gain + shift


def plain(conv: SpectralConv2d) -> nn.Conv2d:
    """The convolution with its spectral norm divided out."""
    weight = conv.weight_orig.double()
    sigma = conv.weight_u.double() @ weight.flatten(1) @ conv.weight_v.double()
    outputs, inputs, kernel, _ = weight.shape
    return _conv(inputs, outputs, kernel, (weight / sigma).float(), conv.bias)


def gain_and_shift(norm: Spade) -> nn.Conv2d:
    """One convolution for both: 2 C channels, the gain's first."""
    gain, shift = norm.mlp_gamma, norm.mlp_beta
    weight, bias = torch.cat([gain.weight, shift.weight]), torch.cat([gain.bias + 1, shift.bias])
    return _conv(gain.in_channels, len(weight), 3, weight, bias)


def _conv(inputs: int, outputs: int, kernel: int, weight: Tensor, bias: Tensor | None) -> nn.Conv2d:
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias is not None).requires_grad_(False)
    conv.weight.copy_(weight)
    if bias is not None:
        conv.bias.copy_(bias)
    return conv
