"""Every face of one picture: detectors, then landmarks. Keeps nothing between pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reenact.crop import square
from reenact.errors import NoFaceError
from reenact.faces.detector import OVERLAP, Detection, Detector, overlap
from reenact.faces.landmarks import Landmarker, region_of_detection, region_of_landmarks
from reenact.types import Array, Face, Image

PRESENCE = 0.5
"""A landmark score below this is no face."""
HINTED_PRESENCE = 0.3
"""What is enough where the user says that there is a face."""
SMALLEST_TILE = 240
"""px: in smaller parts there is no face that the landmarks could still make out."""
SURER = 0.1
"""By so much surer must the detectors be of a face upside down than of one upright."""
TURNS = (0.0, np.pi / 2, -np.pi / 2, np.pi)
"""Radians: upright first, then lying on either side, then upside down."""


class Finder:
    """image (H, W, 3) -> faces, largest first."""

    def __init__(self, near: Detector, far: Detector, landmarker: Landmarker) -> None:
        self._near, self._far = near, far
        self.landmarker = landmarker

    def __call__(self, image: Image, *, thorough: bool = True) -> list[Face]:
        """Upright faces; if there are none, those in the picture turned.

        thorough: search parts of the picture for small faces too, which takes tens of ms.
        """
        for found in self._searches(image, thorough):
            faces = [self.landmarker(image, region_of_detection(detection)) for detection in found]
            faces = [face for face in faces if face.score >= PRESENCE]
            if faces:
                return sorted(_distinct(faces), key=area, reverse=True)
        return []

    def only(self, image: Image, *, box: Array | None = None) -> Face:
        """The largest face of a picture, settled; `box` (4,) x0, y0, x1, y1 px helps where the detectors find none.

        Raises:
            NoFaceError: none there.
        """
        if box is not None:
            return self._hinted(image, box)
        faces = self(image)
        if not faces:
            raise NoFaceError(
                "no face was found in the picture. Wanted: one that shows both eyes, nose and mouth; "
                "help with --face-box x0,y0,x1,y1 around the face, or take another picture."
            )
        return self.settle(image, faces[0])

    def settle(self, image: Image, face: Face, passes: int = 2) -> Face:
        """Look again around the landmarks: a first look around a detection is up to 2 % off what tracking will see."""
        for _ in range(passes):
            again = self.landmarker(image, region_of_landmarks(face.landmarks))
            if again.score < PRESENCE:
                return face
            face = again
        return face

    def _hinted(self, image: Image, box: Array) -> Face:
        height, width = image.shape[:2]
        box = np.clip(box, 0, [width, height, width, height])
        sides = box[2:] - box[:2]
        if sides.min() < 8:
            raise NoFaceError(f"--face-box lies outside the picture or is under 8 px; it is {width} x {height} px.")
        looks = (square((box[:2] + box[2:]) / 2, sides.max() * margin, turn) for turn in TURNS for margin in (1.3, 1.6))
        best = max((self.landmarker(image, region) for region in looks), key=lambda face: face.score)
        if best.score < HINTED_PRESENCE:
            raise NoFaceError("no face was found in --face-box. Draw it from forehead to chin and ear to ear.")
        return self.settle(image, best)

    def _searches(self, image: Image, thorough: bool) -> Iterator[list[Detection]]:
        upright = self._both(image, TURNS[0])
        for side in _tile_sides(image) if thorough else ():
            upright += [found for corner in _tiles(image, side) for found in self._in_tile(image, corner, side)]
        over = self._both(image, TURNS[-1])  # both ways up, a head can pass for a face: the surer one is
        if _surest(over) > _surest(upright) + SURER:
            yield over
        yield upright
        for turn in TURNS[1:]:
            yield self._both(image, turn)

    def _both(self, image: Image, turn: float) -> list[Detection]:
        """What either detector finds; what both find, as the near one sees it."""
        near, far = (detector(image, turn=turn) for detector in (self._near, self._far))
        return near + [one for one in far if all(overlap(one.box, other.box) < OVERLAP for other in near)]

    def _in_tile(self, image: Image, corner: tuple[int, int], side: int) -> list[Detection]:
        x, y = corner
        return [found.moved(x, y) for found in self._far(image[y : y + side, x : x + side], turn=0.0)]


def area(face: Face) -> float:
    """px² of the box."""
    return float((face.box[2:] - face.box[:2]).prod())


def _surest(found: list[Detection]) -> float:
    return max((detection.score for detection in found), default=0.0)


def _tile_sides(image: Image) -> list[int]:
    """px: half and a quarter of the short side."""
    short = min(image.shape[:2])
    return [side for side in (short // 2, short // 4) if side >= SMALLEST_TILE]


def _tiles(image: Image, side: int) -> list[tuple[int, int]]:
    """Corners x, y of square parts that cover the picture and overlap by half."""
    height, width = image.shape[:2]
    xs, ys = (sorted({*range(0, max(length - side, 1), side // 2), length - side}) for length in (width, height))
    return [(x, y) for y in ys for x in xs]


def _distinct(faces: list[Face]) -> list[Face]:
    """Two detections may settle on one face."""
    kept: list[Face] = []
    for face in faces:
        if all(overlap(face.box, other.box) < 0.5 for other in kept):
            kept.append(face)
    return kept
