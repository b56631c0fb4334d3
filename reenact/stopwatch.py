"""How long the stages take: wraps what is called, and knows nothing of it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np

from reenact.engine import Engine

P = ParamSpec("P")
R = TypeVar("R")
LONGEST = 100_000
"""Durations kept per stage, the first ones: an hour of film, and no more memory than that."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long one stage took, over all its calls; milliseconds."""

    median_ms: float
    p95_ms: float
    p99_ms: float
    calls: int


class Stopwatch:
    """Durations by stage name, measured on `clock` (seconds)."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._durations: defaultdict[str, list[float]] = defaultdict(list)

    def timed(self, stage: str, function: Callable[P, R]) -> Callable[P, R]:
        """`function`, each of whose calls is measured as `stage`; calls that raise are not."""

        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            start = self._clock()
            result = function(*args, **kwargs)
            self._add(stage, start)
            return result

        return measured

    def timed_items(self, stage: str, items: Iterable[R]) -> Iterator[R]:
        """`items`, where getting each one is measured as `stage`."""
        iterator = iter(items)
        while True:
            start = self._clock()
            try:
                item = next(iterator)
            except StopIteration:
                return
            self._add(stage, start)
            yield item

    @property
    def durations(self) -> dict[str, list[float]]:
        """Seconds per call, by stage, in the order of first use."""
        return {stage: list(seconds) for stage, seconds in self._durations.items()}

    def summary(self) -> dict[str, StageTime]:
        """Median and percentiles of every stage."""
        return {stage: summarise(seconds) for stage, seconds in self._durations.items()}

    def _add(self, stage: str, start: float) -> None:
        if len(self._durations[stage]) < LONGEST:
            self._durations[stage].append(self._clock() - start)


def summarise(seconds: Iterable[float]) -> StageTime:
    """Durations in seconds (at least one) to their median, 95th and 99th percentile in milliseconds."""
    taken = np.fromiter(seconds, float) * 1e3
    median, p95, p99 = np.percentile(taken, (50, 95, 99))
    return StageTime(float(median), float(p95), float(p99), len(taken))


class TimedEngine:
    """An Engine that measures what `engine` does for every frame: stages `motion`, `transfer`, `animate`."""

    def __init__(self, engine: Engine, watch: Stopwatch) -> None:
        self.prepare = engine.prepare
        self.adopt = engine.adopt
        self.effort = engine.effort
        self.motion = watch.timed("motion", engine.motion)
        self.transfer = watch.timed("transfer", engine.transfer)
        self.animate = watch.timed("animate", engine.animate)
