"""The neutral at the beginning; holding, resting and returning when the face is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reenact.motion import posed
from reenact.presence import EASE, HOLD, PATIENCE, Calibration, Return
from reenact.types import Motion
from tests.test_motion import a_motion

RATE = 25


def no_effort(motion: Motion) -> float:
    return 0.0


def test_a_second_of_a_steady_face_is_averaged() -> None:
    still, calibration = a_motion(), Calibration(no_effort)
    offsets = [0.02 * (-1) ** index for index in range(26)]
    answers = [
        calibration(replace(still, translation=still.translation + offset), index / RATE)
        for index, offset in enumerate(offsets)
    ]
    assert answers[:25] == [None] * 25
    assert answers[25] is not None
    np.testing.assert_allclose(answers[25].translation, still.translation, atol=0.01)


def test_a_face_that_never_holds_still_is_taken_where_it_was_nearest_to_rest() -> None:
    """A talker: each motion is a step away from the last, and the longer the more effort."""
    still = a_motion()
    motions = [replace(still, translation=still.translation + [i * still.scale, 0, 0]) for i in range(200)]
    calibration = Calibration(lambda motion: float(motion.translation[0]))
    for index, motion in enumerate(motions):
        neutral = calibration(motion, index / RATE)
        if neutral is not None:
            break
    assert index / RATE == pytest.approx(PATIENCE)
    assert neutral is not None
    assert neutral.translation[0] < motions[index // 5].translation[0]


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
