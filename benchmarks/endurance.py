"""python -m benchmarks.endurance: `reenact live` for ten minutes into a virtual camera that stalls now and then.

The program is the real one; only its two devices are exchanged: the camera is a film that plays over and over, the
virtual camera one that takes every frame and sleeps for a moment every `--stall-every` seconds. Told at the end:
memory from minute to minute, how far the pictures have drifted from the grid of their rate, the shortest and longest
gap between two of them, and the age of those that were new. Exit status 1 where something grows, drifts or bursts.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np

from benchmarks.actor import film_actor
from benchmarks.machine import machine
from benchmarks.report import json_line
from reenact.bundle import bundled
from reenact.cli import live
from reenact.devices.paced import ClipCamera
from reenact.loop import STILL
from reenact.types import Frame

STALLS = (0.4, 1.0, 2.5)
"""Seconds, in turn."""
SETTLED = 0.2
"""Part of the run after which memory counts as settled."""
RATE_OFF = 0.05
"""Allowed part of the rate: a busy machine misses ticks, which are left out."""
GROWTH_MB = 16.0
"""Allowed between then and the end."""


class Stalling:
    """A FrameSink that stands still for a moment every `every` seconds, and notes when frames came and how old."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._due = float("inf")
        self._stalls = 0
        self._last = STILL
        self.moments: list[float] = []
        self.ages: list[float] = []
        """Seconds: of those pictures that were new, ..."""
        self.new_at: list[float] = []
        """... which came so long after the first."""
        self.stalled: list[int] = []
        """Places in `moments` after which it stood still."""

    def __enter__(self) -> Self:
        self._due = time.monotonic() + self._every
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, frame: Frame) -> None:
        now = time.monotonic()
        self.moments.append(now)
        if frame.index not in (STILL, self._last):
            self.ages.append(now - frame.captured_at)
            self.new_at.append(now - self.moments[0])
        self._last = frame.index
        if now >= self._due:
            self.stalled.append(len(self.moments) - 1)
            time.sleep(STALLS[self._stalls % len(STALLS)])
            self._stalls += 1
            self._due = time.monotonic() + self._every


class Memory:
    """What the process holds, MB, every few seconds, in a thread of its own."""

    def __init__(self, every: float = 5.0) -> None:
        self._every, self._stop = every, threading.Event()
        self.seen: list[float] = []
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(self._every):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.seen.append(pages * os.sysconf("SC_PAGESIZE") / 1e6)


def pacing(sink: Stalling, rate: float) -> dict[str, float]:
    """How even the pictures came. Off the grid: ms from the nearest tick, of the grid that the first picture began."""
    moments = np.array(sink.moments)
    gaps = np.diff(moments)
    ticks = (moments - moments[0]) * rate
    off = (ticks - np.round(ticks)) / rate * 1e3
    after_stall = np.zeros(len(gaps), bool)
    after_stall[[place for place in sink.stalled if place < len(gaps)]] = True
    after_stall[[place + 1 for place in sink.stalled if place + 1 < len(gaps)]] = True  # back to the grid
    even = gaps[~after_stall]
    return {
        "pictures": len(moments),
        "rate_without_stalls": float(1 / even.mean()),
        "gap_min_ms": float(even.min() * 1e3),
        "gap_p50_ms": float(np.median(even) * 1e3),
        "gap_p99_ms": float(np.percentile(even, 99) * 1e3),
        "gap_max_ms": float(even.max() * 1e3),
        "off_grid_first_minute_ms": float(np.median(off[: round(60 * rate)])),
        "off_grid_last_minute_ms": float(np.median(off[-round(60 * rate) :])),
        "stalls": len(sink.stalled),
    }


def memory(seen: list[float]) -> dict[str, object]:
    """MB; `thirds`: the medians of three parts of what came after it had settled: what still grows is seen there."""
    settled = seen[round(len(seen) * SETTLED) :]
    tenth = max(1, len(settled) // 10)
    early, late = float(np.median(settled[:tenth])), float(np.median(settled[-tenth:]))
    thirds = [float(np.median(part)) for part in np.array_split(settled, 3)]
    return {"settled_mb": early, "end_mb": late, "grown_mb": late - early, "peak_mb": max(seen), "thirds_mb": thirds}


def ages(sink: Stalling, end: float) -> dict[str, float]:
    """How old the new pictures were, ms. Without the one that a sink that stands still at the `end` sends after it."""
    found = [(age * 1e3, at) for age, at in zip(sink.ages, sink.new_at, strict=True) if at < end]
    values = np.array([age for age, _ in found])
    tenth = max(1, len(values) // 10)
    return {
        "p50": float(np.median(values)),
        "p95": float(np.percentile(values, 95)),
        "p99": float(np.percentile(values, 99)),
        "max": float(values.max()),
        "max_came_at_s": found[int(values.argmax())][1],
        "p95_begin": float(np.percentile(values[:tenth], 95)),
        "p95_end": float(np.percentile(values[-tenth:], 95)),
    }


def complaints(result: dict[str, dict[str, float]], rate: float) -> list[str]:
    """What is wrong with it."""
    paced, held, age = result["pacing"], result["memory"], result["age_ms"]
    drift = abs(paced["off_grid_last_minute_ms"] - paced["off_grid_first_minute_ms"])
    found = {
        f"memory grew by {held['grown_mb']:.1f} MB": held["grown_mb"] > GROWTH_MB,
        f"the pictures drifted by {drift:.1f} ms": drift > 250 / rate,
        f"{paced['rate_without_stalls']:.3f} pictures a second": abs(paced["rate_without_stalls"] / rate - 1)
        > RATE_OFF,
        f"the last tenth's ages are {age['p95_end']:.0f} ms": age["p95_end"] > 2 * age["p95_begin"] + 1e3 / rate,
    }
    return [complaint for complaint, is_wrong in found.items() if is_wrong]


def run(seconds: float, every: float, fps: int, size: int, film: Path) -> tuple[dict[str, object], Stalling, Memory]:
    """The program's own closing JSON, and what was seen meanwhile."""
    sink, held, said = Stalling(every), Memory(), io.StringIO()
    live.check_virtual_camera = lambda device=None: None
    live.virtual_camera = lambda size, rate=30, device=None: sink
    live.open_source = lambda camera, fps: ClipCamera(Path(str(camera)), loop=True)
    avatar = bundled("examples", "hopper.jpg")
    sinks = [live.VIRTUALCAM, "null"]
    with held, contextlib.redirect_stdout(said):
        live.live(avatar, camera=str(film), sink=sinks, seconds=seconds, size=size, fps=fps, as_json=True)
    return json.loads(said.getvalue().strip().splitlines()[-1]), sink, held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--stall-every", type=float, default=20)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--size", type=int, default=512)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "actor.mp4"
        film_actor(film)
        stats, sink, held = run(chosen.seconds, chosen.stall_every, chosen.fps, chosen.size, film)
    result = {"pacing": pacing(sink, chosen.fps), "memory": memory(held.seen), "age_ms": ages(sink, chosen.seconds)}
    wrong = complaints(result, chosen.fps)
    json_line({"machine": machine(), "asked": vars(chosen), **result, "live": stats, "wrong": wrong})
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
