"""Takes the tremble out of a stream of motions. Works on motions, never on pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from reenact.motion import nearest_rotation
from reenact.types import Array, Motion


@dataclass(frozen=True, slots=True)
class OneEuro:
    """How to smooth: the cut-off rises from `rest` with the speed. Source: Casiez et al., 1 € Filter, CHI 2012."""

    rest: float
    """Hz: the cut-off of a still face."""
    agility: float
    """Hz per (unit/s)."""
    speed: float = 1.0
    """Hz: the cut-off of the speed itself."""

    def step(self, state: tuple[Array, Array], value: Array, seconds: float) -> tuple[Array, Array]:
        """(smoothed, its speed) and a new value `seconds` later -> the next (smoothed, its speed); elementwise."""
        last, last_speed = state
        speed = last_speed + _alpha(np.asarray(self.speed), seconds) * ((value - last) / seconds - last_speed)
        cutoff = self.rest + self.agility * np.abs(speed)
        return last + _alpha(cutoff, seconds) * (value - last), speed


def _alpha(cutoff: Array, seconds: float) -> Array:
    return np.asarray(1 / (1 + 1 / (2 * math.pi * cutoff * seconds)))


EXPRESSION = OneEuro(rest=2.0, agility=1.2)
"""Canonical units (cm)."""
POSE = OneEuro(rest=1.5, agility=4.0)
"""Rotation (matrix elements), translation (cm at the face), log scale."""
GLIMPSE = OneEuro(rest=2.0, agility=3.0)
"""0..1."""
PAUSE = 0.5
"""Seconds without a motion after which smoothing starts afresh."""


class Smoother:
    """Takes the tremble out of a stream of motions of one face, at the cost of a little lag in slow movements."""

    def __init__(self, expression: OneEuro = EXPRESSION, pose: OneEuro = POSE, glimpse: OneEuro = GLIMPSE) -> None:
        self._filters = (expression, pose, glimpse)
        self._states: list[tuple[Array, Array]] = []
        self._at = -math.inf

    def __call__(self, motion: Motion, at: float) -> Motion:
        """`at`: seconds, rising; the clock that the frames carry."""
        values = [motion.expression, _pack(motion), *([] if motion.glimpse is None else [motion.glimpse])]
        seconds = at - self._at
        if len(self._states) != len(values) or not 0 < seconds < PAUSE:
            self._states = [(value, np.zeros_like(value)) for value in values]
        else:
            steps = zip(self._filters[: len(values)], self._states, values, strict=True)
            self._states = [one.step(state, value, seconds) for one, state, value in steps]
        self._at = at
        expression, pose, *glimpse = (value for value, _ in self._states)
        return replace(_unpack(motion, expression, pose), glimpse=glimpse[0] if glimpse else None)


def _pack(motion: Motion) -> Array:
    """(13,) rotation, translation in canonical units, log scale."""
    return np.concatenate([motion.rotation.ravel(), motion.translation / motion.scale, [math.log(motion.scale)]])


def _unpack(motion: Motion, expression: Array, pose: Array) -> Motion:
    scale = math.exp(pose[12])
    rotation = nearest_rotation(pose[:9].reshape(3, 3))
    return replace(motion, expression=expression, rotation=rotation, translation=pose[9:12] * scale, scale=scale)
