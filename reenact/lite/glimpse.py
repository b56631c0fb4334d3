"""What landmarks do not tell of a mouth and two eyes: how light and how pale it is between lips, on them, between lids.

That says where teeth, tongue and darkness are, and where exactly lips and lids end. It is some 300 points, on grids
that go with lips and lids, against the skin of the same face: coarse, so that it says what a mouth does and not whose
it is. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from reenact.faces import mesh
from reenact.faces.mesh import Ids
from reenact.lite.features import EYES, span
from reenact.motion import placed, posed
from reenact.types import Array, Image, Motion

LIGHT, PALE, KNOWN = 0, 1, 2
"""Light: 0.5 is as light as the face's skin. Pale: green and blue against red, 0.5 is as pale as skin. Known: 0 outside
of the picture, and between lips too near each other to see anything. All 0..1, and 0 where nothing is known."""
FEATURES = 3
GAPING = 0.03
"""Lips (in parts of their width) between which something is plainly seen."""
BRIGHT = 0.6
"""Beyond this, lightness rises ever less: on dark skin teeth are many times as light."""
DARK = 12.0
"""Grey levels: in what is as dark as this no colour can be told."""
BLUR = 0.25
"""Of the distance of two columns: how far the picture is blurred before it is looked at."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns of points through contours, from the highest to the lowest."""

    contours: tuple[Ids, ...]
    """Each (C,) landmarks: of lips from left to right, of lids from the outer corner to the inner one."""
    steps: tuple[int, ...]
    """From each contour to the next."""
    pad: float
    """By so much of its width the grid reaches beyond the first and the last contour."""

    @property
    def rows(self) -> int:
        return sum(self.steps) + 1

    @property
    def columns(self) -> int:
        return len(self.contours[0])

    def lines(self, shape: Array) -> Array:
        """(contours, C, 3) canonical."""
        lines = np.stack([shape[contour] for contour in self.contours])
        reach = [0.0, self.pad * self.width(shape), 0.0]
        lines[0] -= reach
        lines[-1] += reach
        return lines

    def points(self, shape: Array) -> Array:
        """(rows * C, 3) canonical, row by row."""
        lines = self.lines(shape)
        at = np.interp(np.arange(self.rows), np.cumsum((0, *self.steps)), np.arange(len(lines)))
        above = np.minimum(at.astype(int), len(lines) - 2)
        part = (at - above)[:, None, None]
        return np.asarray((1 - part) * lines[above] + part * lines[above + 1]).reshape(-1, 3)

    def width(self, shape: Array) -> float:
        """Canonical units, between the corners."""
        return span(shape, self.contours[0][[0, -1]])


def _between(corners: Ids, upper: Ids, lower: Ids) -> tuple[Ids, Ids]:
    first, last = corners[:1], corners[1:]
    return np.concatenate([first, upper, last]), np.concatenate([first, lower, last])


_INNER = _between(mesh.MOUTH_CORNERS, mesh.LIP_UPPER, mesh.LIP_LOWER)
_OUTER = mesh.LIPS_OUTER[[0, *range(19, 9, -1)]], mesh.LIPS_OUTER[:11]
MOUTH = Grid((_OUTER[0], *_INNER, _OUTER[1]), (3, 7, 3), 0.05)
INSIDE = slice(MOUTH.steps[0] + 1, -MOUTH.steps[-1] - 1)
"""The rows of the mouth's grid that lie between the inner lips."""
LIDS = tuple(Grid(_between(eye.corners, eye.upper, eye.lower), (6,), 0.1) for eye in EYES)
GRIDS = (MOUTH, *LIDS)


def glimpse(image: Image, motion: Motion) -> Array:
    """(points, FEATURES) float32 0..1 of the face that shows a motion in a picture."""
    skin = _skin(image, motion)
    seen = [_seen(grid, image, motion, skin) for grid in GRIDS]
    seen[0][INSIDE] *= _parted(motion.shape)[:, None]
    return np.concatenate([one.reshape(-1, FEATURES) for one in seen])


def parts(seen: Array) -> Iterator[Array]:
    """(rows, columns, FEATURES) of each grid."""
    start = 0
    for grid in GRIDS:
        end = start + grid.rows * grid.columns
        yield seen[start:end].reshape(grid.rows, grid.columns, FEATURES)
        start = end


