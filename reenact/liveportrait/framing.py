"""Which square of a picture the networks look at, from landmarks. Pure, but for the follower's memory.

The networks were trained on squares laid around 106 or 203 landmarks, which end at the brows; `seen` picks of the
478 those that bound the same: jaw and brows, not the forehead. Given the same outline the squares are the reference's
to 1e-3 px (`python -m export liveportrait --check-fixtures`). What remains is the outline: no network of 106 or 203
points may be had, so its error cannot be measured; how much hangs on our choice can. On 48 faces, jaw without temples
or the lower edge of the brows changes the side by 4 % at most in 19 of 20, and the middle by 1.3 % of the side; the
whole mesh, forehead and all, would make it 17 % too large.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reenact.crop import Region
from reenact.types import Array, Face, Image

EYES = ((33, 159, 133, 145), (362, 386, 263, 374))
"""Of the picture's left and right eye: outer or inner corner, upper lid, the other corner, lower lid."""
LIPS = (61, 13, 291, 14)
"""Corner, upper lip's inner edge, the other corner, lower lip's inner edge."""
JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
JAW_RIGHT = (356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
FEATURES = (*EYES[0], *EYES[1], *LIPS)

AVATAR = (2.3, -0.125)
ACTOR = (2.2, -0.1)
"""Side of the square in parts of the face's, and how far its middle lies below the face's, in parts of the square's."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a square is laid around, px."""

    around: Array
    """(N, 2) points whose box, turned upright with the face, is the face's."""
    eyes: Array
    """(2,) the middle between them."""
    mouth: Array
    """(2,) its middle."""


def seen(landmarks: Array) -> Outline:
    """The outline of a face with (478, 2 or 3) landmarks."""
    flat = landmarks[:, :2]
    around = flat[[*JAW, *JAW_RIGHT, *BROWS, *FEATURES]]
    return Outline(around, flat[[*EYES[0], *EYES[1]]].mean(0), flat[[LIPS[0], LIPS[2]]].mean(0))


Look = Callable[[Image, Face], Outline]
"""The outline of the face that was found in a picture."""


def by_mesh(_: Image, face: Face) -> Outline:
    """Of its 478 landmarks."""
    return seen(face.landmarks)


def face_square(outline: Outline, scale: float, below: float) -> Region:
    """The square around a face, upright with it: from the eyes to the mouth is down."""
    down = outline.mouth - outline.eyes
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    across = np.array([down[1], -down[0]])
    axes = np.stack([across, down])
    turned = outline.around @ axes.T
    low, high = turned.min(0), turned.max(0)
    side = float((high - low).max()) * scale
    center = (low + high) / 2 @ axes + down * below * side
    return Region(center, np.array([side, side]), float(np.arctan2(across[1], across[0])))


def openness(landmarks: Array) -> Array:
    """(3,) left eye, right eye, lips of (478, 2 or 3) landmarks: height in parts of the width."""
    flat = landmarks[:, :2]
    return np.array([_height(*flat[list(ring)]) for ring in (*EYES, LIPS)])


def _height(start: Array, upper: Array, end: Array, lower: Array) -> float:
    return float(np.linalg.norm(upper - lower) / (np.linalg.norm(start - end) + 1e-6))


@dataclass(frozen=True, slots=True)
class Box:
    """An upright square of a picture."""

    center: Array
    """(2,) px"""
    side: float
    """px"""

    @property
    def region(self) -> Region:
        return Region(self.center, np.array([self.side, self.side]))


DRIFT = 0.01
"""Part of the way that the box goes after the face in every frame: seconds, so that it does not tremble with it."""
STRAYED = 0.25
GROWN = 1.35
"""A face that is off by more than this part of the box's side, or by this factor in size, is looked for anew."""


class Follower:
    """The square that the actor is seen in: laid around the first face, then all but still.

    Because it does not follow the head, a head that moves moves in it. `first` is the square that motions are told in.
    """

    def __init__(self) -> None:
        self.first: Box | None = None
        self._box: Box | None = None

    def __call__(self, landmarks: Array) -> Box:
        """The square to look at, for a face with (478, 2 or 3) landmarks; a lost face is found again at once."""
        square = face_square(seen(landmarks), *ACTOR)
        face = Box(square.center, float(square.size[0]))
        self._box = face if self._box is None or strayed(self._box, face) else drifted(self._box, face)
        self.first = self.first or self._box
        return self._box


def strayed(box: Box, face: Box) -> bool:
    """Whether a face's own square is so far from the box that the networks would not see it well."""
    off = float(np.linalg.norm(face.center - box.center)) / box.side
    return off > STRAYED or not 1 / GROWN < face.side / box.side < GROWN


def drifted(box: Box, face: Box) -> Box:
    """A little of the way from the box to the face's own square."""
    return Box(box.center + DRIFT * (face.center - box.center), box.side * (face.side / box.side) ** DRIFT)
