"""A camera as a LiveSource. It is waited for when it is unplugged, and taken up again.

Reads at the camera's pace, whenever it is iterated: whoever wants only the newest frame (`loop` does) iterates in a
thread and keeps one.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import cv2
import numpy as np
from cv2.typing import MatLike

from reenact.errors import DeviceError
from reenact.types import Frame, Image

RETRY_SECONDS = 0.25
"""Between two looks for a camera that is gone."""
NODES = Path("/sys/class/video4linux")
"""Where Linux lists its video devices."""

_log = logging.getLogger(__name__)


class Capture(Protocol):
    """What is used of cv2.VideoCapture; tests bring their own."""

    def isOpened(self) -> bool: ...  # noqa: N802 - cv2's name
    def read(self) -> tuple[bool, MatLike]: ...
    def set(self, property_id: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine."""

    index: int
    """What `--camera` takes."""
    name: str

    def __str__(self) -> str:
        return f"{self.index}: {self.name}"


def list_cameras(nodes: Path = NODES) -> list[CameraInfo]:
    """The cameras that the system lists, none of them opened. Empty where the system keeps no such list (not Linux)."""
    found = []
    for node in nodes.glob("video*"):
        is_picture = (node / "index").read_text().strip() == "0"  # the others carry metadata
        if is_picture and node.name[5:].isdigit():
            found.append(CameraInfo(int(node.name[5:]), (node / "name").read_text().strip()))
    return sorted(found, key=lambda camera: camera.index)


def open_capture(device: int) -> Capture:
    """Open a camera by number with the system's own driver."""
    if sys.platform.startswith("linux"):
        return cv2.VideoCapture(device, cv2.CAP_V4L2)
    return cv2.VideoCapture(device)


def is_there(device: int) -> bool:
    """Whether it makes sense to open a camera; asking first spares the user cv2's own complaints."""
    return not sys.platform.startswith("linux") or Path(f"/dev/video{device}").exists()


class Camera:
    """A LiveSource of RGB frames from camera number `device`.

    `size` (width, height) px and `fps` are what is asked of it; what it gives may differ. captured_at is the moment
    after reading. Raises DeviceError when it is missing, busy or gives no picture at the start.
    """

    def __init__(
        self,
        device: int = 0,
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int = 30,
        opener: Callable[[int], Capture] = open_capture,
        present: Callable[[int], bool] = is_there,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._device, self._size, self._fps = device, size, fps
        self._opener, self._present, self._clock, self._pause = opener, present, clock, pause
        if not present(device):
            listed = ", ".join(map(str, list_cameras())) or "none"
            raise DeviceError(f"camera {device}: not found (there are: {listed}); plug it in or choose with --camera.")
        self._capture = self._open()
        if self._capture is None:
            raise DeviceError(
                f"camera {device}: found, but it gives no picture; close other programs that use it, "
                "allow this one to, or choose another with --camera."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._release()

    def __iter__(self) -> Iterator[Frame | None]:
        index = 0
        while True:
            image = self._read()
            if image is None:
                self._pause(RETRY_SECONDS)
                yield None
            else:
                yield Frame(image, index, self._clock())
                index += 1

    def _read(self) -> Image | None:
        """The next picture, RGB; None where the camera is gone (again)."""
        if self._capture is None and self._present(self._device):
            self._capture = self._open()
            if self._capture is not None:
                _log.info("camera %s is back", self._device)
        if self._capture is None:
            return None
        read, picture = self._capture.read()
        if not read:
            _log.warning("camera %s is gone; waiting for it", self._device)
            self._release()
            return None
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)

    def _open(self) -> Capture | None:
        """An open camera that has given a picture, or None."""
        capture = self._opener(self._device)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # over USB raw pictures are slow
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if capture.isOpened() and capture.read()[0]:
            return capture
        capture.release()
        return None

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
