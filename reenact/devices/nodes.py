"""Which cameras the system lists, and which of them a word means. Opens none of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reenact.errors import DeviceError

NODES = Path("/sys/class/video4linux")
"""Where Linux lists its video devices."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine."""

    index: int
    """What `--camera` takes; on Linux the N of /dev/videoN."""
    name: str
    loopback: bool = False
    """Fed by a program and not by a lens: what we send into, perhaps."""

    def __str__(self) -> str:
        return f"{self.index}: {self.name}"


def list_cameras(nodes: Path = NODES) -> list[CameraInfo]:
    """The cameras that the system lists, loopbacks too. Empty where the system keeps no such list (not Linux)."""
    found = [_look(node) for node in nodes.glob("video*") if node.name[5:].isdecimal()]
    return sorted((camera for camera in found if camera is not None), key=lambda camera: camera.index)


def _look(node: Path) -> CameraInfo | None:
    """None where it gives no pictures (but metadata, say), or was pulled out this moment."""
    try:
        if (node / "index").read_text().strip() != "0":
            return None
        is_virtual = node.resolve().parent.parent.name == "virtual"  # /sys/devices/virtual/video4linux/videoN
        return CameraInfo(int(node.name[5:]), (node / "name").read_text().strip(), is_virtual)
    except OSError:
        return None


def find_camera(wanted: str | None) -> int | None:
    """The number of the camera that `wanted` means, if it is there now.

    wanted: a number, a path (/dev/video2, /dev/v4l/by-id/...), or a name or a part of one; None: the first that is
    no loopback. Where the system keeps no list, a number is taken as it is, and None means 0.

    Raises:
        DeviceError: a name that several cameras have, or one where the system has no names.
    """
    if not sys.platform.startswith("linux"):
        return _unlisted(wanted)
    if wanted is None:
        return next((camera.index for camera in list_cameras() if not camera.loopback), None)
    if wanted.isdecimal() or wanted.startswith("/"):
        path = Path(f"/dev/video{wanted}" if wanted.isdecimal() else wanted)
        name = path.resolve().name
        return int(name[5:]) if path.exists() and name.startswith("video") and name[5:].isdecimal() else None
    return by_name(wanted, list_cameras())


def by_name(wanted: str, cameras: Sequence[CameraInfo]) -> int | None:
    """The camera that is called `wanted`, or else the only one whose name holds it; upper and lower case are one.

    Raises:
        DeviceError: several do.
    """
    word = wanted.casefold()
    found = [camera for camera in cameras if camera.name.casefold() == word]
    found = found or [camera for camera in cameras if word in camera.name.casefold()]
    if len(found) > 1:
        raise DeviceError(f"{wanted!r}: several have this name ({', '.join(map(str, found))}); choose by number.")
    return found[0].index if found else None


def _unlisted(wanted: str | None) -> int:
    if wanted is not None and not wanted.isdecimal():
        raise DeviceError(f"camera {wanted!r}: this system keeps no list of names; choose by number: 0, 1, ...")
    return int(wanted or 0)
