"""One face is followed through a stream."""

from __future__ import annotations

import numpy as np

from reenact.faces import Finder, Tracker
from reenact.faces.tracker import choose, jumped
from reenact.types import Face, Image


def a_face(x: float, y: float, side: float) -> Face:
    return Face(np.zeros((478, 3)), np.array([x, y, x + side, y + side]), 1.0)


def test_a_film_needs_one_detection(finder: Finder, actor_film: list[Image]) -> None:
    tracker = Tracker(finder)
    faces = [tracker(image) for image in actor_film]
    assert None not in faces
    assert tracker.detections == 1


def test_three_hundred_moving_frames_need_one_detection(finder: Finder, hopper: Image) -> None:
    """The picture wanders, as a head before a camera does."""
    tracker = Tracker(finder)
    padded = np.pad(hopper, ((40, 40), (40, 40), (0, 0)), mode="edge")
    for index in range(300):
        dx, dy = round(30 * np.sin(index / 11)), round(30 * np.cos(index / 17))
        assert tracker(padded[40 + dy : 640 + dy, 40 + dx : 552 + dx]) is not None
    assert tracker.detections == 1


def test_a_face_that_leaves_is_lost_and_found_again(finder: Finder, hopper: Image) -> None:
    tracker = Tracker(finder)
    nothing = np.full_like(hopper, 127)
    seen = [tracker(image) is not None for image in (hopper, nothing, nothing, hopper, hopper)]
    assert seen == [True, False, False, True, True]
    assert tracker.detections == 4


def test_a_face_that_jumps_is_detected_anew(finder: Finder, hopper: Image) -> None:
    wide = np.full((600, 1300, 3), 80, np.uint8)
    left, right = wide.copy(), wide.copy()
    left[:, :512], right[:, 788:] = hopper, hopper
    tracker = Tracker(finder)
    assert tracker(left) is not None
    face = tracker(right)
    assert face is not None
    assert face.box[0] > 788
    assert tracker.detections == 2


def test_the_face_followed_before_is_kept_though_another_is_larger() -> None:
    last, near, large = a_face(100, 100, 80), a_face(110, 95, 80), a_face(400, 100, 200)
    assert choose([large, near], last) is near
    assert choose([large, near], None) is large
    assert choose([large], last) is large


def test_a_jump_is_a_large_step_or_a_sudden_growth() -> None:
    last = a_face(100, 100, 100)
    assert not jumped(last, a_face(120, 110, 100))
    assert jumped(last, a_face(170, 100, 100))
    assert jumped(last, a_face(100, 100, 160))
