"""Faces are found in pictures: upright, lying, half covered, small, several."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reenact.errors import NoFaceError
from reenact.faces import Finder
from reenact.faces.landmarks import inter_ocular
from reenact.types import Array, Image


def error(seen: Array, wanted: Array) -> float:
    """Mean distance of landmarks, parts of the inter-ocular distance."""
    return float(np.linalg.norm(seen[:, :2] - wanted[:, :2], axis=1).mean()) / inter_ocular(wanted)


def test_the_face_of_each_example_is_found(finder: Finder, pictures: dict[str, Image]) -> None:
    for name, picture in pictures.items():
        faces = finder(picture)
        assert len(faces) == 1, name
        assert faces[0].score > 0.9, name
        assert faces[0].landmarks.shape == (478, 3)


@pytest.mark.parametrize("quarter", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180])
def test_a_head_on_its_side_has_the_landmarks_of_the_upright_one(finder: Finder, hopper: Image, quarter: int) -> None:
    height, width = hopper.shape[:2]
    upright = finder.only(hopper).landmarks
    turned = finder.only(np.ascontiguousarray(cv2.rotate(hopper, quarter))).landmarks
    x, y = turned[:, 0], turned[:, 1]
    back = {
        cv2.ROTATE_90_CLOCKWISE: np.column_stack([y, height - 1 - x]),
        cv2.ROTATE_90_COUNTERCLOCKWISE: np.column_stack([width - 1 - y, x]),
        cv2.ROTATE_180: np.column_stack([width - 1 - x, height - 1 - y]),
    }
    assert error(back[quarter], upright) < 0.03


def test_a_half_covered_face_is_found_where_it_is(finder: Finder, hopper: Image) -> None:
    whole = finder.only(hopper)
    covered = hopper.copy()
    x0, y0, x1, y1 = whole.box.astype(int)
    covered[y0 + (y1 - y0) * 6 // 10 : y1 + 10, x0 - 10 : x1 + 10] = (40, 90, 160)  # as a mask would: nose down
    assert error(finder.only(covered).landmarks, whole.landmarks) < 0.12


def test_a_small_far_face_is_found(finder: Finder, hopper: Image) -> None:
    scene = np.full((720, 1280, 3), 120, np.uint8)
    small = cv2.resize(hopper, (102, 120), interpolation=cv2.INTER_AREA)  # the face is some 40 px tall
    scene[300:420, 900:1002] = small
    face = finder.only(scene)
    assert 900 < face.box[0] < face.box[2] < 1002
    assert 300 < face.box[1] < face.box[3] < 420


def test_of_several_faces_the_largest_comes_first(finder: Finder, hopper: Image) -> None:
    scene = np.full((600, 900, 3), 90, np.uint8)
    scene[:, :512] = hopper
    scene[200:434, 600:800] = cv2.resize(hopper, (200, 234), interpolation=cv2.INTER_AREA)
    faces = finder(scene)
    assert len(faces) == 2
    assert faces[0].box[2] < 512 < faces[1].box[0]


def test_no_face_is_an_error_that_says_what_to_do(finder: Finder) -> None:
    with pytest.raises(NoFaceError, match="--face-box"):
        finder.only(np.full((300, 300, 3), 128, np.uint8))


def test_a_face_box_finds_a_face_that_the_detectors_miss(finder: Finder, hopper: Image) -> None:
    whole = finder.only(hopper)
    noise = np.random.default_rng(0).normal(100, 60, hopper.shape)
    faint = np.clip(hopper * 0.25 + noise, 0, 255).astype(np.uint8)
    assert finder(faint) == []
    face = finder.only(faint, box=whole.box + [-8, 5, 12, -6])
    assert error(face.landmarks, whole.landmarks) < 0.1


def test_a_face_box_outside_the_picture_is_refused(finder: Finder, hopper: Image) -> None:
    with pytest.raises(NoFaceError, match="512 x 600"):
        finder.only(hopper, box=np.array([900.0, 0.0, 1000.0, 100.0]))


def test_a_face_box_around_no_face_is_refused(finder: Finder, hopper: Image) -> None:
    with pytest.raises(NoFaceError, match="--face-box"):
        finder.only(hopper, box=np.array([0.0, 300.0, 200.0, 600.0]))


@pytest.mark.parametrize("name", ["hopper", "collins", "tanguy"])
def test_a_head_upside_down_is_no_upright_face(finder: Finder, pictures: dict[str, Image], name: str) -> None:
    """The detectors find something upright in it too, less surely."""
    over = finder(np.ascontiguousarray(pictures[name][::-1, ::-1]))[0].landmarks
    eyes, mouth = over[[33, 263], 1].mean(), over[[61, 291], 1].mean()
    assert eyes > mouth
