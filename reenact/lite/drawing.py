"""What the graph of `lite` is given for a frame: spline, what the mouth opens, how the eyes turn, regions. Pure."""

from __future__ import annotations

import numpy as np

from reenact.lite import control, mouth, regions
from reenact.lite.appearance import Appearance
from reenact.lite.gaze import gaze
from reenact.lite.warp import Spline, fade, fit, knots
from reenact.motion import posed
from reenact.types import Array, Motion

KNOTS = (56, 64)
"""Of the warp, across and down."""
MARGIN = 0.12
"""Over this part of a head from the stage's edge the warp fades out."""


def warp_tensors(look: Appearance, motion: Motion) -> dict[str, Array]:
    """Everything that the warp is given."""
    spline = _spline(look, motion)
    return {
        "picture": look.picture,
        "background": look.background,
        "tint": look.tint,
        "gain": look.gain,
        "bias": look.bias,
        "opening": _opening(look, motion),
        "gaze": _gaze(look, spline, motion),
        "centers": spline.centers.astype(np.float32),
        "weights": np.concatenate([spline.weights, spline.affine]).astype(np.float32),
        **_knots(look, look.to_stage(posed(motion)[control.BUSY, :2])),
    }


def region_tensors(look: Appearance, motion: Motion) -> dict[str, Array]:
    """What the generators are given besides."""
    stage = look.stage
    return regions.tensors(look.controls.rest, motion, np.array([stage.left, stage.top]), (stage.width, stage.height))


def _opening(look: Appearance, motion: Motion) -> Array:
    """(1, 1, H, W) float32 0..1"""
    rest = look.controls.rest
    contour = mouth.hole(rest, motion) - [look.stage.left, look.stage.top]
    inside = mouth.opening(contour, look.stage.width, look.stage.height)
    return (inside * np.float32(mouth.darkness(rest, motion)))[None, None]


def _gaze(look: Appearance, spline: Spline, motion: Motion) -> Array:
    """(2, H, W) float32 stage units"""
    origin, size = np.array([look.stage.left, look.stage.top]), (look.stage.width, look.stage.height)
    return gaze(spline, look.controls.rest, motion, origin, look.unit, size)


def _spline(look: Appearance, motion: Motion) -> Spline:
    """Displacements from moved points back to the picture, stage units."""
    moved = look.to_stage(control.targets(look.controls, motion))
    back = look.to_stage(control.sources(look.controls)) - moved
    return fit(moved, back, control.stiffness(look.controls, motion))


def _knots(look: Appearance, busy: Array) -> dict[str, Array]:
    """Where the graph evaluates the spline; `busy` (N, 2) stage units: where it changes quickly."""
    across, down = (
        knots(np.arange(pixels) / look.unit, busy[:, axis], count)
        for axis, (pixels, count) in enumerate(zip((look.stage.width, look.stage.height), KNOTS, strict=True))
    )
    fade_x = fade(across.positions, MARGIN, start=not look.free.left, end=not look.free.right)
    fade_y = fade(down.positions, MARGIN, start=not look.free.top, end=not look.free.bottom)
    tensors = {
        "knots_x": across.positions,
        "knots_y": down.positions,
        "upsample_x": across.upsample,
        "upsample_y": down.upsample,
        "fade": np.outer(fade_y, fade_x),
    }
    return {name: value.astype(np.float32) for name, value in tensors.items()}
