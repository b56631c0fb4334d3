"""A producer for the test: numbered pictures through the live loop into the virtual camera, until it is ended.

usage: python -m scripts.vcam.coded FPS
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from typing import Self

from reenact import loop
from reenact.devices.v4l2_sink import V4L2Sink
from reenact.types import Frame, Image
from scripts.vcam import pattern


class Numbers:
    """A LiveSource of numbered pictures, `fps` a second."""

    def __init__(self, fps: float) -> None:
        self._fps = fps

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Frame]:
        moment = time.monotonic()
        pace = loop.Pace(self._fps, moment)
        for number in itertools.count():
            yield Frame(pattern.draw(number), number, moment)
            time.sleep(pace.wait(moment, time.monotonic()))
            moment = time.monotonic()


class Through:
    """A performer that shows what it gets."""

    face_found = calibrated = True

    def __call__(self, frame: Frame) -> Frame:
        return frame

    def still(self) -> Image:
        return pattern.draw(0)


if __name__ == "__main__":
    fps = float(sys.argv[1])
    loop.run(Numbers(fps), Through(), {"virtualcam": V4L2Sink((640, 360), fps)}, rate=fps, steady=["virtualcam"])
