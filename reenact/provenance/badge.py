"""The mark that people see: a word in the corner, legible on any background. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from reenact.errors import ProvenanceError
from reenact.types import Image

TEXT = "AI"
"""What it says unless it is told otherwise; in the user's language if they like."""
HEIGHT = 0.06
"""Of the shorter side: how high the badge is."""
SMALLEST = 16
"""px"""
INK, PAPER, EDGE = 255, 16, 200
"""Grey levels of the letters, of what is behind them, and of the line around, which shows on black."""
_WEIGHT = 600
_OVERSAMPLED = 4


class Badge:
    """Puts `text` into the lower right corner."""

    def __init__(self, text: str = TEXT) -> None:
        """Raises ProvenanceError for a text that cannot be drawn here."""
        self._text = " ".join(text.split())
        if not self._text:
            raise ProvenanceError("wanted a text for the badge, found none; give one with --badge-text, such as 'AI'.")
        if not (hasattr(cv2, "FontFace") or self._text.isascii()):
            raise ProvenanceError(
                f"the badge cannot write {self._text!r} with OpenCV {cv2.__version__}; "
                "install opencv-python-headless 5 or newer, or use plain letters."
            )
        self._drawn: _Sticker | None = None

    def __call__(self, image: Image) -> Image:
        """A copy of (H, W, 3) with the badge on it."""
        height, width = image.shape[:2]
        if self._drawn is None or self._drawn.made_for != (height, width):
            self._drawn = _sticker(self._text, height, width)
        sticker = self._drawn
        marked = image.copy()
        where = marked[sticker.top : sticker.top + sticker.shape[0], sticker.left : sticker.left + sticker.shape[1]]
        where[:] = (where * (1 - sticker.cover) + sticker.levels * sticker.cover + 0.5).astype(np.uint8)
        return marked


@dataclass(frozen=True, slots=True)
class _Sticker:
    """A badge for pictures of one size."""

    made_for: tuple[int, int]
    top: int
    left: int
    levels: Any
    """(h, w, 1) 0..255"""
    cover: Any
    """(h, w, 1) 0..1"""

    @property
    def shape(self) -> tuple[int, int]:
        return self.levels.shape[0], self.levels.shape[1]


def _sticker(text: str, height: int, width: int) -> _Sticker:
    """Drawn four times as large, then shrunk: smooth without the help of a font renderer."""
    margin = max(2, round(0.02 * min(height, width)))
    tall = max(SMALLEST, round(HEIGHT * min(height, width)))
    letters = _letters(text)
    long = round(letters.shape[1] * 0.6 * tall / letters.shape[0]) + tall
    fit = min(1.0, (width - 2 * margin) / long, (height - 2 * margin) / tall)
    tall, long = max(4, int(tall * fit)), max(4, int(long * fit))
    big = _OVERSAMPLED * tall, _OVERSAMPLED * long
    edge = max(1, big[0] // 20)
    levels, cover = np.zeros(big, np.uint8), np.zeros(big, np.uint8)
    _pill(cover, 0, 255)
    _pill(levels, 0, EDGE)
    _pill(levels, edge, PAPER)
    inner = round(big[1] - big[0] * 0.8), round(big[0] * 0.6)
    ink = cv2.resize(letters, inner, interpolation=cv2.INTER_AREA)
    top, left = (big[0] - inner[1]) // 2, (big[1] - inner[0]) // 2
    spot = levels[top : top + inner[1], left : left + inner[0]]
    spot[:] = PAPER + ink.astype(np.float32) * ((INK - PAPER) / 255)
    small = [cv2.resize(plane, (long, tall), interpolation=cv2.INTER_AREA)[:, :, None] for plane in (levels, cover)]
    return _Sticker(
        (height, width),
        height - margin - tall,
        width - margin - long,
        small[0].astype(np.float32),
        small[1].astype(np.float32) / 255,
    )


def _pill(plane: Any, inset: int, level: int) -> None:
    """A bar with round ends."""
    height, width = plane.shape
    radius = height // 2 - inset
    middle = height // 2
    cv2.rectangle(plane, (middle, inset), (width - middle, height - 1 - inset), level, -1)
    for x in (middle, width - middle):
        cv2.circle(plane, (x, middle), radius, level, -1)


@cache
def _letters(text: str) -> Any:
    """(h, w) 0..255: the text, large, with nothing around it."""
    size = 96
    plane = np.zeros((3 * size, size * (len(text) + 4), 3), np.uint8)
    if hasattr(cv2, "FontFace"):
        cv2.putText(plane, text, (size, 2 * size), (255, 255, 255), cv2.FontFace("sans"), size, _WEIGHT)
    else:
        cv2.putText(plane, text, (size, 2 * size), cv2.FONT_HERSHEY_DUPLEX, size / 24, (255, 255, 255), 6, cv2.LINE_AA)
    ink = plane[:, :, 0]
    if not ink.any():
        raise ProvenanceError(f"the badge cannot write {text!r}: no letters for it; use others with --badge-text.")
    left, top, width, height = cv2.boundingRect(ink)
    return np.ascontiguousarray(ink[top : top + height, left : left + width])
