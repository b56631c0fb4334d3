"""Looks at the machine and says what of reenact can work here, and why not.

Every probe really tries: a backend runs a graph, an encoder encodes a frame. A probe that fails is a finding, not an
error. Knows nothing of how the findings are shown.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from typing import cast

import av
import numpy as np
from av.codec.codec import UnknownCodecError

from reenact.backends.onnx import cores
from reenact.backends.plugins import PLUGINS
from reenact.backends.protocol import Backend, Session
from reenact.backends.registry import backends
from reenact.devices.nodes import list_cameras
from reenact.devices.v4l2_sink import describe, loopbacks
from reenact.errors import BackendError, DeviceError, MediaError, ReenactError
from reenact.extras import how_to_install

DOUBLE = (
    b'\x08\x08:9\n\x0e\n\x01x\n\x01x\x12\x01y"\x03Add\x12\x05probeZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11"
)
"""An ONNX graph of one node, opset 17: y = x + x, both float32 of shape (1,)."""

ENCODERS = ("libx264", "h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox")
"""FFmpeg's names: the one that is always taken where nothing better is, then those of graphics cards."""

EXTRAS = {
    **{"window": "pygame", "camera": "pyvirtualcam", "provenance": "c2pa", "openvino": "openvino"},
    **{plugin.name: plugin.module for plugin in PLUGINS},
    "insightface": "insightface",
}
"""Extra of this package -> the module that it brings."""

SHARED_MODULES = ("onnxruntime", "cv2")
"""Modules that several distributions write to the same folder; two of them at once are broken."""

CUDA = "pip uninstall onnxruntime && pip install 'onnxruntime-gpu[cuda,cudnn]'"
"""One package replaces the other; README says the same."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that works here, or does not, and why."""

    name: str
    """What `--require` calls it."""
    kind: str
    """backend, device, encoder, extra or packages."""
    ok: bool
    detail: str
    """What was found; where it does not work, the reason."""
    remedy: str
    """What to do about it; empty where it works or nothing helps."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A way to find out."""

    name: str
    kind: str
    look: Callable[[], str]
    """Returns what was found; raises anything where it does not work."""
    remedy: str = ""

    def __call__(self) -> Check:
        """Look. Never raises: whatever goes wrong inside somebody's driver is what we want to know."""
        try:
            return Check(self.name, self.kind, True, self.look(), "")
        except Exception as error:
            return Check(self.name, self.kind, False, _reason(error), self.remedy)


def facts() -> dict[str, str]:
    """Versions and platform: what a bug report needs."""
    names = ("reenact", "numpy", "onnxruntime", "opencv-python-headless", "av", "pydantic", "typer", "rich")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": str(cores()),
        "ffmpeg": str(av.ffmpeg_version_info),
        **{name: _version(name) for name in names},
    }


def probes() -> list[Probe]:
    """Everything that is looked at, in the order in which it is shown."""
    owners = packages_distributions()
    reinstall = "pip uninstall all of them, then install reenact again"
    return [
        *(Probe(one.name, "backend", partial(run_backend, one), _backend_help(one.name)) for one in backends()),
        Probe("camera", "device", partial(find_cameras, sys.platform), _camera_help()),
        Probe("virtualcam", "device", partial(find_virtual_camera, sys.platform), "reenact doctor --fix-camera"),
        *(Probe(name, "encoder", partial(encode_one_frame, name)) for name in ENCODERS),
        *(Probe(f"{name}-extra", "extra", partial(find_module, EXTRAS[name]), how_to_install(name)) for name in EXTRAS),
        *(Probe(name, "packages", partial(only_owner, name, owners), reinstall) for name in SHARED_MODULES),
    ]


def missing(checks: Iterable[Check], required: Iterable[str]) -> list[Check]:
    """Those of `required` that do not work.

    Raises:
        ReenactError: a required name that no check has.
    """
    by_name = {check.name: check for check in checks}
    for name in required:
        if name not in by_name:
            raise ReenactError(f"--require {name}: no such check; there are: {', '.join(by_name)}")
    return [by_name[name] for name in required if not by_name[name].ok]


