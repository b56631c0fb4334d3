"""One actor frame in, one avatar frame out; never an actor pixel."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from reenact.compose import paste_back
from reenact.faces import Finder, Tracker, mesh
from reenact.lite import LiteEngine
from reenact.lite.features import EYES, mouth_gap
from reenact.pipeline import Reenactor
from reenact.smoothing import Smoother
from reenact.types import Avatar, Frame, Image, Motion

RATE = 25
MARKER = (255, 0, 255)
"""Magenta: no bundled picture has a pixel near it."""


def film(images: list[Image]) -> list[Frame]:
    return [Frame(image, index, index / RATE) for index, image in enumerate(images)]


def marked(image: Image, finder: Finder) -> Image:
    """The actor before a magenta wall, with a magenta forehead."""
    picture = image.copy()
    x0, y0, x1, y1 = finder.only(image).box.astype(int)
    outside = np.ones(image.shape[:2], bool)
    outside[max(y0 - 40, 0) : y1 + 40, max(x0 - 40, 0) : x1 + 40] = False
    picture[outside] = MARKER
    picture[y0 : y0 + 12, x0 + 40 : x1 - 40] = MARKER
    return picture


def nearest_to_marker(image: Image) -> int:
    """How near the nearest pixel comes to the marker's colour, in grey levels."""
    return int(np.abs(image.astype(int) - MARKER).max(2).min())


@pytest.fixture
def reenactor(engine: LiteEngine, finder: Finder, avatar: Avatar) -> Reenactor:
    return Reenactor(engine, Tracker(finder), avatar, smooth=Smoother())


@pytest.fixture(scope="module")
def turned(engine: LiteEngine, finder: Finder, actor_film: list[Image]) -> Image:
    """The actor's frame that is farthest from rest."""
    return max(actor_film[::3], key=lambda image: engine.effort(engine.motion(image, finder.only(image))))


def test_no_pixel_of_the_actor_comes_out(
    engine: LiteEngine, finder: Finder, avatar: Avatar, actor_film: list[Image], reenactor: Reenactor
) -> None:
    """While calibrating, following, losing the face and finding it again."""
    assert nearest_to_marker(avatar.image) > 60
    wall = np.full_like(actor_film[0], MARKER)
    images = [marked(image, finder) for image in actor_film[:12]]
    script = [images[0]] * 30 + images + [wall] * 30 + images
    outcomes = [(reenactor(frame), reenactor.face_found, reenactor.calibrated) for frame in film(script)]
    assert {(found, known) for _, found, known in outcomes} == {(True, False), (True, True), (False, True)}
    assert min(nearest_to_marker(frame.image) for frame, _, _ in outcomes) > 60


def test_a_painted_mouth_of_the_actor_does_not_come_out(
    engine: LiteEngine, finder: Finder, avatar: Avatar, actor_film: list[Image], neutral: Motion
) -> None:
    """What is looked at between lips and lids says how light it is there, and brings no colour with it."""
    speaking = max(actor_film[::3], key=lambda image: mouth_gap(engine.motion(image, finder.only(image)).shape))
    face = finder.only(speaking)
    plain, painted = speaking, speaking.copy()
    for ring in (mesh.LIPS_INNER, *(eye.outline for eye in EYES)):
        cv2.fillPoly(painted, [face.landmarks[ring, :2].astype(np.int32)], MARKER)
    shown = []
    for image in (plain, painted):
        reenactor = Reenactor(engine, lambda _: face, avatar, neutral=neutral)
        shown.append(reenactor(Frame(image, 0, 0.0)).image)
        assert nearest_to_marker(shown[-1]) > 60
    hues = [image.astype(int)[..., 1] - image.astype(int).mean(2) for image in shown]
    assert np.abs(hues[0] - hues[1]).max() < 60  # the marker's is -170


def test_until_the_neutral_is_known_the_avatar_rests(
    engine: LiteEngine, avatar: Avatar, actor_film: list[Image], reenactor: Reenactor
) -> None:
    at_rest = reenactor.perform(None, 0.0)
    seen = [reenactor(frame).image for frame in film([actor_film[0]] * 20)]
    assert not reenactor.calibrated
    for image in seen:
        np.testing.assert_array_equal(image, at_rest)


