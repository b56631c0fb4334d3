"""Where the regions of a face are, and what is where in them, on a real picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reenact.faces import mesh
from reenact.lite import LiteEngine
from reenact.lite.appearance import Appearance
from reenact.lite.drawing import region_tensors
from reenact.lite.features import EYES
from reenact.lite.regions import MOUTH_SIDE, eye_squares, mouth_marks, mouth_square
from reenact.motion import posed
from reenact.recording import Recording
from reenact.types import Array, Avatar, Motion
from tests.lite.test_engine import acting, turned

ORIGIN = np.zeros(2)


@pytest.fixture(scope="module")
def speaking(engine: LiteEngine, avatar: Avatar) -> Motion:
    return acting(engine, avatar, jawOpen=0.6)


def leaning(motion: Motion, degrees: float) -> Motion:
    angle = np.radians(degrees)
    lean = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return replace(motion, rotation=lean @ motion.rotation)


def test_the_mouth_lies_in_its_square_however_the_head_is_held(avatar: Avatar, speaking: Motion) -> None:
    for motion in (avatar.motion, speaking, turned(speaking, 30), leaning(speaking, 80)):
        lips = mouth_square(avatar.motion, motion, ORIGIN).inside(posed(motion)[mesh.LIPS_OUTER, :2])
        assert np.abs(lips).max() < 0.9
        left, right = lips[0], lips[10]
        assert right[0] - left[0] > 0.4
        assert abs(right[1] - left[1]) < 0.2  # upright in the square


def test_the_right_eye_looks_like_a_left_one(avatar: Avatar) -> None:
    points = posed(avatar.motion)[:, :2]
    for eye, square in zip(EYES, eye_squares(avatar.motion, avatar.motion, ORIGIN), strict=True):
        outer, inner = square.inside(points[eye.corners])
        assert outer[0] < -0.2
        assert inner[0] > 0.2
        brow, lid = square.inside(points[eye.brow]), square.inside(points[eye.lower])
        assert brow[:, 1].mean() < lid[:, 1].mean()


def test_marks_say_how_open_the_mouth_is(avatar: Avatar, speaking: Motion) -> None:
    def inside(motion: Motion) -> Array:
        return mouth_marks(avatar.motion, motion, ORIGIN, mouth_square(avatar.motion, motion, ORIGIN))

    shut, wide = inside(avatar.motion), inside(speaking)
    assert shut.shape == (4, MOUTH_SIDE, MOUTH_SIDE)
    assert shut[0].mean() < 0.01
    assert wide[0].mean() > 0.03
    assert wide[2].sum() > 0.5 * wide[0].sum()  # hopper's lips touch: the picture shows none of the inside
    assert (wide[0] * wide[1]).max() <= 0.5  # lips and inside share no more than an edge


def test_a_face_at_rest_is_not_painted(avatar: Avatar, speaking: Motion) -> None:
    look = avatar.appearance
    assert isinstance(look, Appearance)
    assert region_tensors(look, avatar.motion)["mouth_strength"].max() == 0
    assert region_tensors(look, avatar.motion)["eyes_strength"].max() == 0
    given = region_tensors(look, speaking)
    assert given["mouth_strength"][0, 0][given["mouth_marks"][0, 0] > 0.5].min() == 1


def window_of(given: dict[str, Array], name: str) -> tuple[int, int]:
    return given[f"{name}_down"].shape[1], given[f"{name}_across"].shape[1]


def test_the_size_of_a_window_hardly_ever_changes(engine: LiteEngine, avatar: Avatar, performance: Recording) -> None:
    """And it always holds the region: a runtime is fastest at sizes that it has seen."""
    look = avatar.appearance
    assert isinstance(look, Appearance)
    origin, sizes = np.array([look.stage.left, look.stage.top]), set()
    for motion in performance.motions[::5]:
        moved = engine.transfer(avatar.motion, motion, performance.motions[0])
        given = region_tensors(look, moved)
        sizes.add(window_of(given, "mouth"))
        corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) @ mouth_square(avatar.motion, moved, origin).axes.T
        assert min(window_of(given, "mouth")) >= np.ptp(corners, axis=0).max()
    assert len(sizes) <= 3


def test_windows_stay_on_the_stage_wherever_the_head_goes(avatar: Avatar, speaking: Motion) -> None:
    look = avatar.appearance
    assert isinstance(look, Appearance)
    size = np.array([look.stage.height, look.stage.width])
    for shift in ([0, 0, 0], [-400, 0, 0], [900, 0, 0], [0, 900, 0], [0, -700, 0]):
        moved = replace(speaking, translation=speaking.translation + shift)
        for name in ("mouth", "eyes"):
            given = region_tensors(look, moved)
            corners, window = given[f"{name}_corner"], np.array(window_of(given, name))
            assert (corners >= 0).all()
            assert (corners + window <= size).all()


def test_a_window_knows_where_its_pixels_lie_in_the_region(avatar: Avatar, speaking: Motion) -> None:
    look = avatar.appearance
    assert isinstance(look, Appearance)
    given = region_tensors(look, speaking)
    origin = np.array([look.stage.left, look.stage.top])
    square = mouth_square(avatar.motion, speaking, origin)
    row, column = 7, 11
    here = given["mouth_corner"][0] + [row, column]
    lies = given["mouth_down"][0, row] + given["mouth_across"][0, column]
    assert lies == pytest.approx(square.inside(here[None, ::-1])[0], abs=1e-4)
    middle = given["mouth_place"][0] @ [0, 0, 1]
    size = np.array([look.stage.width, look.stage.height])
    assert (middle + 1) / 2 * size - 0.5 == pytest.approx(square.center, abs=1e-3)
