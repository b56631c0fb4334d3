"""The warping network as it was trained: keypoints -> a dense motion of the volume -> the moved feature.

Written plainly; `export.liveportrait.rewrites` computes the same faster.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from export.liveportrait.layers import ConvNorm
from export.liveportrait.widths import KEYPOINTS, Widths

VARIANCE = 0.01
"""Of a keypoint's Gaussian; the volume spans -1..1."""


class Encoder(nn.Module):
    """Halves the side again and again; gives every stage."""

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleList(
            ConvNorm(nn.Conv3d(inputs, outputs, 3, padding=1), halve=True)
            for inputs, outputs in itertools.pairwise(channels)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        stages = [x]
        for block in self.down_blocks:
            stages.append(block(stages[-1]))
        return stages


class Decoder(nn.Module):
    """Doubles the side back, with the encoder's stages beside."""

    def __init__(self, channels: list[int], mouth: int, inputs: int) -> None:
        """channels: of the encoder's stages. mouth: the last block's outputs. inputs: channels of the first stage."""
        super().__init__()
        sizes = [*channels[:0:-1], mouth]
        self.up_blocks = nn.ModuleList(
            ConvNorm(nn.Conv3d(size if index == 0 else 2 * size, following, 3, padding=1), double=True)
            for index, (size, following) in enumerate(itertools.pairwise(sizes))
        )
        self.conv = nn.Conv3d(mouth + inputs, mouth + inputs, 3, padding=1)
        self.norm: nn.Module = nn.BatchNorm3d(mouth + inputs)

    def forward(self, stages: list[Tensor]) -> Tensor:
        x = stages[-1]
        for block, skip in zip(self.up_blocks, stages[-2::-1], strict=True):
            x = torch.cat([block(x), skip], 1)
        return functional.relu(self.norm(self.conv(x)))


class Hourglass(nn.Module):
    """(1, I, D, S, S) -> (1, mouth + I, D, S, S)"""

    def __init__(self, inputs: int, widths: Widths) -> None:
        super().__init__()
        mouth = widths.expansion
        channels = [inputs, *(min(widths.widest, mouth * 2 ** (i + 1)) for i in range(widths.hourglass))]
        self.encoder = Encoder(channels)
        self.decoder = Decoder(channels, mouth, inputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class DenseMotion(nn.Module):
    """The volume and both sets of keypoints -> deformation (1, D, S, S, 3), mask, occlusion."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        channels, depth = widths.volume
        motions = KEYPOINTS + 1
        inputs = motions * (widths.compressed + 1)
        self.compress = nn.Conv3d(channels, widths.compressed, 1)
        self.norm: nn.Module = nn.BatchNorm3d(widths.compressed)
        self.hourglass = Hourglass(inputs, widths)
        seen, around = inputs + widths.expansion, widths.kernel // 2
        self.mask = nn.Conv3d(seen, motions, widths.kernel, padding=around)
        self.occlusion = nn.Conv2d(seen * depth, 1, widths.kernel, padding=around)

    def forward(self, volume: Tensor, kp_source: Tensor, kp_driving: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        depth, height, width = volume.shape[2:]
        grid = identity_grid(depth, height, width)
        shifts = functional.pad((kp_source - kp_driving)[0], (0, 0, 1, 0))
        motions = grid + shifts[:, None, None, None, :]  # (K + 1, D, S, S, 3); the first one stands still
        compressed = functional.relu(self.norm(self.compress(volume)))
        moved = sample_volume(compressed.expand(len(motions), -1, -1, -1, -1), motions)
        heat = gaussians(grid, kp_driving) - gaussians(grid, kp_source)
        heat = functional.pad(heat, (0, 0, 0, 0, 0, 0, 1, 0))
        x = self.hourglass(torch.cat([heat[:, None], moved], 1).reshape(1, -1, depth, height, width))
        mask = torch.softmax(self.mask(x), 1)
        deformation = (mask[0, ..., None] * motions).sum(0, keepdim=True)
        return deformation, mask, torch.sigmoid(self.occlusion(x.reshape(1, -1, height, width)))


class Warping(nn.Module):
    """The volume, moved: (1, F, S, S) for the generator."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        channels, depth = widths.volume
        self.dense_motion_network = DenseMotion(widths)
        self.third = ConvNorm(nn.Conv2d(channels * depth, widths.feature, 3, padding=1), slope=0.01)
        self.fourth = nn.Conv2d(widths.feature, widths.feature, 1)

    def forward(self, volume: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Tensor:
        deformation, _, occlusion = self.dense_motion_network(volume, kp_source, kp_driving)
        moved = sample_volume(volume, deformation)
        return self.fourth(self.third(moved.flatten(1, 2))) * occlusion


def identity_grid(depth: int, height: int, width: int) -> Tensor:
    """(D, H, W, 3) x y z in -1..1, the first and the last cell at the ends."""
    z, y, x = torch.meshgrid(*(torch.linspace(-1, 1, size) for size in (depth, height, width)), indexing="ij")
    return torch.stack([x, y, z], -1)


def gaussians(grid: Tensor, points: Tensor) -> Tensor:
    """(K, D, H, W): a bump at each of the points (1, K, 3)."""
    distance = grid - points[0, :, None, None, None, :]
    return torch.exp(-0.5 / VARIANCE * (distance * distance).sum(-1))


def sample_volume(volume: Tensor, grid: Tensor) -> Tensor:
    """Trilinear, zero outside. Its -1..1 ends at the cells' outer edges although the grids' ends at their middles:
    the networks were trained with that mismatch."""
    return functional.grid_sample(volume, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
