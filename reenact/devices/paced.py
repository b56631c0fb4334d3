"""Frames at the pace of their own times: what makes a film a camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from reenact.devices.video import VideoSource
from reenact.types import Frame

LONGEST_WAIT = 0.25
"""Seconds between two signs of life."""


def paced(
    frames: Iterable[Frame],
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Frame | None]:
    """Give each frame when it is due, counted from the first by captured_at; None now and then in a long wait.

    Captured_at becomes the moment, timestamp None: the frame comes from a device now. Late ones come at once.
    """
    offset: float | None = None
    for frame in frames:
        offset = clock() - frame.captured_at if offset is None else offset
        while (wait := frame.captured_at + offset - clock()) > 0:
            pause(min(wait, LONGEST_WAIT))
            if wait > LONGEST_WAIT:
                yield None
        yield replace(frame, captured_at=clock(), timestamp=None)


class ClipCamera:
    """A LiveSource that plays a film file in real time, once or over and over. Raises MediaError like VideoSource."""

    def __init__(
        self,
        path: Path,
        *,
        loop: bool = False,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._path, self._loop, self._clock, self._pause = path, loop, clock, pause
        self._film = VideoSource(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._film.close()

    def __iter__(self) -> Iterator[Frame | None]:
        index = 0
        while True:
            for frame in paced(self._film, clock=self._clock, pause=self._pause):
                yield frame and replace(frame, index=index)
                index += frame is not None
            if not self._loop:
                return
            self._film.close()
            self._film = VideoSource(self._path)
