"""Follows one face through a stream: detect rarely, track between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from reenact.faces.finder import PRESENCE, Finder, area
from reenact.faces.landmarks import region_of_landmarks
from reenact.types import Array, Face, Image

JUMP = 0.5
"""A face whose centre moves by more than this part of its side from frame to frame was not followed but lost."""
GROWTH = 1.5
"""... or whose side changes by more than this factor."""
THOROUGH = 10
"""Every so many detections the parts of the picture are searched too."""

Track = Callable[[Image], Face | None]


class Tracker:
    """image (H, W, 3) -> the face that was followed before, else the largest, else None."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._last: Face | None = None
        self.detections = 0
        """How often the detectors had to look."""

    def __call__(self, image: Image) -> Face | None:
        face = self._follow(image)
        self._last = face if face is not None else self._detect(image)
        return self._last

    def forget(self) -> None:
        """The next picture has nothing to do with the last: another stream, another scene."""
        self._last = None

    def _follow(self, image: Image) -> Face | None:
        if self._last is None:
            return None
        face = self._finder.landmarker(image, region_of_landmarks(self._last.landmarks))
        return face if face.score >= PRESENCE and not jumped(self._last, face) else None

    def _detect(self, image: Image) -> Face | None:
        self.detections += 1
        faces = self._finder(image, thorough=self.detections % THOROUGH == 1)
        return self._finder.settle(image, choose(faces, self._last)) if faces else None


def choose(faces: Sequence[Face], last: Face | None) -> Face:
    """The face nearest to the one followed before, if near enough to be it; else the largest."""
    if last is not None:
        nearest = min(faces, key=lambda face: _distance(last, face))
        if _distance(last, nearest) < 1:
            return nearest
    return max(faces, key=area)


def jumped(last: Face, face: Face) -> bool:
    """Whether the landmarks moved farther than a head can in one frame."""
    growth = _side(face.box) / max(_side(last.box), 1e-6)
    return _distance(last, face) > JUMP or not 1 / GROWTH < growth < GROWTH


def _distance(last: Face, face: Face) -> float:
    """Between the centres, in sides of the last face."""
    middles = (last.box[:2] + last.box[2:] - face.box[:2] - face.box[2:]) / 2
    return float(np.linalg.norm(middles)) / max(_side(last.box), 1e-6)


def _side(box: Array) -> float:
    return float((box[2:] - box[:2]).max())
