"""The arithmetic of a dense warp: where each pixel of the output lies in the avatar's picture.

A thin-plate spline runs backwards, from moved control points to where they are in the picture. It is solved here
(float64, small) and evaluated in the engine's graph on a grid of knots, which are as dense as the control points are,
and upsampled by two matrix products. Pure; coordinates are in any unit, as long as it is the same one.

Source: Bookstein, Principal warps: thin-plate splines and the decomposition of deformations, 1989.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.types import Array


@dataclass(frozen=True, slots=True)
class Spline:
    """f(p) = sum_i weights[i] * U(|p - centers[i]|) + [1, p] @ affine, with U(r) = r² log r²."""

    centers: Array
    """(N, 2)"""
    weights: Array
    """(N, 2)"""
    affine: Array
    """(3, 2)"""


@dataclass(frozen=True, slots=True)
class Knots:
    """Where the spline is evaluated along one axis, and how pixels are interpolated between."""

    positions: Array
    """(K,) ascending"""
    upsample: Array
    """(pixels, K): each row holds the two weights of linear interpolation."""


def fit(centers: Array, values: Array, stiffness: Array) -> Spline:
    """The smoothest map that takes (N, 2) centers near (N, 2) values; stiffness (N,) >= 0: how far a point may give."""
    count = len(centers)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(centers, centers) + np.diag(stiffness)
    system[:count, count], system[:count, count + 1 :] = 1, centers
    system[count:, :count] = system[:count, count:].T
    solved = np.linalg.solve(system, np.concatenate([values, np.zeros((3, 2))]))
    return Spline(centers, solved[:count], solved[count:])


def evaluate(spline: Spline, points: Array) -> Array:
    """(P, 2) points -> (P, 2) values: what the engine's graph does, for tests and small jobs."""
    homogeneous = np.column_stack([np.ones(len(points)), points])
    return np.asarray(_kernel(points, spline.centers) @ spline.weights + homogeneous @ spline.affine)


def knots(pixels: Array, busy: Array, count: int) -> Knots:
    """Spread `count` knots over ascending pixel positions (P,), half of them evenly, half where `busy` (N,) lies."""
    low, high = pixels[0], pixels[-1]
    even = np.linspace(low, high, count * 4)
    places = np.sort(np.concatenate([even, np.resize(np.clip(busy, low, high), count * 4)]))
    spread = np.interp(np.linspace(0, len(places) - 1, count), np.arange(len(places)), places)  # its quantiles
    positions = np.maximum.accumulate(spread + np.linspace(0, 1e-4, count) * (high - low) / count)
    return Knots(positions, _hats(pixels, positions))


def fade(positions: Array, width: float, *, start: bool, end: bool) -> Array:
    """1 inside, falling smoothly to 0 over `width` at the start and the end of the positions, where asked for."""
    inside = np.ones_like(positions)
    if start:
        inside = np.minimum(inside, (positions - positions[0]) / width)
    if end:
        inside = np.minimum(inside, (positions[-1] - positions) / width)
    return np.asarray(inside * inside * (3 - 2 * inside))


def _kernel(points: Array, centers: Array) -> Array:
    across, down = (points[:, None, axis] - centers[None, :, axis] for axis in (0, 1))
    squared = across * across + down * down
    return np.asarray(squared * np.log(squared + 1e-9))


def _hats(pixels: Array, positions: Array) -> Array:
    cell = np.clip(np.searchsorted(positions, pixels) - 1, 0, len(positions) - 2)
    right = (pixels - positions[cell]) / (positions[cell + 1] - positions[cell])
    rows = np.arange(len(pixels))
    hats = np.zeros((len(pixels), len(positions)), np.float32)
    hats[rows, cell], hats[rows, cell + 1] = 1 - right, right
    return hats
