"""Puts the square that was drawn back into the avatar's picture, with a soft edge. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reenact.types import Array, Crop, Image

SOFT = 1 / 32
"""Of the square's side: the width of its soft edge."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a frame that the square covers, in whole px."""

    still: Crop
    """Of the frame; `to_frame` is a shift."""
    affine: Array
    """(2, 3) px of the drawn square -> px of the window."""
    mask: Array
    """(H, W, 1) float32 0..1: how much of the drawn square shows."""

    def __call__(self, drawn: Image) -> Image:
        """The window with a drawn square (S, S, 3) in it."""
        height, width = self.still.image.shape[:2]
        pixels = cv2.warpAffine(drawn, self.affine, (width, height), flags=cv2.INTER_LINEAR)
        mixed = self.mask * pixels + (1 - self.mask) * self.still.image
        return np.clip(mixed, 0, 255).astype(np.uint8)


def window(frame: Image, to_frame: Array, shows: Image) -> Window:
    """to_frame: (2, 3), px of a square -> px of the frame (H, W, 3). shows: (size, size) 255 where the square shows."""
    size = len(shows)
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]]) @ to_frame[:, :2].T + to_frame[:, 2]
    limits = np.array(frame.shape[1::-1])
    low = np.clip(np.floor(corners.min(0)), 0, limits - 1).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 1, low + 1, limits).astype(int)
    affine = np.column_stack([to_frame[:, :2], to_frame[:, 2] - low])
    (width, height), cut = high - low, frame[low[1] : high[1], low[0] : high[0]]
    mask = cv2.warpAffine(shows, affine, (int(width), int(height)), flags=cv2.INTER_LINEAR)
    still = Crop(np.ascontiguousarray(cut), np.array([[1.0, 0, low[0]], [0, 1.0, low[1]]]))
    return Window(still, affine, np.asarray(mask, np.float32)[..., None] / 255)


def soft_square(size: int) -> Image:
    """(size, size) uint8: 255 inside, falling to 0 at the edge."""
    edge = size * SOFT
    out = np.maximum(edge - np.arange(size), np.arange(size) - (size - edge)).clip(0)
    distance = np.hypot(out[:, None], out[None])
    return np.asarray(np.floor(255 * np.clip(1 - distance / edge, 0, 1)), np.uint8)
