"""When the next picture is due. Arithmetic on moments; knows no clock."""

from __future__ import annotations

import math


class Pace:
    """Ticks `rate` a second, counted from the first moment: no drift. What was missed is left out: no burst."""

    def __init__(self, rate: float, first: float) -> None:
        """first: the moment of tick 0, seconds."""
        self._rate, self._first = rate, first
        self._tick = 0

    def wait(self, now: float) -> float:
        """Seconds from `now` to the next tick; 0 where it is over already, and those before it are gone."""
        self._tick = max(self._tick + 1, math.floor((now - self._first) * self._rate))
        return max(0.0, self._first + self._tick / self._rate - now)
