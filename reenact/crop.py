"""Square crops of a picture: upright with the head, sampled as the face networks expect.

Pure. The networks were trained on plain bilinear samples taken without the half-pixel shift that a resize makes;
area filtering or a shift moves their landmarks by up to 3 % of the inter-ocular distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from reenact.types import Array, Crop, Face, Image


@dataclass(frozen=True, slots=True)
class Region:
    """A turned rectangle in an image."""

    center: Array
    """(2,) x, y px."""
    size: Array
    """(2,) width, height px, before turning."""
    angle: float = 0.0
    """Radians, clockwise as seen (y is down)."""


def square(center: Array, side: float, angle: float = 0.0) -> Region:
    """A square region: the usual case."""
    return Region(np.asarray(center, np.float64), np.array([side, side], np.float64), angle)


def to_image(region: Region, width: int, height: int) -> Array:
    """(2, 3) affine: px of a (height, width) crop of the region -> px of the image."""
    cos, sin = np.cos(region.angle), np.sin(region.angle)
    axes = np.array([[cos, -sin], [sin, cos]]) * (region.size / [width, height])
    corner = region.center - axes @ [width / 2, height / 2]
    return np.column_stack([axes, corner])


def sample(image: Image, region: Region, size: int, *, outside: int = cv2.BORDER_REPLICATE) -> Crop:
    """Cut a region out as a (size, size) crop; beyond the image the border goes on, or black with BORDER_CONSTANT."""
    affine = to_image(region, size, size)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(image, affine, (size, size), flags=flags, borderMode=outside)
    return Crop(np.asarray(pixels, np.uint8), affine)


def apply(affine: Array, points: Array) -> Array:
    """(N, 2) points through a (2, 3) affine."""
    return np.asarray(points @ affine[:, :2].T + affine[:, 2])


def bounding_box(points: Array) -> Array:
    """(4,) x0, y0, x1, y1 around the first two columns of (N, 2 or more) points."""
    return np.concatenate([points[:, :2].min(0), points[:, :2].max(0)])


def scaled(image: Image, scale: float) -> Image:
    """The whole picture, scaled; area-averaged when it shrinks."""
    if scale == 1:
        return image
    size = tuple(max(round(side * scale), 1) for side in image.shape[1::-1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def scaled_face(face: Face, image: Image, frame: Image) -> Face:
    """A face of `image` in `frame`, which is the image scaled."""
    x, y = frame.shape[1] / image.shape[1], frame.shape[0] / image.shape[0]
    landmarks = face.landmarks * [x, y, x] + [(x - 1) / 2, (y - 1) / 2, 0]
    return replace(face, landmarks=landmarks, box=bounding_box(landmarks))
