"""Frames from nowhere: a camera for tests, benchmarks and machines without one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Self

import numpy as np

from reenact.devices.paced import paced
from reenact.types import Frame, Image


def bar_picture(index: int, size: tuple[int, int] = (640, 480)) -> Image:
    """(H, W, 3): a gradient with a bright bar that wanders with `index`. size: (width, height) px."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([x * 255 // width, y * 255 // height, np.full_like(x, 96)], -1).astype(np.uint8)
    at = index * 4 % width
    image[:, at : at + 8] = 255
    return image


class Synthetic:
    """A FrameSource of `count` frames (None: without end) at `fps`, drawn by `picture` from their index.

    Frames have the times of a film: captured_at and timestamp from 0.
    """

    def __init__(
        self, count: int | None = None, *, fps: int = 30, picture: Callable[[int], Image] = bar_picture
    ) -> None:
        self._count, self._fps, self._picture = count, fps, picture

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Frame]:
        for index in itertools.count() if self._count is None else range(self._count):
            timestamp = Fraction(index, self._fps)
            yield Frame(self._picture(index), index, float(timestamp), timestamp)


class SyntheticCamera:
    """A LiveSource: `source` played in real time, as a camera would."""

    def __init__(self, source: Synthetic) -> None:
        self._source = source

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Frame | None]:
        return paced(self._source)
