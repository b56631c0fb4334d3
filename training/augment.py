"""Makes other people, lights and paints out of the same samples: colours changed in the same way in all pictures."""

from __future__ import annotations

import torch
from torch import Tensor

GRAY = 0.2
"""Of the samples, how many lose their colours."""


def recoloured(pictures: tuple[Tensor, ...], rng: torch.Generator) -> tuple[Tensor, ...]:
    """Each (B, 3, R, R) 0..1, with the same change for each of the B: gamma, contrast, tint, saturation."""
    count, device = len(pictures[0]), pictures[0].device

    def between(low: float, high: float, channels: int = 1) -> Tensor:
        return (torch.rand((count, channels, 1, 1), generator=rng) * (high - low) + low).to(device)

    gamma, tint, lift = between(0.7, 1.4), between(0.82, 1.15, 3), between(-0.06, 0.06)
    saturation = torch.where(between(0, 1) < GRAY, torch.zeros((), device=device), between(0.6, 1.3))

    def change(picture: Tensor) -> Tensor:
        bright = picture.clamp(min=1e-3) ** gamma * tint + lift
        gray = bright.mean(1, keepdim=True)
        return (gray + (bright - gray) * saturation).clamp(0, 1)

    return tuple(change(picture) for picture in pictures)


def mirrored(pictures: tuple[Tensor, ...], rng: torch.Generator) -> tuple[Tensor, ...]:
    """Each (B, C, R, R); the same half of the B is turned round."""
    turn = (torch.rand((len(pictures[0]), 1, 1, 1), generator=rng) < 0.5).to(pictures[0].device)
    return tuple(torch.where(turn, picture.flip(3), picture) for picture in pictures)
