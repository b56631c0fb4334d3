"""What a painted region costs. Pure but for the networks that judge."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from export.lite.generator import MARKS
from training.config import Losses
from training.perceptual import Features, distance


@dataclass(frozen=True, slots=True)
class Painted:
    """A batch of regions; 0..1."""

    shown: Tensor
    """(B, 3, R, R) by the warp alone."""
    marks: Tensor
    """(B, MARKS, R, R)"""
    truth: Tensor
    """(B, 3, R, R)"""
    image: Tensor
    """(B, 3, R, R) the painting over what the warp shows."""
    counts: Tensor
    """(B, 1, R, R) how much of it counts."""


class Discriminator(nn.Module):
    """Which patches look true: (B, 3 + MARKS, R, R) -> (B, 1, R / 8, R / 8).

    Source: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        widths = (3 + MARKS, width, 2 * width, 4 * width)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in pairwise(widths))
        self.judge = nn.Conv2d(widths[-1], 1, 3, 1, 1)

    def forward(self, image: Tensor, marks: Tensor) -> Tensor:
        at = torch.cat([image, marks], 1)
        for down in self.down:
            at = functional.leaky_relu(down(at), 0.2)
        return self.judge(at)


def importance(marks: Tensor, inside: float) -> Tensor:
    """(B, 1, R, R) 1 on skin, 1 + inside where the mouth or the eye is open, half as much more on lips and folds."""
    return 1 + inside * (marks[:, :1] + 0.5 * marks[:, 1:3].amax(1, keepdim=True)).clamp(0, 1)


def generator_loss(
    painted: Painted, weights: Losses, features: Features, discriminator: Discriminator | None
) -> dict[str, Tensor]:
    """Every part by its name, weighted. Least squares for the discriminator's part (Mao et al., 2017)."""
    weight = importance(painted.marks, weights.inside)
    parts = {
        "pixels": ((painted.image - painted.truth).abs() * weight).mean(),
        "perceptual": weights.perceptual * distance(features, painted.image, painted.truth, weight).mean(),
        "restraint": weights.restraint * painted.counts.mean(),
    }
    if discriminator is not None:
        verdict = discriminator(painted.image, painted.marks).float()
        parts["adversarial"] = weights.adversarial * (verdict - 1).square().mean()
    return parts


def discriminator_loss(painted: Painted, discriminator: Discriminator) -> Tensor:
    """True pictures shall be 1, painted ones 0."""
    true = discriminator(painted.truth, painted.marks).float()
    false = discriminator(painted.image.detach(), painted.marks).float()
    return ((true - 1).square().mean() + false.square().mean()) / 2
