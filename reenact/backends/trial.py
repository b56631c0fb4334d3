"""Tries a loaded graph: is it right, and how fast is it?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from reenact.backends.protocol import Session
from reenact.backends.remembered import Trial
from reenact.errors import BackendError
from reenact.network import Tensor

TOLERANCE = 0.02
"""Root mean square of what may differ from the reference, as part of the reference's. bfloat16 takes about 0.005."""
WARM_UP = 2
"""Runs that are not timed; the first is compared."""
RUNS = 5
"""Runs that are timed, unless they take long."""
LONG = 2.0
"""Seconds after which no further run is timed."""


def attempt(
    backend: str, load: Callable[[], Session], inputs: Mapping[str, Tensor], wanted: Mapping[str, Tensor]
) -> tuple[Trial, Session | None]:
    """Load, compare with what the reference made of `inputs`, warm up, time. The session: None if it must not be used.

    Never raises for what a backend does wrong: that is a finding.
    """
    try:
        session = load()
        off = difference(session(**inputs), wanted)
        if not off <= TOLERANCE:  # NaN is no number below anything
            return Trial(backend=backend, milliseconds=None, difference=_number(off), complaint=_wrong(off)), None
        taken = fastest(lambda: session(**inputs))
    except BackendError as error:
        return Trial(backend=backend, milliseconds=None, difference=None, complaint=str(error)), None
    return Trial(backend=backend, milliseconds=taken * 1e3, difference=off, complaint=""), session


def difference(got: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> float:
    """The worst output's; inf where outputs are missing or of another shape, nan where they hold NaN."""
    if got.keys() != wanted.keys():
        return float("inf")
    return float(np.max([_apart(got[name], wanted[name]) for name in wanted]))


def fastest(run: Callable[[], object], runs: int = RUNS) -> float:
    """Seconds: the best of several, after warming up: whatever else the machine does can only add."""
    for _ in range(WARM_UP - 1):
        run()
    taken: list[float] = []
    while len(taken) < runs and sum(taken) < LONG:
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _apart(got: Tensor, wanted: Tensor) -> float:
    if got.shape != wanted.shape:
        return float("inf")
    if not wanted.size:
        return 0.0
    off, size = (float(np.sqrt(np.mean(np.square(v)))) for v in (got.astype(float) - wanted, wanted.astype(float)))
    return off / max(size, 1e-6)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _wrong(off: float) -> str:
    return f"differs from the reference by {off:.3g} of it (allowed: {TOLERANCE})"
