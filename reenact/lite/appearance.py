"""What `lite` remembers of an avatar. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reenact.crop import scaled
from reenact.lite.control import Controls, Sides
from reenact.lite.stage import Stage
from reenact.types import Array, Image

OVERSAMPLE = 2
"""The picture is kept at up to this many px per px of output, so that the warp samples detail once."""

REACH = 0.5
"""Heads by which the picture's border goes on beyond its edge."""
RIM = 0.02
"""Heads from the edge: the border is taken from there, since scans often have a white frame."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Everything that drawing needs and no motion changes."""

    picture: Array
    """(1, 4, S, T) float32: the stage of the full-resolution picture, RGB 0..255, person mask 0..1."""
    background: Array
    """(1, 3, H, W) float32 0..255: the stage without the person."""
    tint: Array
    """(1, 3, 1, 1) float32 0..255: the inside of the mouth."""
    gain: Array
    bias: Array
    """(2,) float32: stage units -> GridSample's -1..1 over `picture`."""
    stage: Stage
    controls: Controls
    free: Sides
    """Where nothing needs to be held still."""
    unit: float
    """px of the frame: the head's size. The spline is solved in stage units: heads from the stage's corner."""

    def to_stage(self, points: Array) -> Array:
        """(N, 2) frame px -> stage units."""
        return np.asarray((points - [self.stage.left, self.stage.top]) / self.unit)


def stage_picture(image: Image, frame: Image, stage: Stage, mask: Array, unit: float) -> tuple[Array, Array, Array]:
    """`Appearance.picture`, gain and bias: the stage in the picture's own detail, with its mask (H, W).

    The border goes on beyond the edge: whoever is cut off there is not cut off when they move away from it.
    """
    detail = min(image.shape[0] / frame.shape[0], OVERSAMPLE)
    full = frame if detail <= 1 else scaled(image, detail * frame.shape[0] / image.shape[0])
    per_px = np.array([full.shape[1] / frame.shape[1], full.shape[0] / frame.shape[0]])
    low = np.floor(np.array([stage.left, stage.top]) * per_px).astype(int)
    high = np.ceil(np.array([stage.left + stage.width, stage.top + stage.height]) * per_px).astype(int)
    cut = full[low[1] : high[1], low[0] : high[0]]
    fine = cv2.resize(mask, (cut.shape[1], cut.shape[0]), interpolation=cv2.INTER_LINEAR)
    reach, rim = (int(part * unit * per_px.max()) for part in (REACH, RIM))
    layers = _extended(np.dstack([cut.astype(np.float32), fine]), reach, rim)
    low = low - reach
    size = np.array([layers.shape[1], layers.shape[0]])
    gain = 2 * per_px * unit / size
    bias = 2 * ((np.array([stage.left, stage.top]) + 0.5) * per_px - low) / size - 1
    return np.ascontiguousarray(layers.transpose(2, 0, 1)[None]), gain.astype(np.float32), bias.astype(np.float32)


def _extended(layers: Array, reach: int, rim: int) -> Array:
    """(H, W, C) with its border going on for `reach` px, as it is `rim` px inside the edge."""
    inner = layers[rim : len(layers) - rim, rim : layers.shape[1] - rim]
    out = reach + rim
    wide = np.asarray(cv2.copyMakeBorder(inner, out, out, out, out, cv2.BORDER_REPLICATE), np.float32)
    wide[reach : len(wide) - reach, reach : wide.shape[1] - reach] = layers
    return wide
