"""When the next picture is due. Arithmetic on moments; knows no clock."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Ticks that all lie on one grid: no drift. What was missed is left out: no burst."""

    rate: float
    """Ticks a second."""
    first: float
    """The moment of tick 0, seconds."""

    def wait(self, last: float, now: float) -> float:
        """Seconds from `now` to the next tick, if the last one was served at `last`; 0 where it is over already."""
        served = math.floor((last - self.first) * self.rate + 0.5)
        tick = max(served + 1, math.floor((now - self.first) * self.rate))
        return max(0.0, self.first + tick / self.rate - now)
