"""Inputs of every kind and size for the `lite` graphs, as the engine makes them, and what is free in their shapes."""

from __future__ import annotations

import numpy as np

from export.lite.generator import MARKS
from reenact.lite.regions import EYE_SIDE, MOUTH_SIDE

WARP_DIMS = {
    "picture": {2: "S", 3: "T"},
    "background": {2: "H", 3: "W"},
    "opening": {2: "H", 3: "W"},
    "centers": {0: "N"},
    "weights": {0: "N_and_3"},
    "knots_x": {0: "Kx"},
    "knots_y": {0: "Ky"},
    "upsample_x": {0: "W", 1: "Kx"},
    "upsample_y": {0: "H", 1: "Ky"},
    "fade": {0: "Ky", 1: "Kx"},
    "gaze": {1: "H", 2: "W"},
    "image": {0: "H", 1: "W"},
}
LITE_DIMS = WARP_DIMS | {
    "mouth_down": {1: "P"},
    "mouth_across": {1: "Q"},
    "eyes_down": {1: "E"},
    "eyes_across": {1: "F"},
}
SIZES = ((64, 48), (129, 200), (512, 512))
"""px of the stage, down and across."""

Arrays = dict[str, np.ndarray]


def warp_example(height: int, width: int, seed: int = 0) -> Arrays:
    """What the warp is given."""
    rng, points, across, down = np.random.default_rng(seed), 60, 24, 30
    tensors = {
        "picture": rng.uniform(0, 255, (1, 4, 2 * height, 2 * width)) * np.array([1, 1, 1, 1 / 255])[:, None, None],
        "background": rng.uniform(0, 255, (1, 3, height, width)),
        "opening": rng.uniform(0, 1, (1, 1, height, width)),
        "tint": rng.uniform(0, 255, (1, 3, 1, 1)),
        "centers": rng.uniform(0, 3, (points, 2)),
        "weights": rng.normal(0, 0.01, (points + 3, 2)),
        "knots_x": np.linspace(0, 3, across),
        "knots_y": np.linspace(0, 3, down),
        "upsample_x": hats(width, across),
        "upsample_y": hats(height, down),
        "fade": rng.uniform(0, 1, (down, across)),
        "gaze": rng.normal(0, 0.01, (2, height, width)),
        "gain": np.array([2 / 3, 2 / 3]),
        "bias": np.array([-1.0, -1.0]),
    }
    return {name: value.astype(np.float32) for name, value in tensors.items()}


def lite_example(height: int, width: int, seed: int = 0) -> Arrays:
    """What the whole graph is given."""
    rng = np.random.default_rng(seed)
    regions = _region(rng, "mouth", 1, MOUTH_SIDE, height, width) | _region(rng, "eyes", 2, EYE_SIDE, height, width)
    return warp_example(height, width, seed) | regions


def hats(pixels: int, count: int) -> np.ndarray:
    """(pixels, count) rows of linear interpolation between even knots."""
    place = np.linspace(0, count - 1, pixels)[:, None]
    return np.maximum(0, 1 - np.abs(place - np.arange(count)))


def _region(rng: np.random.Generator, name: str, count: int, side: int, height: int, width: int) -> Arrays:
    window = min(height, 96), min(width, 80)
    corner = rng.integers(0, np.array([height, width]) - window, (count, 2), endpoint=True)
    place = np.concatenate([np.eye(2) * 0.4, rng.uniform(-0.5, 0.5, (2, 1))], 1)
    down = np.linspace(-1.3, 1.3, window[0])[:, None] * [0, 1]
    across = np.linspace(-1.3, 1.3, window[1])[:, None] * [1, 0]
    return {
        f"{name}_place": np.repeat(place[None], count, 0).astype(np.float32),
        f"{name}_marks": rng.uniform(0, 1, (count, MARKS, side, side)).astype(np.float32),
        f"{name}_strength": rng.uniform(0, 1, (count, 1, side, side)).astype(np.float32),
        f"{name}_down": np.repeat(down[None], count, 0).astype(np.float32),
        f"{name}_across": np.repeat(across[None], count, 0).astype(np.float32),
        f"{name}_corner": corner.astype(np.int64),
    }
