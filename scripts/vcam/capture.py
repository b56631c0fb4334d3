"""The camera's part of the check: its pictures stay young, and pulling it out does not darken the virtual one."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Self

from reenact import loop
from reenact.devices.camera import Camera
from reenact.devices.memory import NullSink
from reenact.devices.v4l2_sink import V4L2Sink
from reenact.types import Frame, Image
from scripts.vcam import pattern

DRIVER = Path("/sys/bus/platform/drivers/vivid")
SIZE = (320, 180)
FPS = 10


class Through:
    """A performer that shows what it gets, after `seconds` of work, and notes how old that was."""

    face_found = calibrated = True

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self.ages: list[float] = []

    def __call__(self, frame: Frame) -> Frame:
        self.ages.append(time.monotonic() - frame.captured_at)
        time.sleep(self._seconds)
        return frame

    def still(self) -> Image:
        return pattern.draw(0, *SIZE)


class Noting(V4L2Sink):
    """The virtual camera, and when it got its pictures."""

    moments: list[float]

    def __enter__(self) -> Self:
        self.moments = []
        return super().__enter__()

    def send(self, frame: Frame) -> None:
        self.moments.append(time.monotonic())
        super().send(frame)


def camera(out: Path) -> None:
    """A slow performer gets the newest picture of a camera chosen by name; ages are from the driver's stamp."""
    source, slow = Camera("vivid", size=SIZE, fps=15), Through(0.5)
    print("    it gives", source.mode, flush=True)
    assert source.mode is not None
    assert (source.mode.width, source.mode.height) == SIZE
    stats = loop.run(source, slow, {"null": NullSink()}, seconds=6)
    middle = statistics.median(slow.ages[2:]) * 1e3
    print(f"    age at a performer of 0.5 s: median {middle:.0f} ms, dropped {stats.dropped} of {stats.captured}")
    assert middle < 300, "old pictures"


def replug(out: Path) -> None:
    """The camera is pulled out and put in again; the virtual camera goes on at its rate all the time."""
    plug, performer, sink = Plug(), Through(), Noting(SIZE, FPS)
    source = Camera(size=SIZE, fps=FPS)
    stats = loop.run(source, performer, {"virtualcam": sink}, rate=FPS, steady=["virtualcam"], seconds=60, watch=plug)
    gaps = [later - sooner for sooner, later in zip(sink.moments, sink.moments[1:], strict=False)]
    rate = len(gaps) / sum(gaps)
    print(f"    {plug.said}; pictures at rest {stats.stills}; out {rate:.2f} fps, longest gap {max(gaps) * 1e3:.0f} ms")
    assert plug.is_done, "the camera did not come back"
    assert stats.stills >= 5, "no picture at rest was shown"
    assert abs(rate - FPS) < FPS * 0.2, "not the rate that was set"
    assert max(gaps) < 0.6, "it went dark"


class Plug:
    """Pulls vivid out after some pictures, and puts it in again after some pictures at rest. Watches a run."""

    def __init__(self) -> None:
        self.is_done = False
        self.said = "never pulled"
        self._pulled_at: int | None = None
        self._put_at: int | None = None

    def __call__(self, stats: loop.LiveStats) -> bool:
        if self._pulled_at is None and stats.performed >= 15:
            (DRIVER / "unbind").write_text("vivid.0")
            self._pulled_at = stats.performed
        elif self._pulled_at is not None and self._put_at is None and stats.stills >= 10:
            (DRIVER / "bind").write_text("vivid.0")
            self._put_at = stats.performed
        elif self._put_at is not None and stats.performed >= self._put_at + 10:
            self.is_done = True
        self.said = f"pulled at {self._pulled_at}, put in at {self._put_at}, pictures of it {stats.performed}"
        return not self.is_done
