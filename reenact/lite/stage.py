"""The part of a picture in which an avatar can move. Coordinates: px of the output frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.faces import mesh
from reenact.types import Array, Image


@dataclass(frozen=True, slots=True)
class Stage:
    """The part of the output frame in which an avatar can move; whole px."""

    left: int
    top: int
    width: int
    height: int

    @property
    def to_frame(self) -> Array:
        """(2, 3) affine: stage px -> frame px."""
        return np.array([[1.0, 0, self.left], [0, 1.0, self.top]])

    def cut(self, frame: Image) -> Image:
        """The stage of a frame."""
        return np.ascontiguousarray(frame[self.top : self.top + self.height, self.left : self.left + self.width])


def head_size(landmarks: Array) -> float:
    """px: the longer side of the face oval's bounding box; the yardstick of everything here."""
    oval = landmarks[mesh.OVAL, :2]
    return float((oval.max(0) - oval.min(0)).max())


def stage(landmarks: Array, width: int, height: int) -> Stage:
    """As far as a head can reach from where it is, inside a frame of width x height px."""
    head = head_size(landmarks)
    oval = landmarks[mesh.OVAL, :2]
    x, y = (oval.min(0) + oval.max(0)) / 2
    left, right = max(int(x - 1.9 * head), 0), min(int(x + 1.9 * head), width)
    top, bottom = max(int(y - 1.6 * head), 0), min(int(y + 2.1 * head), height)
    return Stage(left, top, right - left, bottom - top)
