"""The arithmetic of LivePortrait's motions: what stays, what follows, in which region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reenact.liveportrait import points
from reenact.liveportrait.directions import Directions, Region
from reenact.liveportrait.finish import Finish
from reenact.liveportrait.points import EYES, KEYPOINTS, LIPS
from reenact.network import Tensor
from reenact.types import Array, Motion


def a_motion(seed: int, scale: float = 1.4) -> Motion:
    rng = np.random.default_rng(seed)
    return points.motion_of(
        rng.normal(0, 0.2, (KEYPOINTS, 3)),
        rng.normal(0, 0.03, (KEYPOINTS, 3)),
        points.rotation(*rng.uniform(-15, 15, 3)),
        rng.uniform(-0.1, 0.1, 3),
        scale,
        np.array([0.3, 0.28, 0.1]),
    )


def close(motion: Motion, other: Motion) -> None:
    np.testing.assert_allclose(points.points(motion), points.points(other), atol=1e-9)
    np.testing.assert_allclose(points.openness(motion), points.openness(other), atol=1e-9)


@pytest.mark.parametrize("region", Region)
def test_a_neutral_actor_leaves_the_avatar_unmoved(region: Region) -> None:
    avatar, actor = a_motion(1), a_motion(2)
    close(points.transfer(avatar, actor, actor, region), avatar)


def test_an_actor_who_is_the_avatar_is_followed_exactly() -> None:
    neutral, actor = a_motion(1, 1.2), replace(a_motion(2, 1.5), keypoints=a_motion(1).keypoints)
    close(points.transfer(neutral, actor, neutral, Region.ALL), actor)


@pytest.mark.parametrize(("region", "rows"), [(Region.EYES, EYES), (Region.LIPS, LIPS)])
def test_only_the_region_follows(region: Region, rows: tuple[int, ...]) -> None:
    avatar, actor, neutral = (a_motion(seed) for seed in (1, 2, 3))
    for out in (points.transfer(avatar, actor, neutral, region), points.adopt(avatar, actor, region)):
        changed = np.abs(out.expression - avatar.expression)[:KEYPOINTS].max(1) > 0
        assert set(np.flatnonzero(changed)) == set(rows)
        np.testing.assert_array_equal(out.rotation, avatar.rotation)
        assert out.scale == avatar.scale


def test_pose_alone_keeps_the_expression() -> None:
    avatar, actor, neutral = (a_motion(seed) for seed in (1, 2, 3))
    out = points.transfer(avatar, actor, neutral, Region.POSE)
    np.testing.assert_array_equal(out.expression[:KEYPOINTS], avatar.expression[:KEYPOINTS])
    assert np.abs(out.rotation - avatar.rotation).max() > 0.01


def test_absolute_motion_takes_the_pose_and_leaves_the_identity() -> None:
    avatar, actor = a_motion(1), a_motion(2)
    out = points.adopt(avatar, actor, Region.ALL)
    np.testing.assert_array_equal(out.rotation, actor.rotation)
    np.testing.assert_array_equal(out.keypoints, avatar.keypoints)
    np.testing.assert_array_equal(out.expression[[0, 7, 10]], avatar.expression[[0, 7, 10]])
    np.testing.assert_array_equal(out.expression[3, [0, 2]], avatar.expression[3, [0, 2]])
    assert out.expression[3, 1] == actor.expression[3, 1]


def test_eyes_open_in_proportion_and_lips_by_difference() -> None:
    avatar, actor, neutral = (a_motion(seed) for seed in (1, 2, 3))
    shut = replace(actor, expression=actor.expression.copy())
    shut.expression[KEYPOINTS] = points.CENTIMETRES * np.array([0.15, 0.0, 0.4])
    np.testing.assert_allclose(
        points.openness(points.transfer(avatar, shut, neutral, Region.ALL)), [0.15, 0.0, 0.4], atol=1e-9
    )


def test_angles_are_read_from_the_bins_between() -> None:
    bins = np.full(66, -50.0)
    bins[[32, 33]] = 0.0
    assert points.degrees(bins) == pytest.approx(0.0)
    assert points.degrees(np.eye(66)[40] * 100) == pytest.approx(22.5)


def test_a_scale_is_positive_whatever_a_network_says() -> None:
    assert a_motion(1, scale=-3.0).scale > 0


class Constant:
    """A network that always says the same; remembers what it was asked."""

    def __init__(self, values: Array) -> None:
        self.values, self.asked = values, np.zeros(0)

    def __call__(self, **inputs: Tensor) -> dict[str, Tensor]:
        self.asked = inputs["features"][0]
        return {"out": self.values[None].astype(np.float32)}


def finish(**chosen: object) -> tuple[Finish, dict[str, Constant]]:
    nets = {
        "stitching": Constant(np.r_[np.zeros(63), 0.5, 0.25]),
        "lips": Constant(np.full(63, 0.1)),
        "eyes": Constant(np.full(63, 0.2)),
    }
    return Finish(**nets, directions=Directions(**chosen)), nets  # type: ignore[arg-type]


STILL, MOVED = np.zeros((21, 3)), np.ones((21, 3))
OWN, WANTED = np.array([0.3, 0.2, 0.1]), np.array([0.1, 0.3, 0.4])


def test_stitching_shifts_the_points_but_not_in_depth() -> None:
    out = finish()[0](STILL, MOVED, OWN, WANTED)
    np.testing.assert_allclose(out, np.tile([1.5, 1.25, 1.0], (21, 1)))


def test_retargeting_keeps_the_motion_and_asks_for_the_openness() -> None:
    made, nets = finish(retarget_eyes=True, retarget_lips=True, stitching=False)
    np.testing.assert_allclose(made(STILL, MOVED, OWN, WANTED), 1.3)
    np.testing.assert_allclose(nets["eyes"].asked[63:], [0.3, 0.2, 0.2], rtol=1e-6)
    np.testing.assert_allclose(nets["lips"].asked[63:], [0.1, 0.4], rtol=1e-6)


def test_lips_that_stand_open_are_closed_only_then() -> None:
    made, nets = finish(close_lips=True, stitching=False)
    np.testing.assert_allclose(made(STILL, MOVED, OWN, WANTED), 1.1)
    assert nets["lips"].asked[64] == 0
    np.testing.assert_allclose(made(STILL, MOVED, np.array([0.3, 0.3, 0.02]), WANTED), 1.0)


def test_the_multiplier_comes_last() -> None:
    out = finish(multiplier=2.0)[0](STILL, MOVED, OWN, WANTED)
    np.testing.assert_allclose(out, np.tile([3.0, 2.5, 2.0], (21, 1)))


def test_retargeted_regions_keep_the_avatars_own_expression() -> None:
    avatar, actor = a_motion(1), a_motion(2)
    held = points.hold(actor, avatar, eyes=True, lips=False)
    np.testing.assert_array_equal(held.expression[list(EYES)], avatar.expression[list(EYES)])
    np.testing.assert_array_equal(held.expression[list(LIPS)], actor.expression[list(LIPS)])
