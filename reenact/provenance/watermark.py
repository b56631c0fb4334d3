"""The invisible mark in every frame: a keyed pattern of brightness, weak on walls, stronger where much goes on. Pure.

It is a label that says "made by a program", and no lock: who wants to remove it can.
"""

from __future__ import annotations

import logging

import cv2
import numpy as np

from reenact.provenance.chips import SIDE, Chips, chips, grid_of, too_small
from reenact.provenance.payload import Payload
from reenact.types import Array, Image

FAINTEST = 1.3
"""Grey levels on a plain wall."""
PER_ACTIVITY = 0.35
"""Grey levels more for each level by which neighbours differ on average."""
STRONGEST = 6.0
"""Grey levels."""
MOST_POWER = 8.5
"""Mean square of the chips' grey levels: keeps every picture above 42 dB (a chip spreads by 4/9 as it is drawn)."""
TOO_SMALL = "%s x %s px is too small for a watermark that can be read; make each side %s px or more"
_MIDDLE, _FINE = 128, 16
"""The pattern is drawn in bytes: this stands for zero, and so many steps for a grey level."""

_log = logging.getLogger(__name__)


class Watermark:
    """Marks pictures with a payload, in one thread. Keeps what belongs to the size it saw last.

    A size that is too small for a mark that can be read is said in the log.
    """

    def __init__(self, payload: Payload, pattern: Chips | None = None) -> None:
        self.payload = payload
        self._chips = (pattern or chips()).carrying(payload.bits())
        self._tiled = self._chips
        self._drawn = np.empty((0, 0, 3), np.uint8)

    def __call__(self, image: Image) -> Image:
        """A marked copy of (H, W, 3): the same few levels are added to red, green and blue."""
        height, width = image.shape[:2]
        rows, columns = grid_of(height, width)
        if self._tiled.shape != (rows, columns):
            self._tiled = np.tile(self._chips, (-(-rows // SIDE), -(-columns // SIDE)))[:rows, :columns]
        if self._drawn.shape != image.shape:
            if too_small(height, width):
                _log.warning(TOO_SMALL, width, height, SIDE)
            self._drawn = np.empty_like(image)
        levels = np.rint(self._tiled * strength(image, rows, columns) * _FINE + _MIDDLE).astype(np.uint8)
        plane = cv2.resize(levels, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.merge([plane, plane, plane], dst=self._drawn)
        return np.asarray(cv2.addWeighted(image, 1, self._drawn, 1 / _FINE, -_MIDDLE / _FINE), np.uint8)


def strength(image: Image, rows: int, columns: int) -> Array:
    """(rows, columns) grey levels that each chip may take, by what goes on around it."""
    small = cv2.extractChannel(cv2.resize(image, (2 * columns, 2 * rows), interpolation=cv2.INTER_LINEAR), 1)
    activity = cv2.resize(cv2.absdiff(small, cv2.blur(small, (3, 3))), (columns, rows), interpolation=cv2.INTER_AREA)
    levels = np.minimum(FAINTEST + PER_ACTIVITY * cv2.blur(activity, (5, 5)).astype(np.float32), STRONGEST)
    return _within_power(levels)


def _within_power(levels: Array) -> Array:
    """The strongest are made weaker, as far as `MOST_POWER` asks: on calmer ground a grey level tells more."""
    for _ in range(4):
        power = float(np.mean(levels * levels))
        if power <= MOST_POWER:
            break
        levels = np.minimum(levels, np.float32(levels.max() * np.sqrt(MOST_POWER / power)))
    return np.asarray(levels * np.float32(min(1.0, np.sqrt(MOST_POWER / np.mean(levels * levels)))))
