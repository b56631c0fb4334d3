"""Sinks without a device: one forgets, one remembers."""

from __future__ import annotations

from typing import Self

from reenact.types import Frame


class NullSink:
    """A FrameSink that forgets: for measuring, and for trying a camera."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, frame: Frame) -> None:
        """Do nothing."""


class MemorySink:
    """A FrameSink that keeps every frame, for tests and notebooks. `closed` tells whether it was."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def send(self, frame: Frame) -> None:
        """Append `frame` to `frames`."""
        self.frames.append(frame)
