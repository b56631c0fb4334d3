"""The neutral at the beginning; holding, resting and returning when the face is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reenact.motion import posed
from reenact.presence import CALIBRATION, EASE, HOLD, PATIENCE, Calibration, Return
from reenact.types import Motion
from tests.test_motion import a_motion

RATE = 25


def test_a_second_of_a_steady_face_is_averaged() -> None:
    still, calibration = a_motion(), Calibration()
    offsets = [0.02 * (-1) ** index for index in range(26)]
    answers = [
        calibration(replace(still, translation=still.translation + offset), index / RATE)
        for index, offset in enumerate(offsets)
    ]
    assert answers[:25] == [None] * 25
    assert answers[25] is not None
    np.testing.assert_allclose(answers[25].translation, still.translation, atol=0.01)


def test_a_moving_face_is_waited_for_but_not_for_ever() -> None:
    still, calibration = a_motion(), Calibration()
    for index in range(200):
        moving = replace(still, translation=still.translation + [index * still.scale, 0, 0])
        if calibration(moving, index / RATE) is not None:
            break
    assert PATIENCE <= index / RATE <= PATIENCE + CALIBRATION


def shown(motions: list[Motion | None], rest: Motion) -> list[Motion]:
    bridge = Return(rest)
    return [bridge(motion, index / RATE) for index, motion in enumerate(motions)]


def test_a_lost_face_is_held_then_eased_to_rest_within_a_second() -> None:
    rest, acting = a_motion(), a_motion(yaw=25)
    seen = shown([acting] * 5 + [None] * 30, rest)
    held = 5 + int(HOLD * RATE) - 1
    np.testing.assert_allclose(posed(seen[held]), posed(acting), atol=1e-9)
    np.testing.assert_allclose(posed(seen[5 + RATE]), posed(rest), atol=1e-9)
    assert HOLD + EASE <= 1


@pytest.mark.parametrize("gap", [1, 8, 16, 40])
def test_neither_loss_nor_return_jumps(gap: int) -> None:
    """No step between frames is much longer than easing over the whole way would make it."""
    rest, acting = a_motion(), a_motion(yaw=25)
    points = np.array([posed(m) for m in shown([acting] * 5 + [None] * gap + [acting] * 30, rest)])
    way = np.abs(points[0] - posed(rest)).max()
    steps = np.abs(np.diff(points, axis=0)).max((1, 2))
    assert steps.max() <= 2.0 * way / (EASE * RATE)
    np.testing.assert_allclose(points[-1], posed(acting), atol=1e-9)
