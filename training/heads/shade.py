"""What light does where no picture tells: colours, normals, and how much of the outside a point in a hollow sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.types import Array


@dataclass(frozen=True, slots=True)
class Colours:
    """Linear RGB, 0..1."""

    teeth: Array
    gums: Array
    tongue: Array
    lips: Array
    lashes: Array
    light: Array
    """What falls into the mouth."""


def triangles(quads: Array) -> Array:
    """(2 Q, 3)"""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def normals(points: Array, corners: Array) -> Array:
    """(V, 3) unit normals of (V, 3) points and (T, 3) triangles."""
    a, b, c = (points[corners[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    total = np.stack(
        [sum(np.bincount(corners[:, k], faces[:, axis], len(points)) for k in range(3)) for axis in range(3)], 1
    )
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def seen_through(opening: Array, points: Array, facing: Array) -> Array:
    """(V,) 0..1: the light that falls through an opening (R, 3) onto points with normals `facing` (V, 3).

    Lambert's formula for a polygon of even brightness, its absolute value: the opening may wind either way.
    """
    rays = opening[None] - points[:, None]
    rays = rays / np.maximum(np.linalg.norm(rays, axis=2, keepdims=True), 1e-9)
    after = np.roll(rays, -1, 1)
    across = np.cross(rays, after)
    length = np.linalg.norm(across, axis=2, keepdims=True)
    angle = np.arctan2(length[..., 0], (rays * after).sum(2))
    flux = (angle[..., None] * across / np.maximum(length, 1e-9)).sum(1) / (2 * np.pi)
    straight = np.linalg.norm(flux, axis=1)  # were the point to face the opening
    toward = np.abs((flux * facing).sum(1)) * ((opening.mean(0) - points) * facing).sum(1).clip(0).astype(bool)
    return (0.5 * straight + 0.5 * toward).clip(0, 1)
