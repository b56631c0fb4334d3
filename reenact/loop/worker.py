"""A sink in its own thread, which opens it, feeds it the newest frame, and closes it.

A steady sink (a virtual camera, from which call apps turn away when nothing comes) gets its frames at an even rate:
the newest, or where there is no newer one the last again, whatever camera and performer do meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from reenact.devices.sink import FrameSink
from reenact.errors import DeviceError, ReenactError
from reenact.loop.mailbox import Closed, Mailbox
from reenact.loop.pace import Pace
from reenact.loop.stats import STILL, Latencies, SinkStats
from reenact.types import Frame

GIVE_UP = 20.0
"""Seconds that a sink may take to finish."""


class Worker:
    """However slow the sink is, `put` returns at once. rate: frames a second of a steady sink; None: as they come."""

    def __init__(
        self,
        name: str,
        sink: FrameSink,
        clock: Callable[[], float],
        rate: float | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._name, self._sink, self._clock, self._rate, self._pause = name, sink, clock, rate, pause
        self._mailbox: Mailbox[Frame] = Mailbox()
        self._latencies = Latencies()
        self._opened = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"reenact sink {name}", daemon=True)

    def open(self) -> None:
        """Start; returns when the sink is open. Raises as `check` when it cannot be opened."""
        self._thread.start()
        self._opened.wait()
        self.check()

    @property
    def is_steady(self) -> bool:
        return self._rate is not None

    def put(self, frame: Frame) -> None:
        """Leave `frame` for the sink, in place of an unsent one."""
        self._mailbox.put(frame)

    def check(self) -> None:
        """Raise the error of a sink that has failed: a ReenactError as it is, any other as a DeviceError by name."""
        if isinstance(self._error, ReenactError):
            raise self._error
        if self._error is not None:
            raise DeviceError(f"sink {self._name} failed: {self._error}; start again, or without it.") from self._error

    def close(self) -> None:
        """Let the sink send what it has, and finish. An error of its own is left for `check`."""
        self._mailbox.close()
        if self._thread.ident is not None:
            self._thread.join(GIVE_UP)
        if self._thread.is_alive():
            self._error = TimeoutError(f"it did not finish within {GIVE_UP:.0f} s; restart the program that shows it.")

    def stats(self) -> SinkStats:
        return self._latencies.stats(self._name, self._mailbox.dropped)

    def _run(self) -> None:
        try:
            with self._sink:
                self._opened.set()
                for frame, is_new in self._frames():
                    self._sink.send(frame)
                    timed = is_new and frame.index != STILL
                    self._latencies.add(self._clock() - frame.captured_at if timed else None, repeated=not is_new)
        except BaseException as error:
            self._error = error.with_traceback(None)
        finally:
            self._opened.set()

    def _frames(self) -> Iterator[tuple[Frame, bool]]:
        """What to send, each when it is due, and whether it is new."""
        if self._rate is not None:
            return self._steady(self._rate)
        return ((frame, True) for frame in self._mailbox)

    def _steady(self, rate: float) -> Iterator[tuple[Frame, bool]]:
        """The newest frame at each tick, from the first that comes to the end."""
        pace: Pace | None = None
        frame: Frame | None = None
        while True:
            try:
                newer = self._mailbox.take(None if frame is None else 0)
            except Closed:
                return
            frame = newer or frame
            if frame is not None:
                begun = self._clock()
                pace = pace or Pace(rate, begun)
                yield frame, newer is not None
                self._pause(pace.wait(begun, self._clock()))
