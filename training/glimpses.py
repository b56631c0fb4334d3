"""Makes other actors out of the same glimpses: another light, another skin, other teeth, or nothing to be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.lite.glimpse import INSIDE, KNOWN, LIGHT, PALE, parts
from reenact.types import Array

UNKNOWN = 0.15
"""Of the samples, how many have no glimpse: a motion that was recorded or written by hand has none."""
GRAY = 0.1
"""Of the samples, how many actors have no colours."""
NOISE = 0.02


@dataclass(frozen=True, slots=True)
class Light:
    """What makes the same look otherwise."""

    gain: float
    gamma: float
    colour: float
    """How strong colours are; 0: none."""
    shift: float
    """Of what counts as pale."""

    def on(self, seen: Array, rng: np.random.Generator) -> Array:
        """(..., FEATURES) in this light, and a little noise."""
        known = seen[..., KNOWN, None]
        light, pale = (seen[..., plane] / np.maximum(known[..., 0], 1e-3) for plane in (LIGHT, PALE))
        other = np.stack(
            [self.gain * (2 * light) ** self.gamma / 2, 0.5 + self.colour * (pale - 0.5) + self.shift], axis=-1
        )
        noise = rng.normal(0, NOISE, other.shape)
        return np.concatenate([(other + noise).clip(0, 1) * known, known], -1).astype(np.float32)


def any_light(rng: np.random.Generator) -> Light:
    """Another room, camera or skin."""
    gain, gamma = np.exp(rng.uniform(-0.4, 0.4)), np.exp(rng.uniform(-0.3, 0.3))
    colour = 0.0 if rng.random() < GRAY else rng.uniform(0.5, 1.3)
    return Light(float(gain), float(gamma), float(colour), float(rng.uniform(-0.08, 0.08)))


def any_actor(seen: Array, rng: np.random.Generator) -> Array | None:
    """(P, FEATURES) as it could be seen of somebody else who does the same; None: not at all."""
    if rng.random() < UNKNOWN:
        return None
    other = seen.copy()
    mouth, *eyes = parts(other)
    lips, inside, lids = (any_light(rng) for _ in range(3))
    pieces = (mouth[: INSIDE.start], lips), (mouth[INSIDE], inside), (mouth[INSIDE.stop :], lips)
    for piece, light in (*pieces, *((eye, lids) for eye in eyes)):
        piece[...] = light.on(piece, rng)
    return other
