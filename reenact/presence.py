"""When there is an actor to follow: the neutral at the beginning, and the times when the face is lost."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from reenact.motion import ease, mean, posed, smoothstep
from reenact.types import Motion

CALIBRATION = 1.0
"""Seconds of a steady face that make a neutral."""
STEADY = 0.12
"""A face whose points move by more than this, canonical units (cm) per sample, is not steady: a blink, a word."""
PATIENCE = 4.0
"""Seconds after which a face that never holds still is taken where it was nearest to rest."""
CALM = 0.15
"""Part of the motions seen until then that count as nearest to rest."""


class Calibration:
    """Gathers the actor's neutral: the mean over a second in which the face holds still."""

    def __init__(self, effort: Callable[[Motion], float]) -> None:
        """effort: how far a motion is from rest (see `Engine.effort`)."""
        self._effort = effort
        self._seen: list[Motion] = []
        self._steady_from = 0
        self._began = self._steady_since = math.inf

    def __call__(self, motion: Motion, at: float) -> Motion | None:
        """One more sample at `at` seconds; the neutral once there is enough, else None."""
        self._began = min(self._began, at)
        if not self._seen or unrest(self._seen[-1], motion) > STEADY:
            self._steady_from, self._steady_since = len(self._seen), at
        self._seen.append(motion)
        if at - self._steady_since >= CALIBRATION:
            return mean(self._seen[self._steady_from :])
        return self._nearest_to_rest() if at - self._began >= PATIENCE else None

    def _nearest_to_rest(self) -> Motion:
        return mean(sorted(self._seen, key=self._effort)[: max(round(CALM * len(self._seen)), 1)])


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
