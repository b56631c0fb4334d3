"""A sink in its own thread, which opens it, feeds it the newest frame, and closes it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from reenact.devices.sink import FrameSink
from reenact.errors import DeviceError, ReenactError
from reenact.loop.mailbox import Mailbox
from reenact.loop.stats import STILL, Latencies, SinkStats
from reenact.types import Frame

GIVE_UP = 20.0
"""Seconds that a sink may take to finish."""


class Worker:
    """However slow the sink is, `put` returns at once."""

    def __init__(self, name: str, sink: FrameSink, clock: Callable[[], float]) -> None:
        self._name, self._sink, self._clock = name, sink, clock
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
                for frame in self._mailbox:
                    self._sink.send(frame)
                    self._latencies.add(None if frame.index == STILL else self._clock() - frame.captured_at)
        except BaseException as error:
            self._error = error.with_traceback(None)
        finally:
            self._opened.set()
