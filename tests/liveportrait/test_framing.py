"""The squares that the networks look at: upright with the face, steady, and found again."""

from __future__ import annotations

import numpy as np
import pytest

from reenact.crop import apply, to_image
from reenact.faces import Finder
from reenact.liveportrait import framing
from reenact.liveportrait.framing import Follower, Outline, face_square, seen
from reenact.liveportrait.window import soft_square, window
from reenact.types import Array, Image


@pytest.fixture(scope="module")
def landmarks(finder: Finder, hopper: Image) -> Array:
    return finder.only(hopper).landmarks[:, :2]


def turned(points: Array, degrees: float) -> Array:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return points @ np.array([[cos, sin], [-sin, cos]]) + [700, 300]


def test_the_square_turns_and_grows_with_the_face(landmarks: Array) -> None:
    plain = face_square(seen(landmarks), *framing.AVATAR)
    other = face_square(seen(2 * turned(landmarks, 30)), *framing.AVATAR)
    assert np.degrees(other.angle - plain.angle) == pytest.approx(30)
    assert other.size[0] == pytest.approx(2 * plain.size[0])
    np.testing.assert_allclose(other.center, 2 * turned(plain.center[None], 30)[0])


def test_the_face_stands_upright_in_its_square(landmarks: Array) -> None:
    outline = seen(turned(landmarks, -40))
    affine = to_image(face_square(outline, *framing.AVATAR), 512, 512)
    back = np.linalg.inv(np.vstack([affine, [0, 0, 1]]))[:2]
    eyes, mouth = apply(back, np.stack([outline.eyes, outline.mouth]))
    assert eyes[0] == pytest.approx(mouth[0])
    assert 150 < eyes[1] < mouth[1] < 400


def test_the_forehead_is_no_part_of_the_outline(landmarks: Array) -> None:
    lifted = landmarks.copy()
    lifted[[10, 67, 109, 338, 297]] -= [0, 100]
    np.testing.assert_array_equal(
        face_square(seen(lifted), *framing.ACTOR).center, face_square(seen(landmarks), *framing.ACTOR).center
    )


def test_openness_is_height_in_parts_of_the_width() -> None:
    points = np.zeros((478, 2))
    points[[33, 159, 133, 145]] = [0, 0], [5, -2], [10, 0], [5, 2]
    points[[362, 386, 263, 374]] = [0, 0], [5, -1], [10, 0], [5, 0]
    points[[61, 13, 291, 14]] = [0, 0], [10, 0], [20, 0], [10, 10]
    np.testing.assert_allclose(framing.openness(points), [0.4, 0.1, 0.5], atol=1e-6)


def test_the_actors_box_does_not_tremble_with_the_face(landmarks: Array) -> None:
    follow, rng = Follower(), np.random.default_rng(0)
    boxes = [follow(landmarks + rng.normal(0, 4, 2)) for _ in range(20)]
    centers = np.array([box.center for box in boxes])
    assert np.abs(np.diff(centers, axis=0)).max() < 0.3
    assert boxes[0] is follow.first


def test_a_face_that_comes_back_elsewhere_is_seen_at_once(landmarks: Array) -> None:
    follow = Follower()
    first, there = follow(landmarks), follow(landmarks * 1.5 + 800)
    wanted = face_square(seen(landmarks * 1.5 + 800), *framing.ACTOR)
    np.testing.assert_allclose(there.center, wanted.center)
    assert there.side == pytest.approx(wanted.size[0])
    assert follow.first is first


def test_the_driving_square_follows_the_reference_rule() -> None:
    marks = np.array([[0.0, 0.0], [100, 0], [50, 60], [20, 100], [80, 100]])
    square = face_square(Outline(marks, marks[:2].mean(0), marks[3:].mean(0)), *framing.ACTOR)
    assert square.size[0] == pytest.approx(220)
    np.testing.assert_allclose(square.center, [50, 50 - 0.1 * 220])


def test_outside_the_square_the_picture_stays_and_inside_it_is_the_drawn(hopper: Image) -> None:
    affine = np.array([[0.5, 0.1, 100], [-0.1, 0.5, 150]])
    place = window(hopper, affine, soft_square(512))
    drawn = np.full((512, 512, 3), 77, np.uint8)
    left, top = place.still.to_frame[:, 2].astype(int)
    out = place(drawn)
    np.testing.assert_array_equal(out[place.mask[..., 0] == 0], place.still.image[place.mask[..., 0] == 0])
    assert set(out[place.mask[..., 0] == 1].ravel()) == {77}
    np.testing.assert_array_equal(hopper[top : top + len(out), left : left + out.shape[1]], place.still.image)


def test_a_square_that_leaves_the_picture_is_cut_at_its_edge(hopper: Image) -> None:
    place = window(hopper, np.array([[1.0, 0, -200], [0, 1, -100]]), soft_square(512))
    assert place(np.zeros((512, 512, 3), np.uint8)).shape == (413, 313, 3)


def test_the_soft_edge_is_a_thirty_second_of_the_side() -> None:
    mask = soft_square(512)
    assert mask[256, 0] == 0
    assert mask[256, 8] == 127
    assert mask[256, 16] == mask[256, 496] == 255
    assert mask[256, 504] == 127
