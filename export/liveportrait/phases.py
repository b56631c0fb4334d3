"""A 3 x 3 convolution of an enlarged picture, computed before it is enlarged.

Enlarged r times to nearest neighbours, r x r places lie in one cell, and those that look at the same cells get the
same: per axis the first of a cell looks back, the last looks ahead, and all between see nothing but their own cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Taps:
    """What a place in a cell looks at along one axis."""

    merge: tuple[tuple[int, ...], ...]
    """Which of the kernel's three taps fall into each cell it looks at."""
    start: int
    """The first of those cells, 0 being the one before its own."""


def taps(factor: int) -> list[Taps]:
    """For each of the `factor` places in a cell."""
    found = []
    for place in range(factor):
        cells = [(place + tap) // factor for tap in (-1, 0, 1)]
        seen = sorted(set(cells))
        found.append(Taps(tuple(tuple(t for t in range(3) if cells[t] == c) for c in seen), seen[0] + 1))
    return found


class Phased(nn.Module):
    """Several convolutions with ReLU of the same feature (1, F, S, S), enlarged: (1, H, r S, r S) each."""

    def __init__(self, convs: list[nn.Conv2d], factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.outputs = [conv.out_channels for conv in convs]
        weight, bias = torch.cat([conv.weight for conv in convs]), torch.cat([conv.bias for conv in convs])
        self.register_buffer("bias", bias)
        self.places = taps(factor)
        for y, x in self._kinds():
            self.register_buffer(_name(y, x), merged(weight, y, x))

    def forward(self, feature: Tensor) -> list[Tensor]:
        """In the order of the convolutions."""
        side = feature.shape[-1]
        padded = functional.pad(feature, (1, 1, 1, 1))
        kinds = {(y, x): self._kind(padded, side, y, x) for y, x in self._kinds()}
        if self.factor == 1:
            return list(next(iter(kinds.values())).split(self.outputs, 1))
        places = torch.stack([kinds[y, x] for y in self.places for x in self.places])
        places = places.reshape(self.factor, self.factor, -1, side, side).permute(2, 3, 0, 4, 1)
        large = places.reshape(1, -1, side * self.factor, side * self.factor)
        return list(large.split(self.outputs, 1))

    def _kinds(self) -> list[tuple[Taps, Taps]]:
        distinct = list(dict.fromkeys(self.places))
        return [(y, x) for y in distinct for x in distinct]

    def _kind(self, padded: Tensor, side: int, y: Taps, x: Taps) -> Tensor:
        weight = getattr(self, _name(y, x))
        rows, columns = (slice(t.start, t.start + side + len(t.merge) - 1) for t in (y, x))
        return functional.relu(functional.conv2d(padded[:, :, rows, columns], weight, self.bias))


def merged(weight: Tensor, y: Taps, x: Taps) -> Tensor:
    """A kernel (O, I, 3, 3) whose taps are added up where they fall into the same cell."""
    rows = torch.stack([weight.double()[:, :, list(group)].sum(2) for group in y.merge], 2)
    return torch.stack([rows[..., list(group)].sum(-1) for group in x.merge], -1).float()


def _name(y: Taps, x: Taps) -> str:
    return f"kind_{y.start}{len(y.merge)}_{x.start}{len(x.merge)}"
