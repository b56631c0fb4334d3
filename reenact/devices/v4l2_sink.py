"""The virtual camera on Linux: frames into a v4l2loopback device, by the kernel's own calls."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from reenact.devices.nodes import CameraInfo, by_name, list_cameras
from reenact.devices.v4l2 import Kernel, System, query
from reenact.devices.v4l2_output import Output
from reenact.devices.virtualcam_setup import NAME, nothing_found
from reenact.errors import DeviceError
from reenact.types import Frame

RETURN_SECONDS = 10.0
"""How long a device that is gone is waited for. Less than a sink may take to finish."""
RETRY_SECONDS = 0.25
MODULE_OPTIONS = Path("/sys/module/v4l2loopback/parameters")
SAFE_BUFFERS = 2

_log = logging.getLogger(__name__)


def loopbacks(wanted: str | None = None, cameras: Callable[[], list[CameraInfo]] = list_cameras) -> list[Path]:
    """The devices that `wanted` may mean: a path, a number, a name or a part of one; None: all, ours first.

    Raises:
        DeviceError: there is none; with the commands that make one.
    """
    if wanted is not None and (wanted.startswith("/") or wanted.isdecimal()):
        path = Path(wanted if wanted.startswith("/") else f"/dev/video{wanted}")
        found = [path] if path.exists() else []
    else:
        there = [camera for camera in cameras() if camera.loopback]
        chosen = by_name(wanted, there) if wanted is not None else None
        there = [camera for camera in there if wanted is None or camera.index == chosen]
        found = [Path(f"/dev/video{camera.index}") for camera in sorted(there, key=lambda camera: camera.name != NAME)]
    if not found:
        raise nothing_found(wanted)
    return found


def describe(path: Path, system: System | None = None, options: Path = MODULE_OPTIONS) -> str:
    """A loopback device in words: its name, whether it is free, and what of the module's options can do harm.

    Raises:
        DeviceError: it cannot be opened.
    """
    system = system or Kernel()
    try:
        fd = system.open(path.as_posix())
        try:
            found = query(system, fd)
        finally:
            system.close(fd)
    except OSError as error:
        raise DeviceError(f"{path}: {error.strerror}") from error
    state = "free" if found.output or not found.capture else "in use"
    return f"{path} ({found.card}): {state}{_warning(options)}"


def _warning(options: Path) -> str:
    buffers = options / "max_buffers"
    if buffers.exists() and int(buffers.read_text()) > SAFE_BUFFERS:
        return f"; loaded with more than max_buffers={SAFE_BUFFERS}: v4l2loopback 0.12.7 can bring the kernel down"
    return ""


class V4L2Sink:
    """A FrameSink: frames of `size` (width, height) px, `rate` a second, to a v4l2loopback device.

    `device`: see `loopbacks`; of several the first that is free is taken. When the device goes away (the module is
    loaded anew, say), `send` waits for it, up to `RETURN_SECONDS`. Raises DeviceError.
    """

    def __init__(
        self,
        size: tuple[int, int],
        rate: float = 30,
        device: str | None = None,
        *,
        system: System | None = None,
        find: Callable[[str | None], list[Path]] = loopbacks,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._size, self._rate, self._device = size, rate, device
        self._system, self._find, self._clock, self._pause = system or Kernel(), find, clock, pause

    def __enter__(self) -> Self:
        self._output = self._open()
        _log.info("virtual camera %r: %dx%d px", self._output.card, *self._output.size)
        return self

    def __exit__(self, *_: object) -> None:
        self._output.close()

    def send(self, frame: Frame) -> None:
        """Show `frame` to the programs that look. Raises DeviceError: another size, or the device is gone for good."""
        height, width = frame.image.shape[:2]
        if (width, height) != self._size:
            raise DeviceError(f"virtualcam: wanted frames of {self._size} px, found {(width, height)}; keep one size.")
        try:
            self._output.write(frame.image)
        except OSError as error:
            _log.warning("the virtual camera is gone (%s); waiting for it", error.strerror)
            self._wait_and_send(frame)
            _log.warning("the virtual camera is back")

    def _wait_and_send(self, frame: Frame) -> None:
        end = self._clock() + RETURN_SECONDS
        while True:
            self._output.close()
            self._pause(RETRY_SECONDS)
            try:
                self._output = self._open()
                self._output.write(frame.image)
                return
            except (DeviceError, OSError) as error:
                if self._clock() >= end:
                    raise DeviceError(f"virtualcam: gone for {RETURN_SECONDS:.0f} s; start again ({error})") from error

    def _open(self) -> Output:
        errors = []
        for path in self._find(self._device):
            try:
                return Output(path, self._size, self._rate, self._system)
            except DeviceError as error:
                errors.append(error)
        raise errors[0]
