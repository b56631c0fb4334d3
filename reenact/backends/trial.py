"""Tries a loaded graph: is it right, and how fast is it?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from reenact.backends.onnx import first_line
from reenact.backends.protocol import Session
from reenact.backends.remembered import TOLERANCE, Trial
from reenact.network import Tensor
from reenact.types import Array

TILE = 32
"""px: a picture has to agree in every square of so many, since what networks paint may be a small part of it."""
SAME = 120.0
"""dB: what counts as no difference."""
WARM_UP = 2
"""Runs that are not timed; the first is compared."""
RUNS = 5
"""Runs that are timed, unless they take long."""
LONG = 2.0
"""Seconds after which no further run is timed."""


def attempt(
    form: str,
    backend: str,
    load: Callable[[], Session],
    inputs: Mapping[str, Tensor],
    wanted: Mapping[str, Tensor],
) -> tuple[Trial, Session | None]:
    """Load, compare with what the reference made of `inputs`, warm up, time. The session: None if it must not be used.

    Never raises for what a backend does wrong: that is a finding.
    """
    found = partial(Trial, form=form, backend=backend)
    try:
        session = load()
        near = psnr(session(**inputs), wanted)
        if not near >= TOLERANCE:  # NaN is no number above anything
            return found(milliseconds=None, psnr=_number(near), complaint=_wrong(near)), None
        taken = fastest(lambda: session(**inputs))
    except Exception as error:  # a runtime may raise anything
        return found(milliseconds=None, psnr=None, complaint=first_line(error)), None
    return found(milliseconds=taken * 1e3, psnr=near, complaint=""), session


def psnr(got: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> float:
    """dB, the worst output's; -inf where outputs are missing or of another shape, nan where they hold NaN.

    The peak is 255 for pictures in uint8, whose worst tile counts, and else the largest number that is wanted.
    """
    if got.keys() != wanted.keys():
        return float("-inf")
    return float(np.min([_psnr(got[name], wanted[name]) for name in wanted]))


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


def _psnr(got: Tensor, wanted: Tensor) -> float:
    if got.shape != wanted.shape:
        return float("-inf")
    if not wanted.size:
        return SAME
    peak = 255.0 if wanted.dtype == np.uint8 else max(float(np.abs(wanted).max()), 1e-6)
    squares = np.square(got.astype(float) - wanted)
    picture = wanted.dtype == np.uint8 and wanted.ndim == 3
    off = float(np.sqrt(_tiles(squares.mean(2)).max() if picture else squares.mean()))
    return -20 * float(np.log10(np.maximum(off / peak, 10 ** (-SAME / 20))))


def _tiles(values: Array) -> Array:
    """(H, W) -> the mean of each tile."""
    for axis in (0, 1):
        starts = np.arange(0, values.shape[axis], TILE)
        widths = np.diff(starts, append=values.shape[axis])
        values = np.add.reduceat(values, starts, axis) / np.expand_dims(widths, 1 - axis)
    return values


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _wrong(near: float) -> str:
    return f"agrees with the reference to {near:.1f} dB only (wanted: {TOLERANCE:.0f})"
