"""One v4l2loopback device, open for pictures of one size. Raises DeviceError with who or what is in the way."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

from reenact.devices import v4l2
from reenact.devices.openers import openers
from reenact.devices.v4l2 import PixelFormat, System
from reenact.devices.yuv import CONVERSIONS, even, pad_even, to_yuv
from reenact.errors import DeviceError
from reenact.types import Image

DRIVER = "v4l2 loopback"
BUSY = (errno.EBUSY, errno.EAGAIN)
JOIN = "join the group video: sudo usermod -aG video $USER, then log out and in"
PICK = "see `reenact doctor` for what there is, and choose with --sink virtualcam:NAME"

_log = logging.getLogger(__name__)


class Output:
    """Takes pictures of `size` (width, height) px at `rate` a second. An odd side grows by one px, see `pad_even`."""

    def __init__(self, path: Path, size: tuple[int, int], rate: float, system: System) -> None:
        self._path, self._system = path, system
        self.size = even(size)
        """(width, height) px of what readers see."""
        self._fd = self._open()
        try:
            self.card = self._check()
            self._fourcc = self._negotiate()
            self._announce(rate)
        except BaseException:
            self.close()
            raise

    def write(self, image: Image) -> None:
        """Show `image` (H, W, 3) of the size agreed on to the readers. Raises OSError: the device is gone."""
        data = to_yuv(pad_even(image), self._fourcc)
        count = self._system.write(self._fd, data)
        if count != data.nbytes:
            raise OSError(errno.EIO, f"it took {count} of {data.nbytes} bytes")

    def close(self) -> None:
        """Let the device go; twice is once. Never raises: a device that is gone cannot be closed better."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                self._system.close(fd)
            except OSError as error:
                _log.info("%s: %s", self._path, error)

    def _open(self) -> int:
        try:
            return self._system.open(self._path.as_posix())
        except OSError as error:
            raise self._refused(error) from error

    def _check(self) -> str:
        """Its name, once it is a loopback that takes pictures."""
        found = self._query()
        if found.driver == DRIVER and not (found.capture or found.output):
            found = self._revive()
        if found.driver != DRIVER:
            raise self._error(
                f"wanted a v4l2loopback device, found {found.card!r} of the driver {found.driver!r}", PICK
            )
        if not found.output:
            raise self._busy()
        return found.card

    def _query(self) -> v4l2.Abilities:
        try:
            return v4l2.query(self._system, self._fd)
        except OSError as error:
            raise self._error(f"wanted a v4l2loopback device, found none ({error.strerror})", PICK) from error

    def _revive(self) -> v4l2.Abilities:
        """Wake a device that announces nothing: what 0.12.7 does once a program that only wrote to it has gone.

        Whoever starts streaming counts as a writer, and when one leaves, the driver announces OUTPUT again.
        """
        try:
            v4l2.stream_on(self._system, self._fd)
        except OSError as error:
            _log.info("%s: woken up (%s)", self._path, error)  # EINVAL: no format yet; it counts all the same
        self.close()
        self._fd = self._open()
        return self._query()

    def _negotiate(self) -> bytes:
        """The format that the driver agrees to. While a reader holds the device, that is the one it had before."""
        for fourcc in CONVERSIONS:
            try:
                agreed = v4l2.set_format(self._system, self._fd, PixelFormat(self.size, fourcc))
            except OSError as error:
                raise self._refused(error) from error
            if agreed.size != self.size:
                break
            if agreed.fourcc in CONVERSIONS:
                return agreed.fourcc
        has = f"{agreed.size[0]}x{agreed.size[1]} px {agreed.fourcc.decode(errors='replace')}"
        wanted = f"wanted {self.size[0]}x{self.size[1]} px, found that it is held at {has} by {self._who()}"
        raise self._error(wanted, "close what reads it, then start again")

    def _announce(self, rate: float) -> None:
        try:
            told = v4l2.set_rate(self._system, self._fd, rate)
            if abs(told - rate) > 0.01:
                _log.warning("%s: readers are told %.4g fps instead of %.4g", self._path, told, rate)
        except OSError as error:
            _log.warning("%s: readers are not told the frame rate (%s)", self._path, error.strerror)
        try:
            v4l2.stream_on(self._system, self._fd)
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> DeviceError:
        if error.errno in (errno.EACCES, errno.EPERM):
            return self._error("found it, but may not open it", JOIN)
        if error.errno in BUSY:
            return self._busy()
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            return self._error("found no such device", PICK)
        return self._error(f"cannot use it ({error.strerror})", "load the module again: sudo modprobe -r v4l2loopback")

    def _busy(self) -> DeviceError:
        return self._error(f"another program sends into it; it is open in {self._who()}", "end that one, or " + PICK)

    def _who(self) -> str:
        return ", ".join(openers(self._path.resolve())) or "a program of another user"

    def _error(self, found: str, step: str) -> DeviceError:
        return DeviceError(f"virtualcam {self._path}: {found}; {step}.")
