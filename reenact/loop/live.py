"""The live loop: one thread captures, one looks (where asked), the caller's performs, one serves each sink.

One-slot mailboxes lie between them, so that the slowest part costs frames (counted) and never delay. Nothing but the
performer's pictures goes into a sink: when it fails, everything ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from reenact.devices.sink import FrameSink
from reenact.devices.source import LiveSource
from reenact.loop.ahead import LookAhead
from reenact.loop.mailbox import Closed, Mailbox
from reenact.loop.stats import STILL, LiveStats, Rate
from reenact.loop.worker import GIVE_UP, Worker
from reenact.types import Frame, Image

PATIENCE = 0.5
"""Seconds without a frame after which the camera counts as gone and the avatar at rest is shown."""

_log = logging.getLogger(__name__)


class Performer(Protocol):
    """What `pipeline.Reenactor` is: makes the avatar's frame from the actor's."""

    def __call__(self, frame: Frame) -> Frame: ...
    def still(self) -> Image: ...
    @property
    def face_found(self) -> bool: ...
    @property
    def calibrated(self) -> bool: ...


def run(
    source: LiveSource,
    performer: Performer,
    sinks: Mapping[str, FrameSink],
    *,
    rate: float = 30.0,
    steady: Collection[str] = (),
    seconds: float | None = None,
    watch: Callable[[LiveStats], bool] = lambda _: True,
    look: Callable[[Frame], Frame] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> LiveStats:
    """Perform the newest frame of `source` into every sink, until the source ends, `seconds` are over, or Ctrl-C.

    `rate`: pictures of the avatar at rest per second while no frame comes; also what the sinks named in `steady` get
    all the time, from the beginning: where there is no newer one the last again. `watch` sees the statistics after
    every picture; False ends the run. `look` is what can be done for a frame while the one before is performed: it has
    a thread of its own, and what it makes of a frame goes to `performer`; the newest, as everywhere. Opens and closes
    source and sinks (these in a thread each), and leaves no thread behind. Raises DeviceError or MediaError of the
    source or of a sink that fails, which they name, and what `performer` and `look` raise; whatever is raised, the
    other sinks finish first.
    """
    workers = [Worker(name, sink, clock, rate if name in steady else None) for name, sink in sinks.items()]
    with source:
        live = _Live(source, performer, workers, clock, look)
        try:
            live.open()
            live.perform(rate, seconds, watch)
        except KeyboardInterrupt:
            _log.info("interrupted; finishing")
        finally:
            live.close()
    live.check()
    return live.stats()


class _Live:
    """One run: threads, mailboxes and counts."""

    def __init__(
        self,
        source: LiveSource,
        performer: Performer,
        workers: list[Worker],
        clock: Callable[[], float],
        look: Callable[[Frame], Frame] | None,
    ) -> None:
        self._source, self._performer, self._workers, self._clock = source, performer, workers, clock
        self._captured: Mailbox[Frame] = Mailbox()
        self._look = None if look is None else LookAhead(look, self._captured)
        self._seen = self._captured if self._look is None else self._look.seen
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._capture, name="reenact capture", daemon=True)
        self._started = clock()
        self._rate = Rate()
        self._stills = 0
        self._camera_found = False

    def open(self) -> None:
        for worker in self._workers:
            worker.open()
        self._started = self._clock()
        for worker in self._workers:
            if worker.is_steady:  # the first frame may be long in coming
                worker.put(Frame(self._performer.still(), STILL, self._started))
        self._thread.start()
        if self._look is not None:
            self._look.start()

    def perform(self, rate: float, seconds: float | None, watch: Callable[[LiveStats], bool]) -> None:
        """Until the end of the source, of `seconds`, or of the watcher's interest."""
        while seconds is None or self._clock() - self._started < seconds:
            try:
                frame = self._seen.take(PATIENCE if self._camera_found else 1 / rate)
            except Closed:
                return
            picture = self._still() if frame is None else self._performed(frame)
            for worker in self._workers:
                worker.put(picture)
            self.check()
            if not watch(self.stats()):
                return

    def check(self) -> None:
        """Raise the error of a sink that has failed."""
        for worker in self._workers:
            worker.check()

    def close(self) -> None:
        """End every thread; sinks send what they have."""
        self._stop.set()
        self._captured.close()
        if self._thread.ident is not None:
            self._thread.join(GIVE_UP)
            if self._thread.is_alive():
                _log.warning("the camera has not answered for %.0f s; it is left alone", GIVE_UP)
        if self._look is not None:
            self._look.join()
        for worker in self._workers:
            worker.close()

    def stats(self) -> LiveStats:
        return LiveStats(
            seconds=self._clock() - self._started,
            captured=self._captured.count,
            dropped=self._captured.dropped + (0 if self._look is None else self._look.seen.dropped),
            performed=self._rate.count,
            stills=self._stills,
            fps=self._rate.per_second,
            camera_found=self._camera_found,
            face_found=self._performer.face_found,
            calibrated=self._performer.calibrated,
            sinks=tuple(worker.stats() for worker in self._workers),
        )

    def _performed(self, frame: Frame) -> Frame:
        self._camera_found = True
        picture = self._performer(frame)
        self._rate.add(self._clock())
        return picture

    def _still(self) -> Frame:
        self._camera_found = False
        self._stills += 1
        return Frame(self._performer.still(), STILL, self._clock())

    def _capture(self) -> None:
        try:
            for frame in self._source:
                if self._stop.is_set():
                    break
                if frame is not None:
                    self._captured.put(frame)
            self._captured.close()
        except BaseException as error:
            self._captured.close(error)
