"""The inside of an opening mouth, until a generator paints it: plain and dark, in shade. Pure."""

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
RAMP = 0.07
"""The shade is full at this part of the mouth's width from its edge."""
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
    own, now = (mouth_gap(m.shape) for m in (rest, motion))
    return float(np.clip((now - own - 0.01) / 0.05, 0, 1))


def hole(rest: Motion, motion: Motion) -> Array:
    """(20, 2) px: the outline of that part: the lower lip, and above it the edge of what the picture shows."""
    lips = posed(motion)[:, :2]
    top = teeth_edge(rest, motion) if mouth_gap(rest.shape) > TOUCH else lips[mesh.LIP_UPPER]
    left, right = lips[mesh.MOUTH_CORNERS]
    return np.concatenate([[left], lips[mesh.LIP_LOWER], [right], top[::-1]])


def opening(contour: Array, width: int, height: int) -> Array:
    """(H, W) float32 0..1: inside of a contour (N, 2) px, growing from its edge inwards as shade does."""
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(contour * (1 << SUBPIXEL)).astype(np.int32)], 255, cv2.LINE_8, SUBPIXEL)
    x0, y0 = np.clip(np.floor(contour.min(0)).astype(int) - 2, 0, [width, height])
    x1, y1 = np.clip(np.ceil(contour.max(0)).astype(int) + 3, 0, [width, height])
    soft = np.zeros((height, width), np.float32)
    if x0 < x1 and y0 < y1:
        depth = cv2.distanceTransform(mask[y0:y1, x0:x1], cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        part = np.clip(depth / max(float(np.ptp(contour[:, 0])) * RAMP, 1.5), 0, 1)
        soft[y0:y1, x0:x1] = part * part * (3 - 2 * part)
    return soft
