"""Parameters out of a seed: the same bits on every machine and with every version of every library.

The recipe is that of the project's LivePortrait fixtures (their README describes it): a counter hash (SplitMix64)
keyed by the SHA-256 of seed, network, key and stream gives uniform numbers; nothing but integers until the last step.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import numpy as np

SEED = 20240704
POWER_ITERATIONS = 3
"""Of the spectral norms' vectors; few on purpose: whoever computes the norm anew instead of reading them is caught."""
GAINS = {
    "appearance_feature_extractor": {"resblocks_3d.": 0.7},
    "motion_extractor": {
        "detector.fc_exp": 0.05,
        "detector.fc_kp": 0.3,
        "detector.fc_t": 0.05,
        "detector.fc_scale": 0.1,
    },
    "warping_module": {"dense_motion_network.mask": 2.5, "dense_motion_network.occlusion": 1.5},
    "spade_generator": {"conv_img": 1.0},
}
"""Network -> beginning of a key -> gain of its weights; sqrt(2) elsewhere. They keep the outputs telling."""

Shape = tuple[int, ...]


def uniform(count: int, *key: object) -> np.ndarray:
    """(count,) float64 in 0..1, multiples of 2^-24."""
    text = "|".join(map(str, (*key, "u")))
    start = np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    state ^= state >> np.uint64(31)
    return (state >> np.uint64(40)).astype(np.float64) / 2**24


def noise(count: int, *key: object) -> np.ndarray:
    """(count,) float64 of mean 0 and variance 1, evenly spread."""
    return (2 * uniform(count, *key) - 1) * math.sqrt(3)


def filled(network: str, shapes: Mapping[str, Shape], seed: int = SEED) -> dict[str, np.ndarray]:
    """Every parameter of a network, by its key."""
    parameters = {
        key: _values(network, key, shape, seed)
        for key, shape in shapes.items()
        if not key.endswith(("weight_u", "weight_v"))
    }
    for key in shapes:
        if key.endswith("weight_u"):
            stem = key.removesuffix("_u")
            start = noise(math.prod(shapes[key]), seed, network, key)
            parameters[stem + "_u"], parameters[stem + "_v"] = _singular_vectors(parameters[stem + "_orig"], start)
    return parameters


def _values(network: str, key: str, shape: Shape, seed: int) -> np.ndarray:
    leaf, count = key.rpartition(".")[2], math.prod(shape)
    if leaf == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if leaf == "running_var":
        return (0.6 + 0.8 * uniform(count, seed, network, key)).reshape(shape).astype(np.float32)
    values = noise(count, seed, network, key)
    if leaf in ("running_mean", "bias"):
        values = 0.1 * values
    elif leaf in ("gamma", "beta"):
        values = 0.25 * values
    elif len(shape) == 1:
        values = 1.0 + 0.2 * values
    else:
        values = values * (_gain(network, key) / math.sqrt(math.prod(shape[1:])))
    return values.reshape(shape).astype(np.float32)


def _gain(network: str, key: str) -> float:
    fitting = {start: gain for start, gain in GAINS.get(network, {}).items() if key.startswith(start)}
    return fitting[max(fitting, key=len)] if fitting else math.sqrt(2)


def _singular_vectors(weight: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    matrix = weight.reshape(len(weight), -1).astype(np.float64)
    left = start / np.linalg.norm(start)
    for _ in range(POWER_ITERATIONS):
        right = matrix.T @ left
        right /= np.linalg.norm(right)
        left = matrix @ right
        left /= np.linalg.norm(left)
    return left.astype(np.float32), right.astype(np.float32)
