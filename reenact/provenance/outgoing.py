"""The last stage before any sink: every picture that goes out passes here, once. Badge first, watermark last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from reenact.types import Frame, Image

Finish = Callable[[Image], Image]
"""What is done to every outgoing picture."""


class Performer(Protocol):
    """What `pipeline.Reenactor` is to the live loop."""

    def __call__(self, frame: Frame) -> Frame: ...
    def still(self) -> Image: ...
    @property
    def face_found(self) -> bool: ...
    @property
    def calibrated(self) -> bool: ...


class Finished:
    """A performer none of whose pictures leaves unfinished, the ones at rest included."""

    def __init__(self, performer: Performer, finish: Finish) -> None:
        self._performer, self._finish = performer, finish

    def __call__(self, frame: Frame) -> Frame:
        """The performer's frame, finished."""
        performed = self._performer(frame)
        return performed.with_image(self._finish(performed.image))

    def still(self) -> Image:
        """The avatar at rest, finished."""
        return self._finish(self._performer.still())

    @property
    def face_found(self) -> bool:
        return self._performer.face_found

    @property
    def calibrated(self) -> bool:
        return self._performer.calibrated


def in_turn(*stages: Finish) -> Finish:
    """One after the other."""

    def finish(image: Image) -> Image:
        for stage in stages:
            image = stage(image)
        return image

    return finish
