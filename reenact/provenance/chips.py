"""The keyed pattern: 128 x 128 chips of +1 or -1, a quarter for finding it, the others for the bits. Pure.

Drawn from SHAKE-256 of the key, so that it is the same on every machine and with every version of numpy.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from reenact.provenance.payload import BITS, KNOWN, Bits
from reenact.types import Array

SIDE = 128
"""Chips along the shorter side of a picture; along the longer one the pattern goes on, again and again."""
KEY = b"reenact watermark 1"
"""Known to everybody, so that everybody can detect: the mark is a label and no secret."""
_COUNT = SIDE * SIDE
_SYNC = _COUNT // 4


def too_small(height: int, width: int) -> bool:
    """Whether a picture of that size, px, cannot be relied on to carry a mark: a chip needs a pixel of its own."""
    return min(height, width) < SIDE


@dataclass(frozen=True, slots=True)
class Chips:
    """The pattern of one key."""

    signs: Array
    """(128, 128) +1 or -1."""
    bit: npt.NDArray[np.int64]
    """(128, 128) which of the 64 bits a chip carries; -1: none, it is there to be found."""

    @property
    def sync(self) -> Array:
        """(128, 128) the chips that are the same in every mark (no bit's, and the known bits'); 0 elsewhere."""
        bits = np.zeros(BITS, bool)
        bits[: KNOWN.size] = KNOWN
        return np.where(self.bit < KNOWN.size, self.carrying(bits), np.float32(0))

    def carrying(self, bits: Bits) -> Array:
        """(128, 128) +1 or -1: the whole pattern with (64,) `bits` in it."""
        flip = np.where(np.append(bits, True), np.float32(1), np.float32(-1))
        return self.signs * flip[self.bit]

    def softness(self, seen: Array) -> Array:
        """(64,) how much (128, 128) chips as `seen` speak for 1 (positive) or 0; about N(0, 1) by chance."""
        votes = seen * self.signs
        score = np.bincount(self.bit.ravel() + 1, votes.ravel(), BITS + 1)[1:]
        power = np.bincount(self.bit.ravel() + 1, (votes**2).ravel(), BITS + 1)[1:]
        return np.asarray(score / np.sqrt(np.maximum(power, 1e-12)))


@cache
def chips(key: bytes = KEY) -> Chips:
    """The pattern of a key."""
    stream = np.frombuffer(hashlib.shake_256(key).digest(9 * _COUNT), np.uint8)
    signs = np.where(stream[:_COUNT] & 1, np.float32(1), np.float32(-1))
    order = np.argsort(stream[_COUNT:].view("<u8"), kind="stable")
    bit = np.full(_COUNT, -1, np.int64)
    bit[order[_SYNC:]] = np.arange(_COUNT - _SYNC) % BITS
    return Chips(signs.reshape(SIDE, SIDE), bit.reshape(SIDE, SIDE))


def grid_of(height: int, width: int) -> tuple[int, int]:
    """(rows, columns) of chips on a whole picture of that many px."""
    short = min(height, width)
    return round(height * SIDE / short), round(width * SIDE / short)
