"""When there is an actor to follow: the neutral at the beginning, and the times when the face is lost."""

from __future__ import annotations

import math

import numpy as np

from reenact.motion import ease, mean, posed, smoothstep
from reenact.types import Motion

CALIBRATION = 1.0
"""Seconds of a steady face that make a neutral."""
STEADY = 0.12
"""A face whose points move by more than this, canonical units (cm) per sample, is not steady: a blink, a word."""
PATIENCE = 3.0
"""Seconds after which a face that never holds still is taken as it is."""


class Calibration:
    """Gathers the actor's neutral: the mean over a second in which the face holds still."""

    def __init__(self) -> None:
        self._steady: list[Motion] = []
        self._since = math.inf
        self._began = math.inf

    def __call__(self, motion: Motion, at: float) -> Motion | None:
        """One more sample at `at` seconds; the neutral once there is enough, else None."""
        self._began = min(self._began, at)
        if self._steady and unrest(self._steady[-1], motion) > STEADY and at - self._began < PATIENCE:
            self._steady.clear()
        if not self._steady:
            self._since = at
        self._steady.append(motion)
        return mean(self._steady) if at - self._since >= CALIBRATION else None


def unrest(before: Motion, after: Motion) -> float:
    """Mean distance by which the posed points moved, canonical units."""
    return float(np.linalg.norm(posed(after) - posed(before), axis=1).mean()) / after.scale


HOLD = 0.5
"""Seconds for which an avatar keeps its last motion when the actor cannot be seen."""
EASE = 0.5
"""Seconds in which it then goes back to rest, and in which it takes up a returning actor."""


class Return:
    """Bridges the times without a face: hold, ease to rest, and ease back in, never jumping."""

    def __init__(self, rest: Motion) -> None:
        self._rest = rest
        self._shown = rest
        self._lost: tuple[Motion, float] | None = None
        self._back: tuple[Motion, float] | None = None

    def __call__(self, motion: Motion | None, at: float) -> Motion:
        """The motion to show at `at` seconds; `motion` None: there is none to follow."""
        self._shown = self._without(at) if motion is None else self._with(motion, at)
        return self._shown

    def _without(self, at: float) -> Motion:
        if self._lost is None:
            self._lost = (self._shown, at)
        start, since = self._lost
        return ease(start, self._rest, smoothstep((at - since - HOLD) / EASE))

    def _with(self, motion: Motion, at: float) -> Motion:
        if self._lost is not None:
            self._back, self._lost = (self._shown, at), None
        if self._back is None:
            return motion
        start, since = self._back
        part = smoothstep((at - since) / EASE)
        if part >= 1:
            self._back = None
        return ease(start, motion, part)
