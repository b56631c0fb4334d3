"""Offline: every frame of a film through the performer, in order, at its own time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar, cast

import cv2
import numpy as np

from reenact.types import Frame, Image

T = TypeVar("T")


class Performer(Protocol):
    """What `pipeline.Reenactor` is: makes the avatar's frame from the actor's."""

    def __call__(self, frame: Frame) -> Frame: ...
    @property
    def face_found(self) -> bool: ...


class Layout(StrEnum):
    """What a picture of the film shows."""

    AVATAR = "avatar"
    SIDE_BY_SIDE = "side-by-side"
    """The actor on the left, as high as the avatar on the right. The only way an actor's picture ever goes out."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was made."""

    frames: int
    frames_without_face: int


def render(
    frames: Iterable[Frame],
    perform: Performer,
    send: Callable[[Frame], None],
    *,
    look: Callable[[Frame], Frame] = lambda frame: frame,
    layout: Layout = Layout.AVATAR,
    progress: Callable[[Frame], None] = lambda _: None,
) -> Rendered:
    """Perform every one of `frames` and `send` it: as many come out as go in, with the same index and times.

    `look` is what can be done for a frame while the one before is performed: a thread of its own reads `frames` and
    looks, one frame ahead. Another one sends, one frame behind; when this returns, all are sent. `progress` sees each
    frame after it was performed. Raises what its parts raise.
    """
    count = faceless = 0
    with closing(ahead(map(look, frames))) as looked, behind(send) as send_later:
        for frame in looked:
            performed = perform(frame)
            if layout is Layout.SIDE_BY_SIDE:
                performed = performed.with_image(beside(frame.image, performed.image))
            send_later(performed)
            count += 1
            faceless += not perform.face_found
            progress(frame)
    return Rendered(count, faceless)


def ahead(items: Iterable[T]) -> Generator[T, None, None]:
    """`items` in order, each made in another thread while the one before is used. An error comes at its place."""
    iterator, end = iter(items), object()
    with ThreadPoolExecutor(1, thread_name_prefix="reenact look") as other:
        coming: Future[T | object] = other.submit(next, iterator, end)
        while (item := coming.result()) is not end:
            coming = other.submit(next, iterator, end)
            yield cast(T, item)


@contextmanager
def behind(send: Callable[[T], None]) -> Iterator[Callable[[T], None]]:
    """`send` in another thread while the next item is made: in order, never more than one at a time.

    An error of an item comes at the next one or at the end, and nothing is sent after it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="reenact send") as other:
        going: Future[None] = other.submit(lambda: None)

        def send_later(item: T) -> None:
            nonlocal going
            going.result()
            going = other.submit(send, item)

        yield send_later
        going.result()


def beside(actor: Image, avatar: Image) -> Image:
    """(H, W_actor' + W, 3): `actor`, scaled to the avatar's height, left of `avatar` (H, W, 3)."""
    height = avatar.shape[0]
    width = width_beside(actor, height)
    shrinks = height < actor.shape[0]
    scaled = cv2.resize(actor, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.hstack([np.asarray(scaled, np.uint8), avatar])


def width_beside(actor: Image, height: int) -> int:
    """px: how wide `actor` gets when it is made `height` px high."""
    return max(1, round(int(actor.shape[1]) * height / int(actor.shape[0])))
