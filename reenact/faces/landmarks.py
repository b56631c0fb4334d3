"""478 landmarks of one face, irises among them, from a square region around it.

Source: Kartynnik et al., Real-time Facial Surface Geometry, 2019; Grishchenko et al., Attention Mesh, 2020.
"""

from __future__ import annotations

import numpy as np

from reenact.crop import Region, apply, bounding_box, sample, square
from reenact.faces.detector import Detection
from reenact.network import Network, planar
from reenact.types import LANDMARKS, Array, Face, Image

SIZE = 256
MARGIN = 1.5
"""The region is this much larger than the face in it."""
EYES = (33, 263)
"""Outer eye corners: the one on the left of an upright picture first."""
SKIN = 468
"""Landmarks before the irises."""


class Landmarker:
    """image, region -> Face; a score far below 0.5 says that there is none."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, image: Image, region: Region) -> Face:
        crop = sample(image, region, SIZE)
        out = self._network(image=planar(crop.image, 1 / 255, 0))
        points = out["landmarks"].reshape(LANDMARKS, 3).astype(np.float64)
        depth = points[:, 2:] * (region.size[0] / SIZE)
        landmarks = np.hstack([apply(crop.to_frame, points[:, :2]), depth])
        presence = float(1 / (1 + np.exp(-out["presence"].item())))
        return Face(landmarks, bounding_box(landmarks), presence)


def region_of_detection(detection: Detection) -> Region:
    """Where to look for the landmarks of a face just detected: turned so that the eyes are level."""
    across = detection.eyes[1] - detection.eyes[0]
    return square(detection.center, detection.side * MARGIN, float(np.arctan2(across[1], across[0])))


def region_of_landmarks(landmarks: Array) -> Region:
    """Where to look in the next frame, given (478, 3) landmarks of this one."""
    across = landmarks[EYES[1], :2] - landmarks[EYES[0], :2]
    angle = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    box = bounding_box(landmarks[:SKIN, :2] @ turn)
    return square(turn @ (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max()) * MARGIN, angle)


def inter_ocular(landmarks: Array) -> float:
    """px between the outer eye corners: the yardstick of every landmark error."""
    return float(np.linalg.norm(landmarks[EYES[1], :2] - landmarks[EYES[0], :2]))
