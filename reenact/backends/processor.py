"""The CPU's name, and what else decides what is fastest here."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

DRIVERS = (Path("/proc/driver/nvidia/version"),)
"""Files that change with a driver."""


def processor() -> str:
    """The name on the chip."""
    return _said("model name") or platform.processor() or platform.machine()


def fingerprint() -> str:
    """Of the instructions that the CPU has, whatever its name, and of drivers: another one, and findings are old."""
    known = [processor(), *cpu_flags(), *(path.read_text() for path in DRIVERS if path.exists())]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]


def cpu_flags() -> list[str]:
    """Instruction sets by the system's names, such as avx512_vnni; empty where it does not say."""
    return (_said("flags") or _said("Features")).split()


def _said(what: str) -> str:
    """What the system says of the first core; empty: nothing."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() == what), "")
