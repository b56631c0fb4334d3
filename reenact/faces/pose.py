"""Head pose: the similarity that lays the canonical face onto the landmarks.

Axes are the image's: x right, y down, z away from the camera. Weak perspective: depth has the scale of width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.types import LANDMARKS, Array

RIGID = {
    **dict.fromkeys((10, 151, 109, 338, 67, 297, 103, 332, 54, 284), 1.0),  # forehead
    **dict.fromkeys((168, 6, 197, 195), 2.0),  # bridge of the nose
    **dict.fromkeys((21, 251, 162, 389, 127, 356, 234, 454), 1.0),  # temples, ears
    **dict.fromkeys((33, 263, 133, 362), 2.0),  # eye corners
}
"""Landmark -> weight: where bone lies under the skin, so that expressions do not pass for pose."""


@dataclass(frozen=True, slots=True)
class Pose:
    """points = scale * canonical @ rotation.T + translation"""

    rotation: Array
    """(3, 3)"""
    scale: float
    """px per canonical unit (cm)."""
    translation: Array
    """(3,) px"""


def canonical_face(vertices: Array) -> Array:
    """MediaPipe's canonical mesh (468, 3), y up and z towards the viewer -> (478, 3), cm, image axes, irises added."""
    skin = np.asarray(vertices, np.float64) * [1, -1, -1]
    irises = [_iris(skin, inner, outer) for inner, outer in ((133, 33), (362, 263))]
    face = np.concatenate([skin, *irises])
    assert face.shape == (LANDMARKS, 3)
    return face


def vertex_normals(shape: Array, triangles: Array) -> Array:
    """(478, 3) unit normals, outwards, of a face (478, 3) with (T, 3) triangles; irises face the viewer."""
    ids = triangles.astype(np.intp)
    corners = shape[ids]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(shape)
    for corner in range(3):
        np.add.at(normals, ids[:, corner], faces)
    normals[np.linalg.norm(normals, axis=1) == 0] = [0, 0, -1]
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def head_pose(landmarks: Array, canonical: Array) -> Pose:
    """Weighted similarity Procrustes on the rigid points. landmarks, canonical: (478, 3).

    Source: Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991.
    """
    ids, weights = np.array(list(RIGID)), np.array(list(RIGID.values()))
    return similarity(canonical[ids], landmarks[ids], weights / weights.sum())


def similarity(source: Array, target: Array, weights: Array) -> Pose:
    """The similarity that takes (N, 3) source nearest to target; weights (N,) sum to 1."""
    from_mean, to_mean = weights @ source, weights @ target
    centred = source - from_mean
    u, stretch, vt = np.linalg.svd((target - to_mean).T @ (centred * weights[:, None]))
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * flip) @ vt
    scale = float((stretch * flip).sum() / (weights @ (centred**2).sum(1)))
    return Pose(rotation, scale, to_mean - scale * rotation @ from_mean)


def degrees(rotation: Array) -> tuple[float, float, float]:
    """Yaw (positive: the face turns to the picture's right), pitch (positive: down), roll (positive: clockwise)."""
    forward = -rotation[:, 2]
    yaw = np.arctan2(forward[0], -forward[2])
    pitch = np.arctan2(forward[1], np.hypot(forward[0], forward[2]))
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def _iris(skin: Array, inner: int, outer: int) -> Array:
    """(5, 3) centre, then four rim points 0.58 cm (the human iris) around the middle of an eye."""
    middle = (skin[inner] + skin[outer]) / 2
    rim = 0.58 * np.array([[0, 0, 0], [1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 1, 0]])
    return np.asarray(middle + rim)
