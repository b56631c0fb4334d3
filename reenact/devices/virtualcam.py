"""A virtual camera that call apps can choose. pyvirtualcam (extra `camera`, GPL), imported when one is opened."""

from __future__ import annotations

import sys
from typing import Any, Self

from reenact.errors import DeviceError
from reenact.types import Frame

OBS = "install OBS Studio and start its virtual camera once"
LOOPBACK = 'devices=1 video_nr=10 card_label="Reenact Camera" exclusive_caps=1 max_buffers=2'
SET_UP = {"linux": f"sudo modprobe v4l2loopback {LOOPBACK}", "darwin": OBS, "win32": OBS}
"""By sys.platform: what has to be there before a virtual camera can be opened."""


def _import_pyvirtualcam() -> Any:
    try:
        import pyvirtualcam
    except ImportError as error:
        raise DeviceError("virtualcam: wanted pyvirtualcam, found none; pip install 'reenact[camera]'.") from error
    return pyvirtualcam


class VirtualCamSink:
    """A FrameSink: frames of `size` (width, height) px to the system's virtual camera. Raises DeviceError."""

    def __init__(self, size: tuple[int, int], fps: int = 30) -> None:
        self._size, self._fps = size, fps

    def __enter__(self) -> Self:
        pyvirtualcam = _import_pyvirtualcam()
        try:
            self._camera = pyvirtualcam.Camera(
                width=self._size[0], height=self._size[1], fps=self._fps, fmt=pyvirtualcam.PixelFormat.RGB
            )
        except (RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            step = SET_UP.get(sys.platform, "see the README")
            raise DeviceError(f"virtualcam: could not open one ({reason}); {step}.") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._camera.close()

    def send(self, frame: Frame) -> None:
        """Hand `frame` to the programs that look. Raises DeviceError when the virtual camera is gone."""
        try:
            self._camera.send(frame.image)
        except (RuntimeError, OSError, ValueError) as error:
            raise DeviceError(f"virtualcam: it takes no more frames ({error}); start again.") from error
