"""Head pose by Procrustes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reenact.bundle import bundled, open_bundle
from reenact.faces.pose import canonical_face, degrees, head_pose, vertex_normals
from reenact.types import Array


@pytest.fixture(scope="module")
def canonical() -> Array:
    return canonical_face(open_bundle(bundled("engines", "faces")).arrays("geometry")["vertices"])


def about(axis: str, angle: float) -> Array:
    """(3, 3) rotation about x, y or z by degrees."""
    turn = np.zeros(3)
    turn["xyz".index(axis)] = np.radians(angle)
    return np.asarray(cv2.Rodrigues(turn)[0])


def test_a_posed_face_gives_its_pose_back(canonical: Array) -> None:
    turned = about("z", 30) @ about("y", 20) @ about("x", -12)
    seen = head_pose(7.5 * canonical @ turned.T + [300, 200, 10], canonical)
    np.testing.assert_allclose(seen.rotation, turned, atol=1e-9)
    np.testing.assert_allclose(seen.translation, [300, 200, 10], atol=1e-6)
    assert seen.scale == pytest.approx(7.5)


def test_an_open_mouth_is_no_pose(canonical: Array) -> None:
    shape = canonical.copy()
    below = shape[:, 1] > 3  # the lower face, y down
    shape[below, 1] += 2
    np.testing.assert_allclose(head_pose(shape, canonical).rotation, np.eye(3), atol=1e-9)


@pytest.mark.parametrize(("axis", "index", "sign"), [("y", 0, -1), ("x", 1, 1), ("z", 2, 1)])
def test_degrees_say_which_way_the_face_turns(axis: str, index: int, sign: int) -> None:
    """Yaw to the picture's right, pitch down, roll clockwise; y is down and z away, so yaw is about -y."""
    wanted = np.zeros(3)
    wanted[index] = 25
    np.testing.assert_allclose(degrees(about(axis, 25 * sign)), wanted, atol=1e-9)


def test_normals_point_out_of_the_face(canonical: Array) -> None:
    triangles = open_bundle(bundled("engines", "faces")).arrays("geometry")["triangles"]
    normals = vertex_normals(canonical, triangles)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)
    assert normals[4, 2] < -0.9  # the tip of the nose looks at the camera
    assert normals[234, 0] < -0.9  # the ear at the left of the picture looks left
