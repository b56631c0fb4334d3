"""Irises that turn: inside each eye's opening the eyeball slides under the lids, which the warp of the skin cannot do.

Pure. The spline of the skin takes an eye's opening to where it is in the picture, iris and all. What is left over is
where the iris should be and is not: that shift is added inside the opening, whole over the iris, fading to nothing at
the corners (the white stretches) and, up and down, at the lids.
"""

from __future__ import annotations

import cv2
import numpy as np

from reenact.lite.features import EYES, Eye, shutness
from reenact.lite.warp import Spline, evaluate
from reenact.motion import posed
from reenact.types import Array, Motion

MARGIN = 2
"""px around an opening that are looked at too."""


def gaze(spline: Spline, rest: Motion, motion: Motion, origin: Array, unit: float, size: tuple[int, int]) -> Array:
    """(2, H, W) stage units: what to add to the place in the picture that each px of the stage shows.

    spline: moved points -> displacement, stage units. origin: (2,) frame px of the stage's corner. unit: frame px per
    stage unit. size: (width, height) px of the stage.
    """
    field = np.zeros((2, size[1], size[0]), np.float32)
    own, now = (posed(m)[:, :2] - origin for m in (rest, motion))
    for eye in EYES:
        here = now[eye.iris[0]]
        shift = own[eye.iris[0]] / unit - here / unit - evaluate(spline, here[None] / unit)[0]
        _add(field, eye, now, shift * (1 - shutness(eye, rest, motion)))
    return field


def _add(field: Array, eye: Eye, points: Array, shift: Array) -> None:
    """Add one eye's shift (2,) to the field, in place; points (478, 2) px of it."""
    contour = points[eye.outline]
    limit = field.shape[:0:-1]
    x0, y0 = np.clip(np.floor(contour.min(0)).astype(int) - MARGIN, 0, limit)
    x1, y1 = np.clip(np.ceil(contour.max(0)).astype(int) + MARGIN + 1, 0, limit)
    if x0 >= x1 or y0 >= y1:
        return
    inside, depth = _opening(contour - [x0, y0], x1 - x0, y1 - y0)
    along = _along(eye, points, x0, y0, x1, y1) * inside
    upright = along * np.clip(depth / max(0.5 * float(depth.max()), 1e-6), 0, 1)
    across = points[eye.corners[1]] - points[eye.corners[0]]
    axis = across / max(float(np.linalg.norm(across)), 1e-6)
    sideways = shift @ axis * axis
    field[:, y0:y1, x0:x1] += np.multiply.outer(sideways, along) + np.multiply.outer(shift - sideways, upright)


def _opening(contour: Array, width: int, height: int) -> tuple[Array, Array]:
    """(H, W) 0..1 inside the lids, softened by a px; and px from there to the nearest lid."""
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(contour * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return cv2.blur(mask, (3, 3)).astype(np.float32) / 255, np.asarray(depth)


def _along(eye: Eye, points: Array, x0: int, y0: int, x1: int, y1: int) -> Array:
    """(H, W) 1 over the iris, falling to 0 at either corner."""
    center, rim = points[eye.iris[0]], points[eye.iris[1:]]
    radius = max(float(np.linalg.norm(rim - center, axis=1).mean()), 1.0)
    first, last = points[eye.corners]
    axis = (last - first) / max(float(np.linalg.norm(last - first)), 1e-6)
    place = ((np.arange(y0, y1) - center[1]) * axis[1])[:, None] + (np.arange(x0, x1) - center[0]) * axis[0]
    ways = (max(float(end), 1.3 * radius) for end in ((center - first) @ axis, (last - center) @ axis))
    before, after = ((way - 0.95 * radius) for way in ways)
    beyond = np.abs(place) - 0.95 * radius
    return np.asarray(1 - np.clip(beyond / np.where(place < 0, before, after), 0, 1), np.float32)
