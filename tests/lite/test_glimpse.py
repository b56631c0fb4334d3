"""What is seen of an actor's teeth and lids, and that the real graph draws it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from reenact.faces import Finder, mesh
from reenact.lite import LiteEngine
from reenact.lite.glimpse import FEATURES, GRIDS, INSIDE, KNOWN, LIGHT, MOUTH, PALE, glimpse, parts, spread
from reenact.lite.regions import MOUTH_SIDE, eye_squares, glimpses, mouth_square
from reenact.motion import ease, posed
from reenact.types import Array, Avatar, Image, Motion
from tests.lite.test_engine import acting, drawn

ORIGIN = np.zeros(2)
MIDDLE = slice(3, -3)
"""Columns away from the corners of the mouth."""


@pytest.fixture(scope="module")
def smile(engine: LiteEngine, finder: Finder, pictures: dict[str, Image]) -> Motion:
    """Of a photo that shows teeth."""
    return engine.motion(pictures["collins"], finder.only(pictures["collins"]))


@pytest.fixture(scope="module")
def speaking(engine: LiteEngine, avatar: Avatar) -> Motion:
    return acting(engine, avatar, jawOpen=0.6)


def mouth_of(motion: Motion) -> Array:
    assert motion.glimpse is not None
    return next(parts(motion.glimpse))


def showing(motion: Motion, light: float, pale: float) -> Motion:
    """The same motion, all that is between the lips as light and as pale."""
    seen = np.full((sum(grid.rows * grid.columns for grid in GRIDS), FEATURES), 0.5, np.float32)
    seen[:, KNOWN] = 1
    next(parts(seen))[INSIDE, :, :KNOWN] = light, pale
    return replace(motion, glimpse=seen)


def test_teeth_are_lighter_and_paler_than_lips(smile: Motion) -> None:
    mouth = mouth_of(smile)[:, MIDDLE]
    lips = np.concatenate([mouth[1:3], mouth[-3:-1]])
    for plane in (LIGHT, PALE):
        assert mouth[INSIDE, :, plane].max(0).mean() > lips[..., plane].mean() + 0.05
    assert mouth[INSIDE, :, KNOWN].max() == 1


def test_between_shut_lips_hardly_anything_is_known(avatar: Avatar, smile: Motion) -> None:
    shut, toothy = (mouth_of(motion)[..., KNOWN] for motion in (avatar.motion, smile))
    assert shut[INSIDE].mean() < 0.3 < 0.8 < toothy[INSIDE].mean()
    assert shut[0].min() == 1


def test_the_light_and_the_colour_of_a_room_make_no_difference(smile: Motion, pictures: dict[str, Image]) -> None:
    dim = (pictures["collins"] * np.array([0.7, 0.6, 0.45])).astype(np.uint8)
    seen, again = glimpse(pictures["collins"], smile), glimpse(dim, smile)
    assert np.abs(seen - again).mean() < 0.02


def test_a_face_at_the_edge_of_the_picture_can_be_looked_at(smile: Motion, pictures: dict[str, Image]) -> None:
    lips = posed(smile)[mesh.LIPS_OUTER, :2]
    above = pictures["collins"][: int(lips[:, 1].mean())]
    cut, whole = (next(parts(glimpse(image, smile))) for image in (above, pictures["collins"]))
    assert cut[-3:, MIDDLE].max() == 0  # what lies outside is not known
    np.testing.assert_allclose(cut[0], whole[0], atol=0.1)  # less of the skin is seen
    beyond = replace(smile, translation=smile.translation - [5000.0, 0.0, 0.0])
    assert glimpse(pictures["collins"], beyond).max() == 0


def test_teeth_differ_from_tongue_on_dark_skin_too(smile: Motion, pictures: dict[str, Image]) -> None:
    """They are many times as light as the skin."""
    lips = posed(smile)[mesh.LIPS_OUTER, :2].astype(np.int32)
    mouth = np.zeros(pictures["collins"].shape[:2], np.uint8)
    cv2.fillPoly(mouth, [lips], 1)
    dark = np.where(mouth[..., None] > 0, pictures["collins"], pictures["collins"] * 0.35).astype(np.uint8)
    light = next(parts(glimpse(dark, smile)))[INSIDE, MIDDLE, LIGHT]
    assert light.max() < 1
    assert np.ptp(light) > 0.05


def test_a_glimpse_is_coarse() -> None:
    """No more numbers than a thumbnail of 18 x 18 px, for the mouth and both eyes."""
    assert sum(grid.rows * grid.columns for grid in GRIDS) < 18**2


def test_what_was_seen_is_laid_where_it_belongs(speaking: Motion) -> None:
    squares = (
        mouth_square(speaking, speaking, ORIGIN),
        *eye_squares(speaking, speaking, ORIGIN),
    )
    lips = squares[0].px(posed(speaking)[:, :2], MOUTH_SIDE)
    inner, outer = lips[mesh.LIPS_INNER], lips[mesh.LIPS_OUTER]
    light = glimpses(showing(speaking, 1.0, 0.5), ORIGIN, squares)[0][LIGHT]
    inside, around = np.zeros_like(light), np.zeros_like(light)
    cv2.fillPoly(inside, [inner.astype(np.int32)], 1)
    cv2.fillPoly(around, [outer.astype(np.int32)], 1)
    core = cv2.erode(inside, np.ones((7, 7), np.uint8)) > 0
    assert light[core].mean() > 0.9
    assert light[cv2.dilate(around, np.ones((15, 15), np.uint8)) == 0].max() == 0


def test_a_grid_whose_contours_cross_is_laid_all_the_same() -> None:
    """Landmarks of a head in profile do."""
    rng = np.random.default_rng(0)
    lines = rng.uniform(0, 64, (len(MOUTH.contours), MOUTH.columns, 2))
    planes = spread(MOUTH, np.ones((MOUTH.rows, MOUTH.columns, FEATURES)), lines, 64)
    assert planes.shape == (FEATURES, 64, 64)
    assert 0 <= planes.min() <= planes.max() <= 1


def test_teeth_that_the_actor_shows_are_drawn(engine: LiteEngine, avatar: Avatar, speaking: Motion) -> None:
    """Same landmarks, same avatar: only the glimpse tells a row of teeth from darkness."""
    hole = np.zeros(avatar.image.shape[:2], np.uint8)
    cv2.fillPoly(hole, [posed(speaking)[mesh.LIPS_INNER, :2].astype(np.int32)], 1)
    teeth, dark, unknown = (
        drawn(engine, avatar, motion)[hole > 0].mean()
        for motion in (showing(speaking, 0.6, 0.7), showing(speaking, 0.1, 0.5), replace(speaking, glimpse=None))
    )
    assert teeth > dark + 30
    assert dark - 10 < unknown < teeth


def test_the_glimpse_is_always_the_actors(engine: LiteEngine, avatar: Avatar, smile: Motion) -> None:
    assert engine.transfer(avatar.motion, smile, smile).glimpse is smile.glimpse
    assert engine.adopt(avatar.motion, smile).glimpse is smile.glimpse
    assert engine.acting(smile, {"jawOpen": 1.0}).glimpse is None


def test_when_the_face_is_lost_its_glimpse_goes_slowly(avatar: Avatar, smile: Motion) -> None:
    assert smile.glimpse is not None
    unseen = replace(avatar.motion, glimpse=None)
    for end in (avatar.motion, unseen):
        np.testing.assert_array_equal(ease(smile, end, 0.0).glimpse, smile.glimpse)
        half = ease(smile, end, 0.5).glimpse
        own = np.zeros_like(smile.glimpse) if end.glimpse is None else end.glimpse
        np.testing.assert_allclose(half, (smile.glimpse + own) / 2, atol=1e-6)
    np.testing.assert_array_equal(ease(unseen, smile, 1.0).glimpse, smile.glimpse)
    assert ease(unseen, unseen, 0.5).glimpse is None
