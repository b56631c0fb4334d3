"""What the watermark adds to the delay between camera and sink: the real live loop, every other frame marked."""

from __future__ import annotations

import statistics
import time
from typing import Self

from benchmarks.metrics import Scores
from reenact.devices.synthetic import Synthetic, SyntheticCamera
from reenact.loop import run
from reenact.provenance.watermark import Watermark
from reenact.types import Frame, Image

FRAMES = 300
FPS = 60


class EveryOther:
    """A performer that shows the actor's frame, marked if its index is odd."""

    face_found = calibrated = True

    def __init__(self, mark: Watermark, picture: Image) -> None:
        self._mark, self._picture = mark, picture

    def __call__(self, frame: Frame) -> Frame:
        return frame.with_image(self._mark(frame.image) if frame.index % 2 else frame.image.copy())

    def still(self) -> Image:
        return self._picture


class DelaySink:
    """A FrameSink that notes how old frames are: those with an even and with an odd index."""

    def __init__(self) -> None:
        self.ms: tuple[list[float], list[float]] = [], []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, frame: Frame) -> None:
        if frame.index >= 0:
            self.ms[frame.index % 2].append(1e3 * (time.monotonic() - frame.captured_at))


def added_delay(mark: Watermark, picture: Image) -> Scores:
    """Milliseconds from capture to sink for frames like `picture`, without and with the mark, in one run."""
    sink = DelaySink()
    run(SyntheticCamera(Synthetic(FRAMES, fps=FPS, picture=lambda _: picture)), EveryOther(mark, picture), {"": sink})
    without, marked = (statistics.median(ms) for ms in sink.ms)
    return {"delay_ms_without": without, "delay_ms_marked": marked, "delay_ms_added": marked - without}
