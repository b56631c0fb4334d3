"""python -m training.performance: write examples/performance.npz, a performance that nobody gave.

Curves of blendshapes and head angles, written by hand below, on the mean face: no person's picture or motion in it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reenact.faces.blendshapes import NAMES
from reenact.lite import LiteEngine, open_lite
from reenact.recording import Recording, save_recording
from reenact.types import Array, Motion

OUT = Path(__file__).parent.parent / "examples" / "performance.npz"
RATE = 25
SECONDS = 10.0
SCALE = 14.0
"""px per cm of the imagined actor."""

Beat = tuple[float, float, float, float]
"""Begins, is there, leaves, is gone: seconds."""

BLINKS = (0.8, 2.9, 4.3, 6.6, 9.2)
EXPRESSIONS: tuple[tuple[str, float, Beat], ...] = (
    ("browInnerUp", 0.7, (1.2, 1.5, 2.0, 2.4)),
    ("browOuterUpLeft", 0.6, (1.2, 1.5, 2.0, 2.4)),
    ("browOuterUpRight", 0.6, (1.2, 1.5, 2.0, 2.4)),
    ("eyeLookOutLeft", 0.7, (2.4, 2.7, 3.2, 3.5)),
    ("eyeLookInRight", 0.7, (2.4, 2.7, 3.2, 3.5)),
    ("eyeLookOutRight", 0.7, (3.4, 3.7, 4.2, 4.5)),
    ("eyeLookInLeft", 0.7, (3.4, 3.7, 4.2, 4.5)),
    ("mouthSmileLeft", 0.8, (4.3, 4.9, 5.4, 5.9)),
    ("mouthSmileRight", 0.8, (4.3, 4.9, 5.4, 5.9)),
    ("browDownLeft", 0.6, (8.0, 8.3, 8.7, 9.0)),
    ("browDownRight", 0.6, (8.0, 8.3, 8.7, 9.0)),
    ("eyeBlinkLeft", 0.6, (8.3, 8.4, 8.6, 8.8)),
)
SYLLABLES = (6.0, 6.22, 6.46, 6.66, 6.92, 7.1, 7.34, 7.6, 7.78)
ROUNDED = (6.46, 7.1, 7.78)
"""The syllables with an o in them."""
YAW = ((0.0, 0.0), (2.3, 0.0), (2.9, 18.0), (3.9, -18.0), (4.6, 0.0), (6.4, 5.0), (7.4, -5.0), (8.2, 0.0), (10.0, 0.0))
PITCH = ((0.0, 0.0), (1.2, 0.0), (1.7, -6.0), (2.5, 0.0), (6.2, 3.0), (6.9, -3.0), (7.8, 4.0), (8.6, 0.0), (10.0, 0.0))
ROLL = ((0.0, 0.0), (4.4, 0.0), (5.1, 7.0), (6.0, 0.0), (8.1, -5.0), (9.0, 0.0), (10.0, 0.0))
"""Seconds, degrees."""


def main() -> None:
    """Perform, and write it down."""
    engine = open_lite()
    seconds = np.arange(0, SECONDS, 1 / RATE)
    recording = Recording(tuple(moment(engine, float(at)) for at in seconds), seconds)
    save_recording(OUT, recording)
    print(f"{OUT}: {len(seconds)} motions, {OUT.stat().st_size // 1024} kB")


def moment(engine: LiteEngine, at: float) -> Motion:
    """The imagined actor at a time."""
    expression = engine.mean_face(weights(at)) - engine.canonical
    yaw, pitch, roll = (curve(points, at) for points in (YAW, PITCH, ROLL))
    sway = np.array([2.0 * yaw, 1.5 * pitch, 0.0])
    return Motion(engine.canonical, expression, rotation(yaw, pitch, roll), sway, SCALE)


def weights(at: float) -> Array:
    """(52,) blendshapes at a time."""
    worn = dict.fromkeys(NAMES, 0.0)
    for name, most, when in EXPRESSIONS:
        worn[name] += most * beat(when, at)
    for start in BLINKS:
        for name in ("eyeBlinkLeft", "eyeBlinkRight"):
            worn[name] += 0.9 * beat((start, start + 0.08, start + 0.14, start + 0.28), at)
    for start in SYLLABLES:
        open_now = beat((start, start + 0.09, start + 0.12, start + 0.24), at)
        worn["jawOpen"] += (0.22 if start in ROUNDED else 0.34) * open_now
        worn["mouthPucker"] += (0.7 if start in ROUNDED else 0.0) * open_now
    return np.array([worn[name] for name in NAMES])


def beat(when: Beat, at: float) -> float:
    """0 before and after, 1 in the middle, smooth between."""
    part = float(np.interp(at, when, (0, 1, 1, 0)))
    return part * part * (3 - 2 * part)


def curve(points: tuple[tuple[float, float], ...], at: float) -> float:
    """A smooth line through (seconds, value) points."""
    times, values = np.array(points).T
    after = int(np.clip(np.searchsorted(times, at, side="right"), 1, len(times) - 1))
    part = (at - times[after - 1]) / (times[after] - times[after - 1])
    return float(values[after - 1] + part * part * (3 - 2 * part) * (values[after] - values[after - 1]))


def rotation(yaw: float, pitch: float, roll: float) -> Array:
    """(3, 3) from degrees."""
    y, p, r = np.radians([yaw, pitch, roll])
    turn = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    nod = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    lean = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return np.asarray(lean @ turn @ nod)


if __name__ == "__main__":
    main()
