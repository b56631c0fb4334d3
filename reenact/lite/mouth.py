"""The inside of an opening mouth, until a generator paints it: plain and dark, with a soft edge. Pure."""

from __future__ import annotations

import cv2
import numpy as np

from reenact.faces import mesh
from reenact.lite.control import teeth_edge
from reenact.lite.features import TOUCH, mouth_gap
from reenact.motion import posed
from reenact.types import Array, Image, Motion

SHADE = 0.25
"""The inside is this part as bright as the lips."""
SUBPIXEL = 4
"""Bits of precision in the drawn contour."""


def tint(image: Image, landmarks: Array) -> Array:
    """(3,) colour of the inside, 0..255: the lips' own, in deep shade, so that it suits photo, painting and stone."""
    lips = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(lips, [landmarks[mesh.LIPS_OUTER, :2].astype(np.int32)], 1)
    cv2.fillPoly(lips, [landmarks[mesh.LIPS_INNER, :2].astype(np.int32)], 0)
    colour = image[lips > 0].mean(0) if lips.any() else np.array([120.0, 80.0, 80.0])
    return np.asarray(colour * SHADE)


def darkness(rest: Motion, motion: Motion) -> float:
    """0..1: how dark the part of the opening is that the picture cannot fill; 0 while the mouth opens no wider."""
    own, now = (mouth_gap(m.keypoints + m.expression) for m in (rest, motion))
    return float(np.clip((now - own - 0.01) / 0.05, 0, 1))


def hole(rest: Motion, motion: Motion) -> Array:
    """(20, 2) px: the outline of that part: the lower lip, and above it the edge of what the picture shows."""
    lips = posed(motion)[:, :2]
    top = teeth_edge(rest, motion) if mouth_gap(rest.keypoints + rest.expression) > TOUCH else lips[mesh.LIP_UPPER]
    left, right = lips[mesh.MOUTH_CORNERS]
    return np.concatenate([[left], lips[mesh.LIP_LOWER], [right], top[::-1]])


def opening(contour: Array, width: int, height: int) -> Array:
    """(H, W) float32 0..1: inside of a contour (N, 2) px, with a soft edge."""
    mask = np.zeros((height, width), np.uint8)
    points = np.rint(contour * (1 << SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, SUBPIXEL)
    side = 2 * max(int(np.ptp(contour[:, 0]) * 0.03), 1) + 1
    x0, y0 = np.maximum(np.floor(contour.min(0)).astype(int) - side, 0)
    x1, y1 = np.ceil(contour.max(0)).astype(int) + side
    soft = np.zeros((height, width), np.float32)
    soft[y0:y1, x0:x1] = cv2.GaussianBlur(mask[y0:y1, x0:x1], (side, side), 0).astype(np.float32) / 255
    return soft
