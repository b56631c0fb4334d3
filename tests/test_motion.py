"""The arithmetic of motions."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from reenact.motion import calmest, ease, mean, nearest_rotation, posed, transfer
from reenact.types import Array, Motion


def turned(degrees: float) -> Array:
    """(3, 3) about the vertical."""
    return np.asarray(cv2.Rodrigues(np.array([0.0, np.radians(degrees), 0.0]))[0])


def a_motion(yaw: float = 0.0, seed: int = 0, scale: float = 20.0) -> Motion:
    rng = np.random.default_rng(seed)
    return Motion(rng.normal(size=(30, 3)), rng.normal(0, 0.1, (30, 3)), turned(yaw), rng.normal(size=3) * 50, scale)


def test_a_neutral_actor_leaves_the_avatar_unmoved() -> None:
    avatar, actor = a_motion(yaw=20, seed=1), a_motion(yaw=-15, seed=2, scale=35)
    np.testing.assert_allclose(posed(transfer(avatar, actor, actor)), posed(avatar), atol=1e-9)


def test_the_avatar_turns_as_far_as_the_actor_does() -> None:
    avatar, neutral = a_motion(yaw=10, seed=1), a_motion(yaw=-5, seed=2)
    actor = replace(neutral, rotation=turned(15))
    np.testing.assert_allclose(transfer(avatar, actor, neutral).rotation, turned(30), atol=1e-9)


def test_steps_are_measured_in_heads() -> None:
    """An actor twice as large in the frame who moves 20 px moves an avatar 10 px."""
    avatar, neutral = a_motion(seed=1, scale=10), a_motion(seed=2, scale=20)
    actor = replace(neutral, translation=neutral.translation + [20, 0, 0])
    np.testing.assert_allclose(transfer(avatar, actor, neutral).translation - avatar.translation, [10, 0, 0], atol=1e-9)


def test_coming_closer_enlarges_the_avatar_in_proportion() -> None:
    avatar, neutral = a_motion(seed=1, scale=10), a_motion(seed=2, scale=20)
    assert transfer(avatar, replace(neutral, scale=25.0), neutral).scale == 12.5


def test_the_mean_of_turns_is_a_rotation_between_them() -> None:
    between = mean([a_motion(yaw=-10), a_motion(yaw=30)])
    np.testing.assert_allclose(between.rotation, turned(10), atol=1e-9)


def test_easing_starts_and_ends_where_it_should() -> None:
    start, end = a_motion(yaw=-10, seed=3), replace(a_motion(yaw=30, seed=3), scale=30.0)
    np.testing.assert_allclose(posed(ease(start, end, 0)), posed(start), atol=1e-9)
    np.testing.assert_allclose(posed(ease(start, end, 1)), posed(end), atol=1e-9)
    np.testing.assert_allclose(ease(start, end, 0.5).rotation, turned(10), atol=1e-9)


def test_the_nearest_rotation_of_a_rotation_is_itself() -> None:
    np.testing.assert_allclose(nearest_rotation(turned(40) * 1.7), turned(40), atol=1e-9)


def test_the_calmest_moment_takes_little_effort_and_holds_still() -> None:
    still = a_motion()
    jerk = replace(still, translation=still.translation + [40, 0, 0])
    motions = [still, jerk, still, still, still]
    assert calmest(motions, effort=lambda motion: 0.0) in (3, 4)
    assert calmest([still, still, still], effort=lambda m: 0.0 if m is motions[0] else 1.0) == 0
