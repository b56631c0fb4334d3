"""BlazeFace: where faces are, roughly. Short range first (near faces), full range for small and far ones.

Source: Bazarevsky et al., BlazeFace, 2019; weighted non-maximum suppression as described there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from reenact.crop import apply, sample, square
from reenact.network import Network, planar
from reenact.types import Array, Image

MIN_SCORE = 0.5
OVERLAP = 0.3
"""Boxes that share more than this part of their union are one face."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A face as the detector sees it."""

    box: Array
    """(4,) x0, y0, x1, y1 px of the image, upright in the turned picture it was found in."""
    eyes: Array
    """(2, 2) the eye on the left of an upright picture, then the other; px of the image."""
    center: Array
    """(2,) px of the image."""
    side: float
    """px: the longer side of the box."""
    score: float
    """0..1."""

    def moved(self, x: float, y: float) -> Detection:
        """The same, `x` and `y` px farther right and down."""
        step = np.array([x, y])
        return replace(self, box=self.box + np.tile(step, 2), eyes=self.eyes + step, center=self.center + step)


class Detector:
    """One BlazeFace network. image (H, W, 3) -> detections, best first."""

    def __init__(self, network: Network, *, size: int, cells: tuple[tuple[int, int], ...]) -> None:
        """size: input px. cells: (cells per side, anchors per cell) of each layer."""
        self._network = network
        self._size = size
        self._anchors = _anchors(cells)

    def __call__(self, image: Image, *, turn: float = 0.0) -> list[Detection]:
        """turn: radians by which the picture is turned before the search, for heads that lie on their side."""
        height, width = image.shape[:2]
        region = square(np.array([width, height]) / 2, max(width, height), turn)
        crop = sample(image, region, self._size, outside=cv2.BORDER_CONSTANT)
        out = self._network(image=planar(crop.image, 1 / 127.5, -1))
        scores = 1 / (1 + np.exp(-np.clip(out["scores"][0, :, 0], -80, 80)))
        sure = scores >= MIN_SCORE
        found = _decode(out["regressors"][0][sure], self._anchors[sure], self._size)
        return [_to_image(points, score, crop.to_frame) for points, score in _suppress(found, scores[sure])]


def short_range(network: Network) -> Detector:
    """The detector for faces that fill a good part of the picture."""
    return Detector(network, size=128, cells=((16, 2), (8, 6)))


def full_range(network: Network) -> Detector:
    """The detector for small and far faces."""
    return Detector(network, size=192, cells=((48, 1),))


def overlap(one: Array, other: Array) -> float:
    """Intersection over union of two boxes (4,)."""
    sides = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None)
    shared = float(sides.prod())
    return shared / (float((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod()) - shared + 1e-9)


def _anchors(cells: tuple[tuple[int, int], ...]) -> Array:
    """(A, 2) anchor centres, 0..1."""
    layers = []
    for side, per_cell in cells:
        middle = (np.arange(side) + 0.5) / side
        y, x = np.meshgrid(middle, middle, indexing="ij")
        layers.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), per_cell, 0))
    return np.concatenate(layers)


def _decode(raw: Array, anchors: Array, size: int) -> Array:
    """(N, 16) regressors -> (N, 8, 2) crop px: box corners, then six keypoints, the two eyes first."""
    values = raw.reshape(-1, 8, 2).astype(np.float64)
    center, half = values[:, 0] + anchors * size, values[:, 1] / 2
    keypoints = values[:, 2:] + anchors[:, None] * size
    return np.concatenate([(center - half)[:, None], (center + half)[:, None], keypoints], 1)


def _suppress(found: Array, scores: Array) -> list[tuple[Array, float]]:
    """Weighted non-maximum suppression: overlapping boxes are averaged by their scores."""
    faces, order = [], np.argsort(-scores)
    while len(order):
        best = found[order[0], :2].reshape(4)
        same = np.array([overlap(best, found[i, :2].reshape(4)) > OVERLAP for i in order])
        same[0] = True
        faces.append((np.average(found[order[same]], 0, scores[order[same]]), float(scores[order[0]])))
        order = order[~same]
    return faces


def _to_image(points: Array, score: float, affine: Array) -> Detection:
    corners = apply(affine, points[:2])
    scale = np.hypot(*affine[:, 0])
    center = corners.mean(0)
    half = (points[1] - points[0]) * scale / 2
    box = np.concatenate([center - half, center + half])
    return Detection(box, apply(affine, points[2:4]), center, float(half.max() * 2), score)