def spread(grid: Grid, seen: Array, lines: Array, side: int) -> Array:
    """(FEATURES, side, side) float32: a grid (rows, C, FEATURES) laid between lines (contours, C, 2) of region px."""
    planes = np.zeros((FEATURES, side, side), np.float32)
    (left, top), (right, bottom) = (np.clip(end, 0, side).astype(int) for end in _ends(lines))
    if left == right or top == bottom:
        return planes
    x, y = np.arange(left, right, dtype=float), np.arange(top, bottom, dtype=float)
    column = np.interp(x, _rising(lines[..., 0].mean(0)), np.arange(grid.columns), left=-1, right=grid.columns)
    row = _rows(grid, np.stack([np.interp(x, _rising(line[:, 0]), line[:, 1]) for line in lines]), y[:, None])
    maps = np.broadcast_to(column, row.shape).astype(np.float32), row.astype(np.float32)
    laid = cv2.remap(seen.astype(np.float32), *maps, cv2.INTER_LINEAR)
    planes[:, top:bottom, left:right] = laid.transpose(2, 0, 1)
    return planes


def _ends(lines: Array) -> tuple[Array, Array]:
    """(2,), (2,) the first px and the one after the last that lines (..., 2) may reach, with one more at each side."""
    points = lines.reshape(-1, 2)
    return np.floor(points.min(0)) - 1, np.ceil(points.max(0)) + 2


def _rows(grid: Grid, heights: Array, y: Array) -> Array:
    """(S, S) which row of the grid is at each px; -1 above it, one too many below it. heights: (contours, S)."""
    row = np.where(y < heights[0], -1.0, 0.0) + np.where(y > heights[-1], 1.0, 0.0)
    for steps, (top, bottom) in zip(grid.steps, pairwise(heights), strict=True):
        row = row + steps * np.clip((y - top) / np.maximum(bottom - top, 1e-3), 0, 1)
    return row


def _rising(x: Array) -> Array:
    return np.asarray(np.maximum.accumulate(x) + 1e-3 * np.arange(len(x)))


def _seen(grid: Grid, image: Image, motion: Motion, skin: Array) -> Array:
    """(rows, C, FEATURES)"""
    apart = grid.width(motion.shape) * motion.scale / (grid.columns - 1)
    px = placed(motion, grid.points(motion.shape))[:, :2]
    colours = _sampled(image, px, BLUR * apart)
    light = _limited((colours.mean(1) + DARK) / (skin.mean() + DARK) / 2)
    pale = np.clip(_paleness(colours) / _paleness(skin[None]) - 0.5, 0, 1)
    known = _within(image, px)
    planes = np.column_stack([light * known, pale * known, known])
    return planes.astype(np.float32).reshape(grid.rows, grid.columns, FEATURES)


def _limited(light: Array) -> Array:
    """0.. -> 0..1, the same up to BRIGHT."""
    over = np.maximum(light - BRIGHT, 0) / (1 - BRIGHT)
    return np.asarray(np.minimum(light, BRIGHT) + (1 - BRIGHT) * (1 - np.exp(-over)))


def _parted(shape: Array) -> Array:
    """(C,) float32 0..1: how far the inner lips are apart."""
    upper, lower = _INNER
    gaps = (shape[lower, 1] - shape[upper, 1]) / (GAPING * MOUTH.width(shape))
    return np.asarray(np.clip(gaps, 0, 1), np.float32)


def _skin(image: Image, motion: Motion) -> Array:
    """(3,) RGB of the cheeks, as far as they are in the picture."""
    cheeks = posed(motion)[mesh.CHEEKS, :2]
    seen = _within(image, cheeks)
    return np.asarray(np.median(_sampled(image, cheeks[seen] if seen.any() else cheeks, 0.0), axis=0))


def _within(image: Image, points: Array) -> npt.NDArray[np.bool_]:
    """(N,) whether points (N, 2) px are in the picture."""
    last = np.array([image.shape[1], image.shape[0]]) - 1
    return np.asarray(((points >= 0) & (points <= last)).all(1))


def _paleness(colours: Array) -> Array:
    """(N,) of (N, 3) RGB."""
    return np.asarray((colours[:, 1] + colours[:, 2] + 2 * DARK) / (2 * (colours[:, 0] + DARK)))


def _sampled(image: Image, points: Array, blur: float) -> Array:
    """(N, 3) RGB at points (N, 2) px; outside of the picture, that of its edge. blur: px."""
    size = np.array([image.shape[1], image.shape[0]])
    margin = 3 * blur + 2
    left, top = np.clip(np.floor(points.min(0) - margin), 0, size - 1).astype(int)
    right, bottom = np.clip(np.ceil(points.max(0) + margin), [left + 1, top + 1], size).astype(int)
    around = image[top:bottom, left:right]
    near = cv2.GaussianBlur(around, (0, 0), blur) if blur > 0 else around
    maps = (points - [left, top]).astype(np.float32)
    found = cv2.remap(near, maps[:, None, 0], maps[:, None, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[:, 0], np.float64)
