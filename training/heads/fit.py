"""Lays a head under a portrait: which place of the mesh each landmark is, and the warp that brings them together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from reenact.faces.mesh import (
    LEFT_CORNERS,
    LEFT_IRIS,
    LEFT_LID_LOWER,
    LEFT_LID_UPPER,
    LIPS_INNER,
    RIGHT_CORNERS,
    RIGHT_IRIS,
    RIGHT_LID_LOWER,
    RIGHT_LID_UPPER,
)
from reenact.faces.pose import RIGID, Pose, similarity
from reenact.types import Array
from training.heads.mesh import Anatomy

LEFT_RIM = np.concatenate([LEFT_LID_UPPER, LEFT_LID_LOWER, LEFT_CORNERS])
RIGHT_RIM = np.concatenate([RIGHT_LID_UPPER, RIGHT_LID_LOWER, RIGHT_CORNERS])
SKIN = np.arange(468)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the 468 skin landmarks lie on the skin: three vertices each, and their weights."""

    ids: Array
    weights: Array

    def __call__(self, skin: Array) -> Array:
        """(468, 3)"""
        return (skin[self.ids] * self.weights[..., None]).sum(1)


def places(anatomy: Anatomy, skin: Array, facing: Array, seen: Array, opened: Array, seen_open: Array) -> Places:
    """From landmarks (478, 2) that the tracker saw on a neutral head's picture and on the same with its mouth open.

    skin, opened: (V, 3) px of those pictures; facing: (V, 3) normals. The rims of mouth and eyes are the mesh's own.
    """
    ids, weights = _nearest(skin, np.flatnonzero(facing[:, 2] < -0.1), seen[SKIN])
    for cavity, landmarks, where, shape in (
        (anatomy.mouth, LIPS_INNER, seen_open, opened),
        (anatomy.sockets[0], LEFT_RIM, seen, skin),
        (anatomy.sockets[1], RIGHT_RIM, seen, skin),
    ):
        ids[landmarks], weights[landmarks] = _nearest(shape, cavity.ring, where[landmarks])
    return Places(ids, weights)


def _nearest(points: Array, among: Array, wanted: Array) -> tuple[Array, Array]:
    distance, index = cKDTree(points[among, :2]).query(wanted[:, :2], k=3)
    weights = 1 / (distance + 0.1) ** 2
    return among[index], weights / weights.sum(1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Fit:
    """From a head's cm to the portrait's px."""

    pose: Pose
    bend: RBFInterpolator
    """Posed px -> (x, y) px to add: the skin."""
    stretch: Array
    """(4, 2): the same as one affine, for what is not skin."""

    def posed(self, points: Array) -> Array:
        return self.pose.scale * points @ self.pose.rotation.T + self.pose.translation

    def turned(self, offsets: Array) -> Array:
        """Movements, cm -> px."""
        return self.pose.scale * offsets @ self.pose.rotation.T

    def skin(self, points: Array) -> Array:
        posed = self.posed(points)
        return posed + np.pad(self.bend(posed), ((0, 0), (0, 1)))

    def inner(self, points: Array) -> Array:
        posed = self.posed(points)
        return posed + np.pad(np.pad(posed, ((0, 0), (0, 1)), constant_values=1.0) @ self.stretch, ((0, 0), (0, 1)))


def fitted(head: Array, landmarks: Array, *, near: Array) -> Fit:
    """A head whose landmarks are at (468, 3) cm under a portrait's (478, 3) px; `near` are the landmarks that count for
    the affine."""
    ids, weights = np.array(list(RIGID)), np.array(list(RIGID.values()))
    pose = similarity(head[ids], landmarks[ids], weights / weights.sum())
    posed = pose.scale * head @ pose.rotation.T + pose.translation
    missing = (landmarks[SKIN] - posed)[:, :2]
    bend = RBFInterpolator(posed, missing, kernel="linear", smoothing=1.0, degree=1)
    plane = np.pad(posed, ((0, 0), (0, 1)), constant_values=1.0)[near]
    plane[:, 2] = posed[near, 2].mean()
    ridge = np.diag([1.0, 1.0, 1e9, 0.0])
    stretch = np.linalg.solve(plane.T @ plane + ridge, plane.T @ missing[near])
    return Fit(pose, bend, stretch)


def iris_radius(landmarks: Array) -> float:
    """px"""
    return float(
        np.mean(
            [
                np.linalg.norm(landmarks[iris[1:], :2] - landmarks[iris[0], :2], axis=1).mean()
                for iris in (LEFT_IRIS, RIGHT_IRIS)
            ]
        )
    )
