"""Every face of one picture: detectors, then landmarks. Keeps nothing between pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reenact.crop import square
from reenact.errors import NoFaceError
from reenact.faces.detector import Detection, Detector, overlap
from reenact.faces.landmarks import Landmarker, region_of_detection, region_of_landmarks
from reenact.types import Array, Face, Image

PRESENCE = 0.5
"""A landmark score below this is no face."""
HINTED_PRESENCE = 0.1
"""What is enough where the user says that there is a face."""
TURNS = (0.0, np.pi / 2, -np.pi / 2, np.pi)
"""Radians: upright first, then lying on either side, then upside down."""


class Finder:
    """image (H, W, 3) -> faces, largest first."""

    def __init__(self, near: Detector, far: Detector, landmarker: Landmarker) -> None:
        self._detectors = (near, far)
        self.landmarker = landmarker

    def __call__(self, image: Image) -> list[Face]:
        """The faces of the first search that finds any: near, far, then the same with the picture turned."""
        for found in self._searches(image):
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

    def _searches(self, image: Image) -> Iterator[list[Detection]]:
        for turn in TURNS:
            for detector in self._detectors:
                yield detector(image, turn=turn)


def area(face: Face) -> float:
    """px² of the box."""
    return float((face.box[2:] - face.box[:2]).prod())


def _distinct(faces: list[Face]) -> list[Face]:
    """Two detections may settle on one face."""
    kept: list[Face] = []
    for face in faces:
        if all(overlap(face.box, other.box) < 0.5 for other in kept):
            kept.append(face)
    return kept
