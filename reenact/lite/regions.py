"""The regions of a face that a generator paints: where they are in a frame, and what is where in them. Pure.

A region is a square that goes with the head, upright as the head is. Its own coordinates go from -1 to 1, x right and
y down; the right eye's is mirrored, so that both eyes look like left ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from reenact.faces import mesh
from reenact.lite import mouth
from reenact.lite.features import EYES, Eye, eye_distance, eye_height, mouth_gap, span
from reenact.lite.glimpse import FEATURES, GRIDS, Grid, parts, spread
from reenact.motion import placed, posed
from reenact.types import Array, Motion

MOUTH_SIDE, EYE_SIDE = 128, 64
"""px of a region."""
MOUTH_REACH, EYE_REACH = 1.25, 0.6
"""Sides of the regions, in parts of the distance between the outer eye corners."""
STEP = 0.25
"""The window of a region has a side of a multiple of this part of the region's own at rest: its size hardly ever
changes, and runtimes are fastest at sizes that they know.
"""
MOVED = (0.02, 0.1)
"""Lips or lids that have moved from rest by less than this part of their width are left as they are; by more than
that, the painting counts whole. At rest the picture is itself."""
NEAR = 0.2
"""A painting counts whole over the mouth or the eye, and fades over this part of the region's side around it: skin that
is farther away is drawn better by the warp.
"""
SUBPIXEL = 4
"""Bits of precision in the drawn contours."""


_LIPS = np.union1d(mesh.LIPS_OUTER, mesh.LIPS_INNER)


@dataclass(frozen=True, slots=True)
class Square:
    """Where a region is."""

    center: Array
    """(2,) stage px"""
    axes: Array
    """(2, 2) the region's x and y axis as columns, of one length and at a right angle: stage px per unit."""

    @property
    def inverse(self) -> Array:
        """(2, 2) units per stage px."""
        return np.asarray(self.axes.T / (self.axes[:, 0] @ self.axes[:, 0]))

    def inside(self, points: Array) -> Array:
        """(..., 2) stage px -> the region's coordinates."""
        return np.asarray((points - self.center) @ self.inverse.T)

    def px(self, points: Array, side: int) -> Array:
        """(..., 2) stage px -> px of the region that is `side` px wide."""
        return (self.inside(points) + 1) * (side / 2) - 0.5


def mouth_square(rest: Motion, motion: Motion, origin: Array) -> Square:
    """Around the lips. origin: (2,) frame px of the stage's corner."""
    return _square(rest, motion, mesh.LIPS_OUTER, MOUTH_REACH, origin)


def eye_squares(rest: Motion, motion: Motion, origin: Array) -> tuple[Square, Square]:
    """Around the left eye, and around the right one, mirrored."""
    left, right = (_square(rest, motion, eye.corners, EYE_REACH, origin) for eye in EYES)
    return left, Square(right.center, right.axes * [-1, 1])


def tensors(rest: Motion, motion: Motion, origin: Array, size: tuple[int, int]) -> dict[str, Array]:
    """What the graph needs to know of the regions. size: (width, height) px of the stage."""
    around, pair = mouth_square(rest, motion, origin), eye_squares(rest, motion, origin)
    lips = mouth_marks(rest, motion, origin, around)
    eyes = [eye_marks(eye, rest, motion, origin, square) for eye, square in zip(EYES, pair, strict=True)]
    shown, *looks = glimpses(motion, origin, (around, *pair))
    awake = [_moved(rest, motion, np.concatenate([eye.upper, eye.lower, eye.iris[:1]]), eye.corners) for eye in EYES]
    return {
        **_places("mouth", [around], motion.scale / rest.scale, size),
        "mouth_marks": np.concatenate([lips, shown])[None],
        "mouth_strength": _moved(rest, motion, _LIPS, mesh.MOUTH_CORNERS) * _near(lips)[None],
        **_places("eyes", pair, motion.scale / rest.scale, size),
        "eyes_marks": np.stack([np.concatenate(planes) for planes in zip(eyes, looks, strict=True)]),
        "eyes_strength": np.stack([moved * _near(marks) for moved, marks in zip(awake, eyes, strict=True)]),
    }


def mouth_marks(rest: Motion, motion: Motion, origin: Array, square: Square) -> Array:
    """(4, R, R) float32 0..1: inside of the mouth, lips, what of the inside the picture does not show, and all over
    how open the picture's mouth is.
    """
    lips = posed(motion)[:, :2] - origin
    outer, inner = (_filled(square, lips[ring], MOUTH_SIDE) for ring in (mesh.LIPS_OUTER, mesh.LIPS_INNER))
    hole = _filled(square, mouth.hole(rest, motion) - origin, MOUTH_SIDE) * mouth.darkness(rest, motion)
    own = np.full_like(inner, min(mouth_gap(rest.shape), 1))
    return np.stack([inner, np.clip(outer - inner, 0, 1), hole, own]).astype(np.float32)


def eye_marks(eye: Eye, rest: Motion, motion: Motion, origin: Array, square: Square) -> Array:
    """(4, R, R) float32 0..1: between the lids, iris, folds around, and all over how open the picture's eye is (in
    parts of its width).
    """
    points = posed(motion)[:, :2] - origin
    folds = np.asarray(cv2.convexHull(points[eye.folds].astype(np.float32))[:, 0], float)
    contours = (points[eye.outline], _disc(points[eye.iris]), folds)
    between, iris, around = (_filled(square, contour, EYE_SIDE) for contour in contours)
    shape = rest.shape
    own = np.full_like(between, min(eye_height(shape, eye) / span(shape, eye.corners), 1))
    return np.stack([between, iris * between, np.clip(around - between, 0, 1), own]).astype(np.float32)


