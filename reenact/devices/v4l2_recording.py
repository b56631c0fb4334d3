"""A driver's answers, written down once and given again: what stands for a V4L2 device where there is none."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reenact.devices.v4l2 import System


@dataclass(frozen=True, slots=True)
class Event:
    """One call and its answer."""

    call: str
    """open, ioctl, write or close."""
    asked: str
    """The path; the request and the argument's bytes, hexadecimal; how many bytes, decimal; nothing."""
    answer: str = ""
    """The argument's bytes afterwards (ioctl), hexadecimal, or the number (open, write), decimal."""
    error: int = 0
    """errno, where the call failed."""


class Recorder:
    """A System that passes everything on and keeps a note of it in `events`."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.events: list[Event] = []

    def open(self, path: str) -> int:
        try:
            fd = self._system.open(path)
        except OSError as error:
            self._note("open", path, "", error)
            raise
        self._note("open", path, str(fd))
        return fd

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        asked = _asked(request, argument)
        try:
            self._system.ioctl(fd, request, argument)
        except OSError as error:
            self._note("ioctl", asked, bytes(argument).hex(), error)
            raise
        self._note("ioctl", asked, bytes(argument).hex())

    def write(self, fd: int, data: npt.NDArray[np.uint8]) -> int:
        try:
            count = self._system.write(fd, data)
        except OSError as error:
            self._note("write", str(data.nbytes), "", error)
            raise
        self._note("write", str(data.nbytes), str(count))
        return count

    def close(self, fd: int) -> None:
        self._system.close(fd)
        self._note("close", "")

    def _note(self, call: str, asked: str, answer: str = "", error: OSError | None = None) -> None:
        self.events.append(Event(call, asked, answer, (error.errno or 0) if error else 0))


class Replay:
    """A System that answers as a recording did, as long as it is asked the same in the same order."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = list(events)

    @property
    def left(self) -> list[Event]:
        """What has not been asked yet."""
        return list(self._events)

    def open(self, path: str) -> int:
        return int(self._next("open", path).answer)

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        answer = bytes.fromhex(self._next("ioctl", _asked(request, argument)).answer)
        ctypes.memmove(ctypes.addressof(argument), answer, len(answer))

    def write(self, fd: int, data: npt.NDArray[np.uint8]) -> int:
        return int(self._next("write", str(data.nbytes)).answer)

    def close(self, fd: int) -> None:
        self._next("close", "")

    def _next(self, call: str, asked: str) -> Event:
        """Raises the recorded OSError; AssertionError where something else was asked than then."""
        event = self._events.pop(0) if self._events else Event("nothing more", "")
        if (event.call, event.asked) != (call, asked):
            raise AssertionError(f"asked {call} {asked}, recorded was {event.call} {event.asked}")
        if event.error:
            raise OSError(event.error, "as recorded", asked)
        return event


def _asked(request: int, argument: ctypes.Structure) -> str:
    return f"{request:08x} {bytes(argument).hex()}"
