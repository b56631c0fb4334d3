"""The engine's way from picture to picture, through the tiny networks: they paint noise, the way is the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reenact.bundle import open_bundle
from reenact.errors import BundleError
from reenact.faces import Finder
from reenact.liveportrait import Directions, LivePortraitEngine, open_liveportrait
from reenact.liveportrait.engine import Flow
from reenact.liveportrait.points import CENTIMETRES, points
from reenact.pipeline import Reenactor
from reenact.smoothing import Smoother
from reenact.types import Avatar, Frame, Image

TINY = Path(__file__).parents[1] / "engines" / "liveportrait-tiny"


@pytest.fixture(scope="module")
def tiny() -> LivePortraitEngine:
    return open_liveportrait(TINY)


@pytest.fixture(scope="module")
def prepared(tiny: LivePortraitEngine, finder: Finder, hopper: Image) -> Avatar:
    return tiny.prepare(hopper, finder.only(hopper))


def test_an_avatar_at_rest_keeps_its_keypoints(finder: Finder, hopper: Image) -> None:
    plain = open_liveportrait(TINY, directions=Directions(stitching=False))
    avatar = plain.prepare(hopper, finder.only(hopper))
    np.testing.assert_allclose(plain.keypoints(avatar, avatar.motion), points(avatar.motion))


def test_the_picture_drawn_depends_on_the_motion(
    tiny: LivePortraitEngine, finder: Finder, prepared: Avatar, actor_film: list[Image]
) -> None:
    still, moved = actor_film[0], actor_film[20]
    neutral, actor = (tiny.motion(image, finder.only(image)) for image in (still, moved))
    rest = tiny.animate(prepared, tiny.transfer(prepared.motion, neutral, neutral))
    out = tiny.animate(prepared, tiny.transfer(prepared.motion, actor, neutral))
    assert out.shape == prepared.crop.image.shape
    assert np.abs(out.astype(int) - rest).mean() > 0.05
    np.testing.assert_array_equal(rest, tiny.animate(prepared, prepared.motion))


def test_a_smaller_output_shows_the_same_square(tiny: LivePortraitEngine, finder: Finder, hopper: Image) -> None:
    face = finder.only(hopper)
    full, half = tiny.prepare(hopper, face), tiny.prepare(hopper, face, size=256)
    assert half.image.shape == (300, 256, 3)
    np.testing.assert_allclose(np.array(half.crop.image.shape) * 2, full.crop.image.shape, atol=6 + 3)
    np.testing.assert_allclose(points(half.motion), points(full.motion))


def test_a_film_of_frames_goes_through_the_reenactor(
    tiny: LivePortraitEngine, finder: Finder, prepared: Avatar, actor_film: list[Image]
) -> None:
    faces = [finder.only(image) for image in actor_film[:3]]
    track = iter([*faces, None])
    neutral = tiny.motion(actor_film[0], faces[0])
    reenactor = Reenactor(tiny, lambda image: next(track), prepared, neutral=neutral, smooth=Smoother())
    shown = [reenactor(Frame(image, i, i / 25)).image for i, image in enumerate(actor_film[:4])]
    assert {image.shape for image in shown} == {prepared.image.shape}
    assert reenactor.face_found is False
    outside = np.ones(prepared.image.shape[:2], bool)
    left, top = prepared.crop.to_frame[:, 2].astype(int)
    outside[top : top + prepared.crop.image.shape[0], left : left + prepared.crop.image.shape[1]] = False
    for image in shown:
        np.testing.assert_array_equal(image[outside], prepared.image[outside])


def test_where_the_box_lies_does_not_change_what_a_motion_says(finder: Finder, actor_film: list[Image]) -> None:
    engine = open_liveportrait(TINY)
    small = actor_film[0]
    wide = np.zeros((small.shape[0] * 2, small.shape[1] * 3, 3), np.uint8)
    wide[: small.shape[0], : small.shape[1]] = small
    first = engine.motion(wide, finder.only(wide))
    moved = np.roll(wide, (300, 900), (0, 1))
    second = engine.motion(moved, finder.only(moved))
    np.testing.assert_allclose(second.rotation, first.rotation, atol=0.02)
    assert second.scale == pytest.approx(first.scale, rel=0.05)
    assert second.translation[0] - first.translation[0] > 1  # told in the first box, it is far to the right


def test_an_open_mouth_is_effort(tiny: LivePortraitEngine, finder: Finder, hopper: Image) -> None:
    motion = tiny.motion(hopper, finder.only(hopper))
    opened = motion.expression.copy()
    opened[-1, 2] += 0.3 * CENTIMETRES
    assert tiny.effort(replace(motion, expression=opened)) == pytest.approx(tiny.effort(motion) + 1)


def test_each_backend_gets_the_form_that_suits_it() -> None:
    bundle = open_bundle(TINY)
    assert bundle.suited("warp", "cpu") == "warp-tiled"
    assert bundle.suited("warp", "tensorrt") == "warp-gather-f16"
    assert bundle.suited("generator", "tensorrt-rtx") == "generator-f16"
    assert bundle.suits("flow", "cpu") == []
    with pytest.raises(BundleError, match=r"has no flow for backend cpu, only flow-f16: tensorrt-rtx"):
        bundle.suited("flow", "cpu")


def test_all_forms_draw_the_same_feature() -> None:
    bundle, rng = open_bundle(TINY), np.random.default_rng(0)
    inputs = {
        "volume": rng.normal(0, 1, (1, 8, 4, 16, 16)).astype(np.float32),
        "deformation": rng.uniform(-1.2, 1.2, (1, 4, 16, 16, 3)).astype(np.float32),
        "occlusion": rng.uniform(0, 1, (1, 1, 16, 16)).astype(np.float32),
    }
    native, gather, tiled = (bundle.form(f"warp-{form}")(**inputs)["feature"] for form in ("native", "gather", "tiled"))
    np.testing.assert_allclose(gather, native, atol=1e-5)
    np.testing.assert_allclose(tiled, native, atol=1e-4)
    for form in ("native", "gather"):
        half = bundle.form(f"warp-{form}-f16")(**inputs)["feature"]
        assert np.abs(half - native).max() < 5e-3 * np.abs(native).max()


def test_the_flow_in_two_steps_is_the_flow_in_one() -> None:
    bundle, rng = open_bundle(TINY), np.random.default_rng(0)
    still = rng.normal(0, 0.3, (1, 21, 3)).astype(np.float32)
    inputs = {"volume": rng.normal(0, 1, (1, 8, 4, 16, 16)).astype(np.float32), "still": still, "moved": still + 0.1}
    two = Flow(bundle.form("spread"), bundle.form("settle"))(**inputs)
    one = bundle.form("flow-f16")(**inputs)
    for name in ("deformation", "occlusion"):
        np.testing.assert_allclose(one[name], two[name], atol=2e-3)
        assert two[name].std() > 0.01