def clashes(checks: Iterable[Check]) -> list[Check]:
    """Packages that are installed in each other's way: what runs then is not what was installed."""
    return [check for check in checks if check.kind == "packages" and not check.ok]


def run_backend(backend: Backend) -> str:
    """Run a graph of one node; the provider that really ran.

    Raises:
        BackendError: it is not here, does not load, or computes something else.
    """
    here = backend.probe()
    if not here.ok:
        raise BackendError(here.reason)
    return run_double(backend.load(DOUBLE, name="test", threads=1))


def run_double(network: Session) -> str:
    """Have a session run the graph of one node; what really ran it.

    Raises:
        BackendError: it computes something else.
    """
    result = float(network(x=np.full(1, 1.5, np.float32))["y"][0])
    if result != 3.0:
        raise BackendError(f"{network.provider} says that 1.5 + 1.5 is {result}")
    return f"{network.provider} ran a graph"


def find_cameras(system: str) -> str:
    """The cameras of this machine, by number and name, without the virtual ones. system: as `sys.platform`.

    Raises:
        DeviceError: there is none, or the system keeps no list of them.
    """
    if system != "linux":
        raise DeviceError("this system keeps no list of cameras")
    found = [str(camera) for camera in list_cameras() if not camera.loopback]
    if not found:
        raise DeviceError("no camera found")
    return ", ".join(found)


def find_virtual_camera(system: str) -> str:
    """What call apps could take as a camera. system: as `sys.platform`.

    Raises:
        DeviceError: on Linux, no v4l2loopback device that may be opened; elsewhere, pyvirtualcam is not installed.
    """
    if system == "linux":
        return ", ".join(describe(path) for path in loopbacks())
    find_module("pyvirtualcam")
    return "pyvirtualcam is installed; whether OBS's camera is there is only seen when it is opened"


def find_module(name: str) -> str:
    """That a module is installed; it is not imported. Raises DeviceError where it is not."""
    if find_spec(name) is None:
        raise DeviceError(f"{name} is not installed")
    return f"{name} is installed"


def encode_one_frame(codec: str) -> str:
    """Encode one black picture of 256 x 256; a codec that is only listed says nothing about the hardware.

    Raises:
        MediaError: it is not here, does not open, or gave no bytes.
    """
    try:
        size = _encoded_size(codec)
    except UnknownCodecError as error:
        raise MediaError("not in this FFmpeg") from error
    except av.FFmpegError as error:
        raise MediaError(f"does not open here ({str(error.strerror or error).lower()})") from error
    if size == 0:
        raise MediaError("gave no bytes")
    return f"encoded a frame of 256 x 256 px to {size} bytes"


def _encoded_size(codec: str) -> int:
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(codec, "w"))
    encoder.width = encoder.height = 256
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 30)
    frame = av.VideoFrame.from_ndarray(np.zeros((384, 256), np.uint8), format="yuv420p")
    return sum(packet.size for packet in [*encoder.encode(frame), *encoder.encode(None)])


def only_owner(module: str, owners: Mapping[str, list[str]]) -> str:
    """The one distribution that brings a module. owners: module -> distributions.

    Raises:
        ReenactError: none does, or several.
    """
    found = sorted(set(owners.get(module, [])))
    if len(found) != 1:
        raise ReenactError(f"{module} comes from {' and '.join(found) or 'no package'}; it has to be one")
    return f"from {found[0]} {_version(found[0])}"


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def _reason(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [""])[0]
    return first if isinstance(error, ReenactError) else f"{type(error).__name__}: {first}"


def _backend_help(name: str) -> str:
    if name in EXTRAS:
        return "" if find_spec(EXTRAS[name]) else how_to_install(name)
    return {"cpu": "pip install --force-reinstall onnxruntime", "cuda": CUDA}.get(name, "")


def _camera_help() -> str:
    if sys.platform.startswith("linux"):
        return "plug one in and add yourself to the group video, or give a film: --camera FILE"
    return "see whether one opens: reenact live AVATAR --sink null --seconds 5"
