"""How a live run goes."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

WINDOW = 120
"""Frames that rates and latencies are taken over."""
STILL = -1
"""Index of a frame that shows the avatar at rest, since no frame came. Not counted in latencies."""


@dataclass(frozen=True, slots=True)
class SinkStats:
    """How one sink keeps up."""

    name: str
    sent: int
    dropped: int
    """Frames that it was too busy for."""
    latency_p50_ms: float | None
    """From capture to the end of its `send`, over the last `WINDOW` frames; None before the first."""
    latency_p95_ms: float | None
    repeated: int = 0
    """Of those sent: how often a steady sink got the same frame again, no newer having come."""


@dataclass(frozen=True, slots=True)
class LiveStats:
    """How a live run goes, or went."""

    seconds: float
    captured: int
    dropped: int
    """Captured frames that the performer was too busy for."""
    performed: int
    stills: int
    """Times the avatar at rest was shown, no frame having come."""
    fps: float
    """Performed per second, over the last `WINDOW` frames."""
    camera_found: bool
    """Whether frames are coming."""
    face_found: bool
    calibrated: bool
    sinks: tuple[SinkStats, ...]


class Latencies:
    """What one thread measures and another asks for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._sent = 0
        self._repeated = 0

    def add(self, seconds: float | None, *, repeated: bool = False) -> None:
        """Count a frame sent; None: one whose latency means nothing. repeated: it was sent before."""
        with self._lock:
            self._sent += 1
            self._repeated += repeated
            if seconds is not None:
                self._recent.append(seconds)

    def stats(self, name: str, dropped: int) -> SinkStats:
        with self._lock:
            sent, repeated, recent = self._sent, self._repeated, list(self._recent)
        if not recent:
            return SinkStats(name, sent, dropped, None, None, repeated)
        middle, high = np.percentile(recent, (50, 95)) * 1e3
        return SinkStats(name, sent, dropped, float(middle), float(high), repeated)


class Rate:
    """Events per second over the last `WINDOW`."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=WINDOW)
        self.count = 0

    def add(self, moment: float) -> None:
        self.count += 1
        self._moments.append(moment)

    @property
    def per_second(self) -> float:
        """0 until there are two."""
        span = self._moments[-1] - self._moments[0] if self._moments else 0.0
        return (len(self._moments) - 1) / span if span > 0 else 0.0
