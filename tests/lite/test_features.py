"""Lids, lips and brows in proportion to the face that wears them; shapes of real faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reenact.faces import Finder, mesh
from reenact.faces.blendshapes import NAMES
from reenact.lite import LiteEngine
from reenact.lite.features import (
    EYES,
    LOOK,
    PLAIN,
    STRETCH,
    eye_height,
    mouth_gap,
    mouth_width,
    retarget,
    span,
    with_lips_of,
)
from reenact.types import Array, Avatar, Image

Faces = dict[str, Array]


@pytest.fixture(scope="module")
def shapes(engine: LiteEngine, finder: Finder, pictures: dict[str, Image]) -> Faces:
    """Canonical shapes (478, 3) of the bundled pictures."""
    seen = {}
    for name, picture in pictures.items():
        motion = engine.motion(picture, finder.only(picture))
        seen[name] = motion.shape
    return seen


def wearing(engine: LiteEngine, **worn: float) -> Array:
    """(478, 3) the mean face with blendshapes."""
    return engine.mean_face(np.array([worn.get(name, 0.0) for name in NAMES]))


def shut_lips(shape: Array) -> Array:
    """A shape with lips that touch."""
    closed = shape.copy()
    closed[mesh.LIP_LOWER] = closed[mesh.LIP_UPPER]
    return with_lips_of(shape, closed)


def narrowed(shape: Array, part: float) -> Array:
    """A shape whose eyes are `part` as open."""
    shape = shape.copy()
    for eye in EYES:
        middle = (shape[eye.upper] + shape[eye.lower]) / 2
        for lid in (eye.upper, eye.lower):
            shape[lid] = middle + part * (shape[lid] - middle)
    return shape


def test_an_actor_at_rest_leaves_an_avatar_unmoved(shapes: Faces) -> None:
    np.testing.assert_allclose(retarget(shapes["hopper"], shapes["tanguy"], shapes["tanguy"]), shapes["hopper"])


def test_one_face_driven_by_itself_does_exactly_what_it_does(engine: LiteEngine) -> None:
    neutral = shut_lips(wearing(engine))
    acting = wearing(engine, jawOpen=0.4, browInnerUp=0.5, mouthSmileLeft=0.4)
    np.testing.assert_allclose(retarget(neutral, acting, neutral), acting, atol=0.02)


@pytest.mark.parametrize("name", ["hopper", "collins", "tanguy"])
@pytest.mark.parametrize("part", [0.35, 1.0, 1.6])
def test_eyes_that_shut_on_the_actor_shut_on_the_avatar(shapes: Faces, name: str, part: float) -> None:
    """Whether the avatar's are narrow or wide."""
    avatar, neutral = narrowed(shapes[name], part), shapes["hopper"]
    shut = retarget(avatar, narrowed(neutral, 0.12), neutral)
    for eye in EYES:
        assert eye_height(shut, eye) < 0.1 * eye_height(shapes[name], eye)


def test_half_shut_stays_half_shut_in_the_avatars_own_measure(shapes: Faces) -> None:
    narrow = narrowed(shapes["tanguy"], 0.5)
    half = retarget(narrow, narrowed(shapes["hopper"], 0.6), shapes["hopper"])
    for eye in EYES:
        assert 0.4 < eye_height(half, eye) / eye_height(narrow, eye) < 0.7


@pytest.mark.parametrize("name", ["hopper", "collins", "tanguy"])
def test_lips_that_touch_on_the_actor_touch_on_the_avatar(engine: LiteEngine, shapes: Faces, name: str) -> None:
    """Also on Collins, who shows her teeth, and after a neutral with an open mouth."""
    for neutral in (shut_lips(wearing(engine)), wearing(engine, jawOpen=0.3)):
        worn = retarget(shapes[name], shut_lips(neutral), neutral)
        assert mouth_gap(worn) < 0.03


def test_lips_never_cross(engine: LiteEngine, shapes: Faces) -> None:
    neutral = wearing(engine, jawOpen=0.5)
    for jaw in np.linspace(0, 0.5, 11):
        worn = retarget(shapes["hopper"], wearing(engine, jawOpen=float(jaw)), neutral)
        assert (worn[mesh.LIP_LOWER, 1] >= worn[mesh.LIP_UPPER, 1] - 1e-6).all()


def test_a_mouth_opens_as_far_in_parts_of_its_own_width(engine: LiteEngine, shapes: Faces) -> None:
    neutral = shut_lips(wearing(engine))
    acting = wearing(engine, jawOpen=0.5)
    worn = retarget(shut_lips(shapes["tanguy"]), acting, neutral)
    assert mouth_gap(worn) == pytest.approx(mouth_gap(acting), rel=0.25)


def test_an_eye_that_is_shut_in_the_picture_opens_no_wider_than_a_plain_one(shapes: Faces) -> None:
    avatar = narrowed(shapes["hopper"], 0.1)
    worn = retarget(avatar, shapes["tanguy"], narrowed(shapes["tanguy"], 0.05))
    for eye in EYES:
        assert 2 * eye_height(avatar, eye) < eye_height(worn, eye) <= PLAIN * span(avatar, eye.corners) + 1e-6


def test_a_neutral_with_pursed_lips_makes_no_mouth_as_wide_as_a_face(engine: LiteEngine, shapes: Faces) -> None:
    """The lips would be thought to be small ones, and every smile scaled up by that."""
    pursed, grin = wearing(engine, mouthPucker=1.0), wearing(engine, mouthSmileLeft=1.0, mouthSmileRight=1.0)
    for avatar in shapes.values():
        assert mouth_width(retarget(avatar, grin, pursed)) < STRETCH * mouth_width(avatar)
        assert mouth_width(retarget(avatar, pursed, grin)) > mouth_width(avatar) / STRETCH


def test_an_ordinary_smile_is_not_held_back(engine: LiteEngine) -> None:
    rest, smile = wearing(engine), wearing(engine, mouthSmileLeft=0.5, mouthSmileRight=0.5)
    assert mouth_width(retarget(rest, smile, rest)) == pytest.approx(mouth_width(smile), rel=1e-3)


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_irises_stay_in_their_eyes_whatever_was_neutral(engine: LiteEngine, shapes: Faces, side: str) -> None:
    """An actor whose neutral looks aside, and who then looks to the other side."""
    other = {"Left": "Right", "Right": "Left"}[side]
    aside, back = (
        wearing(engine, **{f"eyeLookOut{one}": 1.0, f"eyeLookIn{two}": 1.0})
        for one, two in ((side, other), (other, side))
    )
    for avatar in shapes.values():
        shape = retarget(avatar, back, aside)
        for eye in EYES:
            first, last = shape[eye.corners]
            way = last - first
            assert LOOK - 1e-6 <= (shape[eye.iris[0]] - first) @ way / (way @ way) <= 1 - LOOK + 1e-6


def test_neither_pursed_lips_nor_a_side_glance_are_rest(engine: LiteEngine, avatar: Avatar) -> None:
    rest = wearing(engine)
    for worn in ({"mouthPucker": 0.8}, {"eyeLookOutLeft": 0.8, "eyeLookInRight": 0.8}, {"jawOpen": 0.3}):
        calm, acting = (
            replace(avatar.motion, expression=shape - avatar.motion.keypoints)
            for shape in (rest, wearing(engine, **worn))
        )
        assert engine.effort(acting) > engine.effort(calm) + 0.15
