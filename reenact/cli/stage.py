"""Who is on show in a live run: a Performer around the Reenactor, with what keys can change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from reenact.devices.files import check_readable
from reenact.errors import MediaError, NoFaceError, ReenactError
from reenact.loop import Performer
from reenact.types import Avatar, Frame, Image, Seen

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}

_log = logging.getLogger(__name__)


class Troupe(Performer, Protocol):
    """What `pipeline.Reenactor` is: a Performer that can change its avatar and its neutral."""

    def look(self, frame: Frame) -> Seen: ...
    def show(self, avatar: Avatar) -> None: ...
    def recalibrate(self) -> None: ...


Prepare = Callable[[Path, bool], Avatar]
"""Makes a picture an avatar; the flag: whether its background stays still."""


class Stage:
    """A Performer whose pictures all have the size of the first avatar. `remark`: what the last change has to say."""

    def __init__(
        self, reenactor: Troupe, pictures: Sequence[Path], prepare: Prepare, *, mirror: bool, background: bool
    ) -> None:
        """reenactor: showing the first of `pictures`, with its background still or not as `background` says."""
        self._reenactor, self._pictures, self._prepare = reenactor, pictures, prepare
        self._mirror, self._background = mirror, background
        self._on_show = 0
        self._paused = False
        self._last = reenactor.still()
        self._size = self._last.shape[1], self._last.shape[0]
        self.remark = ""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px of every picture."""
        return self._size

    @property
    def face_found(self) -> bool:
        return self._reenactor.face_found

    @property
    def calibrated(self) -> bool:
        return self._reenactor.calibrated

    def __call__(self, frame: Frame) -> Frame:
        """The avatar's frame; while paused, the last one again."""
        if not self._paused:
            seen = frame if isinstance(frame, Seen) else self._mirrored(frame)
            self._last = letterbox(self._reenactor(seen).image, self._size)
        return frame.with_image(self._last)

    def look(self, frame: Frame) -> Frame:
        """Find the actor in a frame that is called with next; goes on while paused, so that nobody is lost."""
        return self._reenactor.look(self._mirrored(frame))

    def still(self) -> Image:
        """The avatar at rest; while paused, the last picture."""
        return self._last if self._paused else letterbox(self._reenactor.still(), self._size)

    def recalibrate(self) -> None:
        """The actor's neutral is taken anew, where one is needed."""
        self._reenactor.recalibrate()
        self.remark = "nothing to calibrate: --absolute" if self.calibrated else "the neutral is taken anew"

    def mirror(self) -> None:
        """The actor is seen as in a mirror, or no longer."""
        self._mirror = not self._mirror
        self.remark = f"mirror {'on' if self._mirror else 'off'}"

    def pause(self) -> None:
        """Everything stands still, or goes on."""
        self._paused = not self._paused
        self.remark = "paused" if self._paused else ""

    def turn(self, step: int) -> None:
        """Another picture, `step` further in the folder; one that is no avatar is passed over, and said."""
        skipped = ""
        for distance in range(1, len(self._pictures)):
            index = (self._on_show + step * distance) % len(self._pictures)
            try:
                self._show(index, self._background)
            except ReenactError as error:
                skipped = f" (passed over: {error})"
            else:
                self.remark = self._pictures[index].name + skipped
                return
        self.remark = "no other avatar here" + skipped

    def toggle_background(self) -> None:
        """What is behind the avatar's head stays still, or moves along."""
        self._show(self._on_show, not self._background)
        self._background = not self._background
        self.remark = f"background {'stays' if self._background else 'moves along'}"

    def _mirrored(self, frame: Frame) -> Frame:
        return frame.with_image(np.ascontiguousarray(frame.image[:, ::-1])) if self._mirror else frame

    def _show(self, index: int, background: bool) -> None:
        self._reenactor.show(self._prepare(self._pictures[index], background))
        self._on_show = index


def first_avatar(pictures: Sequence[Path], prepare: Prepare, background: bool) -> tuple[Avatar, list[Path]]:
    """The first picture that can be an avatar, and it with those behind it; those before it are passed over, and said.

    Raises:
        MediaError, NoFaceError: of the last picture, where none can be.
    """
    for index, path in enumerate(pictures[:-1]):
        try:
            return prepare(path, background), list(pictures[index:])
        except (MediaError, NoFaceError) as error:
            _log.warning("passed over: %s", error)
    return prepare(pictures[-1], background), list(pictures[-1:])


def letterbox(image: Image, size: tuple[int, int]) -> Image:
    """`image` (H, W, 3), as large as fits into `size` (width, height) px, in the middle, on black."""
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    box = np.zeros((size[1], size[0], 3), np.uint8)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    box[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=how)
    return box


def pictures_of(path: Path) -> list[Path]:
    """The picture itself, or the readable ones of a folder by name. Raises MediaError where a folder has none."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURES and _is_readable(file))
    if not found:
        raise MediaError(f"{path}: wanted a folder of pictures, found none in it; put PNG or JPEG files there.")
    return found


def _is_readable(path: Path) -> bool:
    try:
        check_readable(path, "a picture")
    except MediaError as error:
        _log.warning("passed over: %s", error)
        return False
    return True
