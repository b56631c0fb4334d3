"""Smoothing takes tremble out and keeps quick movements."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reenact.motion import posed
from reenact.smoothing import Smoother
from reenact.types import Array, Motion
from tests.test_motion import a_motion

RATE = 30


def smoothed(motions: list[Motion]) -> list[Motion]:
    smoother = Smoother()
    return [smoother(motion, index / RATE) for index, motion in enumerate(motions)]


def jitter(motions: list[Motion]) -> float:
    """Mean size of the second difference of the posed points, px."""
    points: Array = np.array([posed(motion) for motion in motions])
    return float(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean())


def test_the_tremble_of_a_still_face_shrinks_to_a_third() -> None:
    rng, still = np.random.default_rng(0), a_motion()
    trembling = [
        replace(
            still,
            expression=still.expression + rng.normal(0, 0.02, still.expression.shape),
            translation=still.translation + rng.normal(0, 0.5, 3),
        )
        for _ in range(90)
    ]
    assert jitter(smoothed(trembling)) < jitter(trembling) / 3


def test_a_blink_is_not_smoothed_away() -> None:
    """0.4 cm down and up again within 0.2 s, as a lid does."""
    still = a_motion()
    lid = np.zeros_like(still.expression)
    lid[7, 1] = 0.4
    down = [max(0.0, 1 - abs(index - 45) / 3) for index in range(60)]
    seen = smoothed([replace(still, expression=still.expression + part * lid) for part in down])
    assert max((motion.expression - still.expression)[7, 1] for motion in seen) > 0.5 * 0.4


def test_a_turned_head_is_reached_within_a_fifth_of_a_second() -> None:
    still = a_motion()
    moved = replace(still, translation=still.translation + [3 * still.scale, 0, 0])
    seen = smoothed([still] * 10 + [moved] * 10)
    step = (seen[10 + RATE // 5 - 1].translation - still.translation)[0]
    assert step > 0.85 * 3 * still.scale


def test_what_comes_out_is_a_rotation() -> None:
    for motion in smoothed([a_motion(yaw=index * 3.0) for index in range(20)]):
        np.testing.assert_allclose(motion.rotation @ motion.rotation.T, np.eye(3), atol=1e-9)


def test_after_a_pause_it_starts_afresh() -> None:
    smoother, here, there = Smoother(), a_motion(), a_motion(yaw=30)
    smoother(here, 0.0)
    np.testing.assert_allclose(posed(smoother(there, 5.0)), posed(there), atol=1e-9)


def test_a_glimpse_is_smoothed_with_the_lips_that_it_goes_with() -> None:
    rng, still = np.random.default_rng(0), np.full((20, 3), 0.5)
    noisy = [replace(a_motion(), glimpse=still + rng.normal(0, 0.05, still.shape)) for _ in range(60)]
    teeth = [replace(a_motion(), glimpse=still + (0.4 if index >= 10 else 0.0)) for index in range(20)]
    seen = np.array([motion.glimpse for motion in smoothed(noisy)])[20:]
    assert np.abs(np.diff(seen, axis=0)).mean() < 0.04 / 2  # of independent noise: 0.056
    step = smoothed(teeth)[13].glimpse
    assert step is not None
    assert step.mean() > 0.5 + 0.8 * 0.4
    assert all(motion.glimpse is None for motion in smoothed([a_motion()] * 3))
    both = smoothed([a_motion(), *noisy[:3], a_motion(), *noisy[:3]])
    assert [motion.glimpse is None for motion in both] == [True, False, False, False] * 2