def glimpses(motion: Motion, origin: Array, squares: Sequence[Square]) -> list[Array]:
    """(FEATURES, R, R) float32 0..1 for the mouth and each eye: what the actor shows there; 0 where it is not known."""
    sides = (MOUTH_SIDE, EYE_SIDE, EYE_SIDE)
    if motion.glimpse is None:
        return [np.zeros((FEATURES, side, side), np.float32) for side in sides]
    laid = zip(GRIDS, parts(motion.glimpse), squares, sides, strict=True)
    return [_laid(motion, origin, *one) for one in laid]


def _laid(motion: Motion, origin: Array, grid: Grid, seen: Array, square: Square, side: int) -> Array:
    lines = placed(motion, grid.lines(motion.shape))[..., :2] - origin
    return spread(grid, seen, square.px(lines, side), side)


def _disc(iris: Array) -> Array:
    """(16, 2) the outline of an iris: its center and four points of its rim."""
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    radius = np.linalg.norm(iris[1:] - iris[0], axis=1).mean()
    return np.asarray(iris[0] + radius * np.column_stack([np.cos(angles), np.sin(angles)]))


def _moved(rest: Motion, motion: Motion, points: mesh.Ids, corners: mesh.Ids) -> np.float32:
    """0..1: how far points have moved from rest, in parts of the distance between two corners."""
    own, now = (m.shape for m in (rest, motion))
    way = np.linalg.norm((now - own)[points, :2], axis=1).max() / span(own, corners)
    return np.float32(np.clip((way - MOVED[0]) / (MOVED[1] - MOVED[0]), 0, 1))


def _near(marks: Array) -> Array:
    """(1, R, R) float32: 1 on what is marked (4, R, R), fading to 0 around it."""
    marked = marks[:3].max(0)
    reach = int(NEAR * len(marked)) | 1
    wide = cv2.dilate(marked, np.ones((reach, reach), np.uint8))
    return np.asarray(cv2.blur(wide, (reach, reach)), np.float32)[None]


def _square(rest: Motion, motion: Motion, around: mesh.Ids, reach: float, origin: Array) -> Square:
    shape = rest.shape
    apart = eye_distance(shape) * motion.scale
    down = motion.rotation[:2, 1] / max(float(np.linalg.norm(motion.rotation[:2, 1])), 1e-6)
    axes = np.array([[down[1], down[0]], [-down[0], down[1]]]) * (reach * apart / 2)
    return Square(posed(motion)[around, :2].mean(0) - origin, axes)


def _places(name: str, squares: Sequence[Square], scale: float, size: tuple[int, int]) -> dict[str, Array]:
    """The tensors that say where regions are. scale: by how much the head is larger than at rest."""
    side = _window(squares[0], scale, size)
    corners = [_corner(square, side, size) for square in squares]
    sides = [_sides(square, corner, side) for square, corner in zip(squares, corners, strict=True)]
    return {
        f"{name}_place": np.stack([place(square, size) for square in squares]).astype(np.float32),
        f"{name}_down": np.stack([down for down, _ in sides]).astype(np.float32),
        f"{name}_across": np.stack([across for _, across in sides]).astype(np.float32),
        f"{name}_corner": np.stack(corners)[:, ::-1].astype(np.int64),
    }


def place(square: Square, size: tuple[int, int]) -> Array:
    """(2, 3) the region's -1..1 -> the stage's -1..1, for GridSample."""
    scale = 2 / np.array(size)
    return np.column_stack([square.axes * scale[:, None], (square.center + 0.5) * scale - 1])


def _window(square: Square, scale: float, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a window that holds the square (all of a kind are of one size), on a stage of that size."""
    step = max(round(2 * STEP * float(np.linalg.norm(square.axes[:, 0])) / scale), 1)
    reach = float(np.abs(square.axes).sum(1).max())
    side = -(-int(2 * reach + 2) // step) * step
    return min(side, size[0]), min(side, size[1])


def _corner(square: Square, side: tuple[int, int], size: tuple[int, int]) -> Array:
    """(2,) x, y of the window's first px."""
    first = np.floor(square.center - np.array(side) / 2).astype(int)
    return np.asarray(np.clip(first, 0, np.array(size) - side))


def _sides(square: Square, corner: Array, side: tuple[int, int]) -> tuple[Array, Array]:
    """(P, 2), (Q, 2) of a window's rows and columns: added up, the region's coordinates of each px."""
    across = np.outer(np.arange(side[0]) + corner[0] - square.center[0], square.inverse[:, 0])
    down = np.outer(np.arange(side[1]) + corner[1] - square.center[1], square.inverse[:, 1])
    return down, across


def _filled(square: Square, contour: Array, side: int) -> Array:
    """(side, side) 0..1: inside of a contour (N, 2) in stage px, drawn in the region."""
    px = square.px(contour, side)
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.rint(px * (1 << SUBPIXEL)).astype(np.int32)], 255, cv2.LINE_AA, SUBPIXEL)
    return mask.astype(np.float32) / 255