def test_a_frame_keeps_its_number_and_its_time(reenactor: Reenactor, actor_film: list[Image]) -> None:
    frame = Frame(actor_film[0], 17, 3.25)
    seen = reenactor(frame)
    assert (seen.index, seen.captured_at, seen.timestamp) == (17, 3.25, None)
    assert seen.image.shape == reenactor.still().shape


def test_the_avatar_moves_once_the_neutral_is_known(
    engine: LiteEngine, finder: Finder, avatar: Avatar, actor_film: list[Image], neutral: Motion
) -> None:
    follower = Reenactor(engine, Tracker(finder), avatar, neutral=neutral)
    moved = [np.abs(follower(frame).image.astype(int) - avatar.image).mean() for frame in film(actor_film)]
    assert max(moved) > 3 * moved[0] + 1


def test_recalibrating_makes_the_present_face_the_neutral(
    finder: Finder, engine: LiteEngine, avatar: Avatar, turned: Image, neutral: Motion
) -> None:
    follower = Reenactor(engine, Tracker(finder), avatar, neutral=neutral)
    frames = film([turned] * 120)
    before = follower(frames[0]).image
    follower.recalibrate()
    assert not follower.calibrated
    after = [follower(frame).image for frame in frames[1:]][-1]
    assert follower.calibrated
    off_before, off_after = (np.abs(image.astype(int) - follower.still()).mean() for image in (before, after))
    assert off_after < 0.3 * off_before


def test_a_lost_face_does_not_make_the_avatar_jump(
    engine: LiteEngine, finder: Finder, avatar: Avatar, turned: Image, neutral: Motion
) -> None:
    """Neither when it goes nor when it returns: the way is taken in many steps."""
    follower = Reenactor(engine, Tracker(finder), avatar, neutral=neutral)
    nobody = np.full_like(turned, 128)
    shown = [follower(frame).image.astype(int) for frame in film([turned] * 5 + [nobody] * 30 + [turned] * 30)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(shown)]
    way = np.abs(shown[4] - avatar.image).mean()
    assert way > 2
    assert max(steps) < 0.5 * way  # a jump is the whole way
    assert np.abs(shown[34] - avatar.image).mean() < 0.7  # at rest before it returns
    assert np.abs(shown[-1] - shown[4]).mean() < 0.4 * way  # the landmarks of a new detection differ a little


def test_another_avatar_is_shown_from_the_next_frame_on(
    engine: LiteEngine, finder: Finder, pictures: dict[str, Image], reenactor: Reenactor, actor_film: list[Image]
) -> None:
    other = engine.prepare(pictures["collins"], finder.only(pictures["collins"]))
    reenactor.show(other)
    seen = reenactor(film(actor_film[:1])[0]).image
    assert seen.shape == pictures["collins"].shape
    assert np.abs(seen.astype(int) - pictures["collins"]).mean() < 1


def test_looking_ahead_changes_no_picture(
    engine: LiteEngine, finder: Finder, avatar: Avatar, actor_film: list[Image], neutral: Motion
) -> None:
    """The look of every frame comes before the drawing of the one before, as in a pipelined run."""
    alone, ahead = (
        Reenactor(engine, Tracker(finder), avatar, neutral=neutral, smooth=Smoother()) for _ in ("alone", "ahead")
    )
    nobody = np.full_like(actor_film[0], 128)
    frames = film([*actor_film[:6], nobody, *actor_film[6:9]])
    looked = [ahead.look(frame) for frame in frames]
    for frame, seen in zip(frames, looked, strict=True):
        wanted, got = alone(frame), ahead(seen)
        np.testing.assert_array_equal(got.image, wanted.image)
        assert ahead.face_found == alone.face_found == (frame.index != 6)
        assert type(got) is Frame
        assert (got.index, got.captured_at, got.timestamp) == (frame.index, frame.captured_at, frame.timestamp)


def test_absolute_motion_needs_no_neutral(
    engine: LiteEngine, finder: Finder, avatar: Avatar, actor_film: list[Image], turned: Image
) -> None:
    follower = Reenactor(engine, Tracker(finder), avatar, absolute=True)
    assert follower.calibrated
    (frame,) = film([turned])
    wanted = engine.adopt(avatar.motion, engine.motion(turned, Tracker(finder)(turned)))
    np.testing.assert_array_equal(follower(frame).image, paste_back(engine.animate(avatar, wanted), avatar))
