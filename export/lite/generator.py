"""The generator: a feature pyramid that paints one region of a face, and says where what it painted counts.

Source of the idea: Lin et al., Feature Pyramid Networks for Object Detection, 2017; as a generator, the ActGAN line.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from reenact.lite.glimpse import FEATURES

MARKS = 4 + FEATURES
"""Planes beside the colours: four that say what is where, three of the actor's glimpse; see `reenact.lite.regions`."""


class Generator(nn.Module):
    """(B, 3 + MARKS, R, R) -> (B, 4, R, R): colours, and before the sigmoid how much each px counts.

    Bottom-up: each level has half the side of the one before, the first half of R. Top-down: every level is brought to
    one width and added up. Convolutions and ReLU only, so that one picture at a time gives what a batch gives.
    """

    def __init__(self, widths: tuple[int, ...], blocks: tuple[int, ...], pyramid: int) -> None:
        """widths, blocks: channels and residual blocks of each level. pyramid: channels on the way down."""
        super().__init__()
        befores = (3 + MARKS, *widths)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(befores, widths, strict=False))
        self.levels = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(count))) for width, count in zip(widths, blocks, strict=True)
        )
        self.lateral = nn.ModuleList(nn.Conv2d(width, pyramid, 1) for width in widths)
        self.smooth = nn.ModuleList(nn.Conv2d(pyramid, pyramid, 3, 1, 1) for _ in widths[1:])
        self.paint = nn.Conv2d(pyramid, 4 * 4, 3, 1, 1)
        nn.init.zeros_(self.paint.weight)  # begins with what is there: else not painting at all is learnt first
        nn.init.zeros_(self.paint.bias)

    def forward(self, region: Tensor) -> Tensor:
        """region: 0..1."""
        seen, at = [], region
        for down, level in zip(self.down, self.levels, strict=True):
            at = level(functional.relu(down(at)))
            seen.append(at)
        top = self.lateral[-1](seen[-1])
        for index in range(len(seen) - 2, -1, -1):
            above = functional.interpolate(top, scale_factor=2, mode="nearest")
            top = functional.relu(self.smooth[index](above + self.lateral[index](seen[index])))
        painted = functional.pixel_shuffle(self.paint(top), 2)
        return torch.cat([region[:, :3] + painted[:, :3], painted[:, 3:]], 1)


class Block(nn.Module):
    """What it gets, and a correction."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, 1, 1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.first(x))))


def mouth_generator() -> Generator:
    """For regions of 128 px."""
    return Generator((32, 64, 96, 96), (1, 2, 2, 2), 48)


def eye_generator() -> Generator:
    """For regions of 64 px; the right eye comes mirrored."""
    return Generator((24, 48, 64), (1, 2, 2), 32)
