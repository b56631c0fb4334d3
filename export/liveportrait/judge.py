"""The fixtures' own judge: what the reference's networks put out when they are filled from the seed.

`compare.py` and `detfill.py` are read from the fixtures' folder, so that inputs, digests and tolerances are theirs.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

HALF = 5e-3
"""Relative error allowed in half precision; 1.4e-3 is what rounding the reference's own networks costs."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one output of one form compares with the fixtures."""

    network: str
    form: str
    output: str
    error: float
    """Relative L2 of a network's output, else the largest or (of pixels) the mean difference."""
    allowed: float
    agrees: bool

    def __str__(self) -> str:
        word = "agrees" if self.agrees else "DIFFERS"
        return (
            f"{self.network:<12} {self.form:<22} {self.output:<24} {self.error:.1e} (allowed {self.allowed:.0e}) {word}"
        )

    def json(self) -> dict[str, object]:
        return asdict(self)


def within(network: str, form: str, output: str, got: np.ndarray, wanted: np.ndarray, allowed: float) -> Verdict:
    """By the largest difference."""
    error = float(np.abs(got - wanted).max())
    return Verdict(network, form, output, error, allowed, error <= allowed)


class Judge:
    """Compares by the fixtures' rules."""

    def __init__(self, folder: Path) -> None:
        """folder: holds `fixtures/` and `state_dict_manifest.json`."""
        compare = judge_module(folder / "fixtures", "compare")
        self.compare = compare
        self.fixtures = compare.Fixtures(str(folder / "fixtures"), str(folder / "state_dict_manifest.json"))

    def __call__(self, network: str, form: str, output: str, value: np.ndarray) -> Verdict:
        """form: begins with "torch" where it has to agree strictly; ends with "f16" in half precision."""
        if form.endswith("f16"):
            error = self._sampled(output, value)
            return Verdict(network, form, output, error, HALF, error <= HALF)
        loose = form != "torch"
        try:
            report = self.fixtures.check({output: value}, loose=loose)[output]
        except AssertionError:
            return Verdict(network, form, output, self._sampled(output, value), self._limit(output, loose), False)
        return Verdict(network, form, output, max(report["projection"], report["sampled"]), report["tol"], True)

    def picture(self, network: str, form: str, image: np.ndarray) -> Verdict:
        """(1, 3, H, W) 0..1 as whole levels: at most one off, in less than 0.1 % of the values."""
        levels = (image[0].transpose(1, 2, 0).clip(0, 1) * 255).astype(np.uint8)
        wanted = self.fixtures.arrays["chain.uint8_512"].astype(int)
        off = np.abs(levels[_stride(levels, wanted)].astype(int) - wanted)
        part = float((off > 0).mean())
        return Verdict(network, form, "chain.uint8_512", part, 1e-3, bool(off.max() <= 1 and part < 1e-3))

    def _limit(self, output: str, loose: bool) -> float:
        fitting = {start: pair for start, pair in self.compare.TOL.items() if output.startswith(start)}
        return fitting[max(fitting, key=len)][loose]

    def _sampled(self, output: str, value: np.ndarray) -> float:
        leaf = output.rpartition(".")[2]
        seen = value[self.compare.STRIDES[leaf]] if leaf in self.compare.STRIDES else value
        wanted = self.fixtures.arrays[output].astype(np.float64)
        return float(np.linalg.norm(seen - wanted) / np.linalg.norm(wanted))


def _stride(levels: np.ndarray, wanted: np.ndarray) -> tuple[slice, slice]:
    step = levels.shape[0] // wanted.shape[0]
    return slice(None, None, step), slice(None, None, step)


def judge_module(folder: Path, name: str) -> ModuleType:
    """One of the fixtures' own modules."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
