"""A camera as a LiveSource. It is waited for when it is unplugged, and taken up again.

Reads at the camera's pace, whenever it is iterated: whoever wants only the newest frame (`loop` does) iterates in a
thread and keeps one. The driver's own queue keeps the oldest: a slow reader would see the past.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, Self

import cv2
import numpy as np
from cv2.typing import MatLike

from reenact.devices.nodes import find_camera, list_cameras
from reenact.errors import DeviceError
from reenact.types import Frame, Image

RETRY_SECONDS = 0.25
"""Between two looks for a camera that is gone."""
RAW_SIZE = 640 * 480
"""px: up to here raw pictures fit through USB 2 at 30 fps, and need no decoding; above it MJPG is asked for."""
OLDEST = 5.0
"""Seconds: a driver's time stamp that is older, or in the future, is not on our clock."""
AHEAD = 0.1
"""Seconds: so far in the future it is still on it; some drivers stamp the end of the picture beforehand."""
DRIVERS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}

_log = logging.getLogger(__name__)


class Capture(Protocol):
    """What is used of cv2.VideoCapture; tests bring their own."""

    def isOpened(self) -> bool: ...  # noqa: N802 - cv2's name
    def read(self) -> tuple[bool, MatLike]: ...
    def set(self, property_id: int, value: float, /) -> bool: ...
    def get(self, property_id: int, /) -> float: ...
    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CameraMode:
    """What a camera gives."""

    width: int
    """px."""
    height: int
    """px."""
    fps: float
    """As the driver says; 0 where it does not."""
    fourcc: str
    """How the pictures come over the wire: MJPG, YUYV ...; empty where the driver does not say."""

    def __str__(self) -> str:
        return f"{self.width}x{self.height} px {self.fourcc or '?'} at {self.fps:.4g} fps"


def open_capture(device: int) -> Capture:
    """Open a camera by number with the system's own driver."""
    return cv2.VideoCapture(device, DRIVERS.get(sys.platform, cv2.CAP_ANY))


def captured_at(stamp: float, now: float) -> float:
    """When a picture was taken, seconds: the driver's `stamp` where it can be one on the clock of `now`, else `now`."""
    return min(stamp, now) if now - OLDEST < stamp < now + AHEAD else now


class Camera:
    """A LiveSource of RGB frames from the camera that `wanted` means; see `find_camera`.

    `size` (width, height) px and `fps` are what is asked of it; `mode` is what it gives. captured_at is the driver's
    time stamp on Linux, elsewhere the moment after reading. Raises DeviceError when it is missing, busy or gives no
    picture at the start.
    """

    def __init__(
        self,
        wanted: str | None = None,
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int = 30,
        opener: Callable[[int], Capture] = open_capture,
        find: Callable[[str | None], int | None] = find_camera,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._wanted, self._size, self._fps = wanted, size, fps
        self._opener, self._find, self._clock, self._pause = opener, find, clock, pause
        self.name = "camera" if wanted is None else f"camera {wanted}"
        self.mode: CameraMode | None = None
        number = find(wanted)
        if number is None:
            listed = ", ".join(map(str, list_cameras())) or "none"
            raise DeviceError(f"{self.name}: not found (there are: {listed}); plug it in or choose with --camera.")
        self._capture = self._open(number)
        if self._capture is None:
            raise DeviceError(
                f"{self.name}: found (number {number}), but it gives no picture; close other programs that use it, "
                "allow this one to, or choose another with --camera."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._release()

    def __iter__(self) -> Iterator[Frame | None]:
        index = 0
        while True:
            seen = self._read()
            if seen is None:
                self._pause(RETRY_SECONDS)
                yield None
            else:
                image, moment = seen
                yield Frame(image, index, moment)
                index += 1

    def _read(self) -> tuple[Image, float] | None:
        """The next picture, RGB, and when it was taken; None where the camera is gone (again)."""
        if self._capture is None:
            number = self._find(self._wanted)  # it may have come back as another
            self._capture = None if number is None else self._open(number)
            if self._capture is not None:
                _log.warning("%s is back", self.name)
        if self._capture is None:
            return None
        read, picture = self._capture.read()
        if not read:
            _log.warning("%s is gone; waiting for it", self.name)
            self._release()
            return None
        moment = captured_at(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3, self._clock())
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), moment

    def _open(self, number: int) -> Capture | None:
        """An open camera that has given a picture, or None."""
        capture = self._opener(number)
        width, height = self._size
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*("MJPG" if width * height > RAW_SIZE else "YUYV")))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if capture.isOpened():
            read, picture = capture.read()
            if read:
                self._report(capture, picture)
                return capture
        capture.release()
        return None

    def _report(self, capture: Capture, picture: MatLike) -> None:
        """Keep, and say, what the camera gives; a warning where it is less than was asked for."""
        height, width = picture.shape[:2]
        code = int(capture.get(cv2.CAP_PROP_FOURCC))
        fourcc = code.to_bytes(4, "little").decode(errors="replace").strip("\0 ") if 0 < code < 2**32 else ""
        mode = CameraMode(width, height, max(0.0, capture.get(cv2.CAP_PROP_FPS)), fourcc)
        is_less = width * height < self._size[0] * self._size[1] or 0 < mode.fps < self._fps - 1
        if mode != self.mode:
            level = logging.WARNING if is_less else logging.INFO
            _log.log(level, "%s gives %s (asked for: %dx%d at %d fps)", self.name, mode, *self._size, self._fps)
        self.mode = mode

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
