"""The camera that call apps can choose: on Linux our own sink; elsewhere pyvirtualcam (extra `camera`, GPL)."""

from __future__ import annotations

import sys
from typing import Any, Self

from reenact.devices.overheard import overheard
from reenact.devices.sink import FrameSink
from reenact.devices.v4l2_sink import V4L2Sink, loopbacks
from reenact.devices.virtualcam_setup import set_up
from reenact.devices.yuv import even, pad_even
from reenact.errors import DeviceError
from reenact.extras import how_to_install
from reenact.types import Frame

FAILURES = ("error writing frame", "unable to allocate pixel buffer", "Pixel buffer size mismatch")
"""What pyvirtualcam's native code writes to stderr, and no more, when a frame did not go out."""


def virtual_camera(size: tuple[int, int], rate: float = 30, device: str | None = None) -> FrameSink:
    """The sink for this system: frames of `size` (width, height) px. device: a name, on Linux also a path."""
    if sys.platform.startswith("linux"):
        return V4L2Sink(size, rate, device)
    return VirtualCamSink(size, rate, device)


def check_virtual_camera(device: str | None = None) -> None:
    """Raise DeviceError where it is plain, without opening anything, that there is no such virtual camera."""
    if sys.platform.startswith("linux"):
        loopbacks(device)
    else:
        _import_pyvirtualcam()


def _import_pyvirtualcam() -> Any:
    try:
        import pyvirtualcam
    except ImportError as error:
        raise DeviceError(f"virtualcam: wanted pyvirtualcam, found none; {how_to_install('camera')}") from error
    return pyvirtualcam


class VirtualCamSink:
    """A FrameSink: frames of `size` (width, height) px to what pyvirtualcam finds. Raises DeviceError.

    An odd side grows by one px. `device`, `backend`: as pyvirtualcam calls them; None: the first that opens.
    """

    def __init__(
        self, size: tuple[int, int], rate: float = 30, device: str | None = None, *, backend: str | None = None
    ) -> None:
        self._size, self._rate, self._device, self._backend = even(size), rate, device, backend

    def __enter__(self) -> Self:
        pyvirtualcam = _import_pyvirtualcam()
        try:
            self._camera = pyvirtualcam.Camera(
                width=self._size[0],
                height=self._size[1],
                fps=self._rate,
                fmt=pyvirtualcam.PixelFormat.RGB,
                device=self._device,
                backend=self._backend,
            )
        except (RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            raise DeviceError(f"virtualcam: could not open one ({reason}); {set_up().line}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._camera.close()

    def send(self, frame: Frame) -> None:
        """Hand `frame` to the programs that look. Raises DeviceError when the virtual camera does not take it."""
        image = pad_even(frame.image)
        try:
            said = overheard(lambda: self._camera.send(image))
        except (RuntimeError, OSError, ValueError) as error:
            raise DeviceError(f"virtualcam: it takes no more frames ({error}); start again.") from error
        if any(failure in said for failure in FAILURES):
            reason = " ".join(said.split())
            raise DeviceError(f"virtualcam: a frame did not go out ({reason}); restart the virtual camera.")
