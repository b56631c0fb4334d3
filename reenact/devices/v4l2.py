"""Video4Linux2 as far as a program that gives pictures needs it: the kernel's structures, and the calls that take them.

Knows nothing of pictures or of what the answers mean. `System` is the seam: the kernel, or a recording of it.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

CAPTURE, OUTPUT = 1, 2
"""Bits of a device's abilities. `OUTPUT` is also the type of buffers that go out."""
FIELD_NONE, COLORSPACE_SRGB = 1, 8


class _Capability(ctypes.Structure):
    _fields_ = (
        ("driver", ctypes.c_char * 16),
        ("card", ctypes.c_char * 32),
        ("bus", ctypes.c_char * 32),
        ("version", ctypes.c_uint32),
        ("capabilities", ctypes.c_uint32),
        ("device_caps", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class _Pixels(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint32)
        for name in "width height pixelformat field bytesperline sizeimage colorspace priv flags encoding "
        "quantization transfer".split()
    )


class _FormatUnion(ctypes.Union):
    _fields_ = (("pixels", _Pixels), ("raw", ctypes.c_uint8 * 200), ("align", ctypes.c_void_p))


class _Format(ctypes.Structure):
    _fields_ = (("type", ctypes.c_uint32), ("of", _FormatUnion))


class _OutputParameters(ctypes.Structure):
    _fields_ = (
        ("capability", ctypes.c_uint32),
        ("mode", ctypes.c_uint32),
        ("numerator", ctypes.c_uint32),
        ("denominator", ctypes.c_uint32),
        ("extended", ctypes.c_uint32),
        ("buffers", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 4),
    )


class _ParametersUnion(ctypes.Union):
    _fields_ = (("output", _OutputParameters), ("raw", ctypes.c_uint8 * 200))


class _Parameters(ctypes.Structure):
    _fields_ = (("type", ctypes.c_uint32), ("of", _ParametersUnion))


class _Type(ctypes.Structure):
    _fields_ = (("type", ctypes.c_uint32),)


def _request(direction: int, number: int, argument: type[ctypes.Structure]) -> int:
    """Linux's number of a V4L2 call. direction: 1 to the kernel, 2 from it, 3 both."""
    return direction << 30 | ctypes.sizeof(argument) << 16 | ord("V") << 8 | number


QUERYCAP = _request(2, 0, _Capability)
S_FMT = _request(3, 5, _Format)
STREAMON = _request(1, 18, _Type)
S_PARM = _request(3, 22, _Parameters)


class System(Protocol):
    """The calls of the operating system that are used. Raises OSError."""

    def open(self, path: str) -> int: ...
    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        """`argument` holds the answer afterwards."""
        ...

    def write(self, fd: int, data: npt.NDArray[np.uint8]) -> int: ...
    def close(self, fd: int) -> None: ...


class Kernel:
    """The System that this machine runs."""

    def open(self, path: str) -> int:
        return os.open(path, os.O_RDWR)

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        import fcntl  # not on Windows

        fcntl.ioctl(fd, request, argument)

    def write(self, fd: int, data: npt.NDArray[np.uint8]) -> int:
        return os.write(fd, data.data)

    def close(self, fd: int) -> None:
        os.close(fd)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a device is and can do at the moment."""

    driver: str
    card: str
    """Its name in the lists of other programs."""
    capture: bool
    """Others can read pictures from it."""
    output: bool
    """Pictures can be written to it."""


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How the bytes of a picture lie."""

    size: tuple[int, int]
    """(width, height) px."""
    fourcc: bytes


def query(system: System, fd: int) -> Abilities:
    """What the device behind `fd` is. Raises OSError: it is no video device."""
    found = _Capability()
    system.ioctl(fd, QUERYCAP, found)
    caps = found.device_caps
    return Abilities(
        found.driver.decode(errors="replace"),
        found.card.decode(errors="replace"),
        bool(caps & CAPTURE),
        bool(caps & OUTPUT),
    )


def set_format(system: System, fd: int, wanted: PixelFormat) -> PixelFormat:
    """Ask for a format of pictures that go out; what the driver makes of it. Raises OSError."""
    argument = _Format(type=OUTPUT)
    pixels = argument.of.pixels
    (pixels.width, pixels.height), pixels.pixelformat = wanted.size, int.from_bytes(wanted.fourcc, "little")
    pixels.field, pixels.colorspace = FIELD_NONE, COLORSPACE_SRGB
    system.ioctl(fd, S_FMT, argument)
    return PixelFormat((pixels.width, pixels.height), int(pixels.pixelformat).to_bytes(4, "little"))


def set_rate(system: System, fd: int, rate: float) -> float:
    """Say how many pictures a second will come; what the driver makes of it. Raises OSError."""
    argument = _Parameters(type=OUTPUT)
    output, period = argument.of.output, 1 / Fraction(rate).limit_denominator(1001)
    output.numerator, output.denominator = period.numerator, period.denominator
    system.ioctl(fd, S_PARM, argument)
    return output.denominator / output.numerator if output.numerator else 0.0


def stream_on(system: System, fd: int) -> None:
    """Announce that pictures will come. Raises OSError."""
    system.ioctl(fd, STREAMON, _Type(OUTPUT))
