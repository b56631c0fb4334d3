"""The live loop keeps to the newest frame, ends cleanly, and sends nothing but what the performer made."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from reenact import loop
from reenact.devices.memory import MemorySink, NullSink
from reenact.devices.synthetic import Synthetic
from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.errors import DeviceError, MediaError
from reenact.loop.worker import Worker
from reenact.types import Frame, Image

MARKER = (255, 0, 255)
"""The colour of every pixel that comes from the actor."""


def actor(index: int = 0) -> Image:
    return np.full((48, 64, 3), MARKER, np.uint8)


class Mask:
    """A performer: the avatar is gray, as gray as the frame's index."""

    face_found = True
    calibrated = True

    def __init__(self, fails_at: int | None = None) -> None:
        self._fails_at = fails_at

    def __call__(self, frame: Frame) -> Frame:
        if frame.index == self._fails_at:
            raise ZeroDivisionError("the performer broke")
        return frame.with_image(np.full((32, 48, 3), frame.index % 200, np.uint8))

    def still(self) -> Image:
        return np.full((32, 48, 3), 201, np.uint8)


class Source:
    """A LiveSource of what `script` yields; remembers whether it was closed."""

    def __init__(self, script: Callable[[], Iterator[Frame | None]]) -> None:
        self._script = script
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def __iter__(self) -> Iterator[Frame | None]:
        return self._script()


class Told(MemorySink):
    """Tells after every frame that it came."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Semaphore(0)

    def send(self, frame: Frame) -> None:
        super().send(frame)
        self.came.release()


class Gate(MemorySink):
    """A sink that is stuck until `opened` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = threading.Event()

    def send(self, frame: Frame) -> None:
        assert self.opened.wait(30)
        super().send(frame)


class Broken(NullSink):
    def send(self, frame: Frame) -> None:
        raise OSError("no more room")


def step_by_step(count: int, sink: Told, then: Callable[[], object] = lambda: None) -> Source:
    """`count` frames, each once the sink has the one before; `then` is called before the source ends."""

    def script() -> Iterator[Frame]:
        for index in range(count):
            yield Frame(actor(), index, float(index))
            assert sink.came.acquire(timeout=30)
        then()

    return Source(script)


run = partial(loop.run, rate=1 / 60)
"""However slow the machine, no picture of the avatar at rest comes between: a test that wants some says so."""


@pytest.fixture(autouse=True)
def _no_thread_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("reenact.loop.live.PATIENCE", 60)
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before


def test_every_frame_goes_through_when_all_keep_up() -> None:
    sink = Told()
    source = step_by_step(20, sink)
    stats = run(source, Mask(), {"memory": sink})
    assert [frame.index for frame in sink.frames] == list(range(20))
    assert (stats.captured, stats.performed, stats.dropped, stats.sinks[0].dropped) == (20, 20, 0, 0)
    assert source.closed
    assert sink.closed


def test_no_pixel_of_the_actor_reaches_a_sink() -> None:
    sink = MemorySink()
    run(Synthetic(50, picture=actor), Mask(), {"memory": sink})
    assert sink.frames
    assert not any((frame.image == MARKER).all(axis=-1).any() for frame in sink.frames)


def test_a_slow_sink_delays_nobody_and_gets_the_newest_frame() -> None:
    fast, slow = Told(), Gate()
    stats = run(step_by_step(30, fast, slow.opened.set), Mask(), {"fast": fast, "slow": slow})
    shown = [frame.index for frame in slow.frames]
    assert [frame.index for frame in fast.frames] == list(range(30))
    assert shown[-1] == 29
    assert len(shown) <= 2
    assert stats.sinks[1].dropped == len(fast.frames) - len(shown)
    assert stats.dropped == 0


def test_frames_that_the_performer_is_too_busy_for_are_counted() -> None:
    drained = threading.Event()

    def script() -> Iterator[Frame]:
        for index in range(40):
            yield Frame(actor(), index, 0.0)
        drained.set()

    class Busy(Mask):
        def __call__(self, frame: Frame) -> Frame:
            assert drained.wait(30)
            return super().__call__(frame)

    sink = MemorySink()
    stats = run(Source(script), Busy(), {"memory": sink})
    assert stats.captured == 40
    assert stats.performed + stats.dropped == 40
    assert stats.performed <= 2
    assert sink.frames[-1].index == 39


def test_while_no_frame_comes_the_avatar_is_shown_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reenact.loop.live.PATIENCE", 0.001)
    sink = Told()

    def script() -> Iterator[Frame | None]:
        yield Frame(actor(), 0, 0.0)
        while len([frame for frame in sink.frames if frame.index == loop.STILL]) < 5:
            assert sink.came.acquire(timeout=30)
            yield None
        yield Frame(actor(), 1, 1.0)

    stats = run(Source(script), Mask(), {"memory": sink}, rate=500)
    stills = [frame.image for frame in sink.frames if frame.index == loop.STILL]
    assert stats.stills >= 5
    assert all((image == 201).all() for image in stills)
    assert sink.frames[-1].index == 1


def test_a_run_ends_after_its_seconds() -> None:
    ticks = iter(range(10_000))
    stats = run(Synthetic(picture=actor), Mask(), {}, seconds=50, clock=lambda: float(next(ticks)))
    assert 1 <= stats.performed < 50


def test_a_run_ends_when_the_watcher_says_so() -> None:
    seen = []
    stats = run(Synthetic(picture=actor), Mask(), {}, watch=lambda stats: seen.append(stats) or len(seen) < 3)
    assert stats.performed == 3
    assert seen[0].face_found
    assert seen[0].calibrated


def test_an_interrupt_ends_the_run_and_finishes_its_film(tmp_path: Path) -> None:
    def interrupt(stats: loop.LiveStats) -> bool:
        if stats.performed == 5:
            raise KeyboardInterrupt
        return True

    sink = VideoSink(tmp_path / "live.mp4", (48, 32), preset="veryfast")
    stats = run(Synthetic(picture=actor), Mask(), {"live.mp4": sink}, watch=interrupt)
    with VideoSource(tmp_path / "live.mp4") as film:
        assert sum(1 for _ in film) == stats.sinks[0].sent >= 1


def test_a_failing_sink_is_named_and_the_others_finish(tmp_path: Path) -> None:
    film = VideoSink(tmp_path / "live.mp4", (48, 32), preset="veryfast")
    memory = MemorySink()
    with pytest.raises(DeviceError, match=r"sink broken.*no more room"):
        run(Synthetic(picture=actor), Mask(), {"film": film, "broken": Broken(), "memory": memory})
    assert memory.closed
    with VideoSource(tmp_path / "live.mp4") as written:
        assert sum(1 for _ in written) >= 1


def test_a_sink_that_cannot_open_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    memory, source = MemorySink(), Source(lambda: iter(()))
    missing = VideoSink(tmp_path / "none" / "a.mp4", (48, 32))
    with pytest.raises(MediaError, match="not there"):
        run(source, Mask(), {"memory": memory, "film": missing})
    assert (memory.frames, memory.closed, source.closed) == ([], True, True)


def test_an_error_of_the_source_arrives_after_its_frames() -> None:
    sink = Told()

    def broken() -> None:
        raise MediaError("the film breaks off")

    with pytest.raises(MediaError, match="breaks off"):
        run(step_by_step(3, sink, broken), Mask(), {"memory": sink})
    assert [frame.index for frame in sink.frames] == [0, 1, 2]
    assert sink.closed


def test_when_the_performer_fails_nothing_more_goes_out() -> None:
    sink = Told()
    release = threading.Event()

    def script() -> Iterator[Frame]:
        yield from step_by_step(4, sink)._script()
        yield Frame(actor(), 4, 4.0)
        assert release.wait(30)

    class Breaking(Mask):
        def __call__(self, frame: Frame) -> Frame:
            if frame.index == 4:
                release.set()
            return super().__call__(frame)

    with pytest.raises(ZeroDivisionError):
        run(Source(script), Breaking(fails_at=4), {"memory": sink})
    assert [frame.index for frame in sink.frames] == [0, 1, 2, 3]
    assert not any((frame.image == MARKER).all(axis=-1).any() for frame in sink.frames)


def test_no_frame_is_kept_after_the_end() -> None:
    kept: list[weakref.ref[Image]] = []

    def remembered(index: int) -> Image:
        image = actor()
        kept.append(weakref.ref(image))
        return image

    stats = run(Synthetic(30, picture=remembered), Mask(), {"null": NullSink(), "other": NullSink()})
    gc.collect()
    assert len(kept) == stats.captured == 30
    assert [image for image in kept if image() is not None] == []


def test_latency_is_from_capture_to_the_end_of_sending() -> None:
    now = [0.0]

    class Slow(Told):
        def send(self, frame: Frame) -> None:
            now[0] += 0.25
            super().send(frame)

    sink = Slow()

    def script() -> Iterator[Frame]:
        for index in range(5):
            yield Frame(actor(), index, now[0])
            assert sink.came.acquire(timeout=30)

    stats = run(Source(script), Mask(), {"slow": sink}, clock=lambda: now[0])
    assert stats.sinks[0].latency_p50_ms == pytest.approx(250)
    assert stats.sinks[0].latency_p95_ms == pytest.approx(250)


def test_a_mailbox_gives_what_is_left_before_its_end() -> None:
    box: loop.Mailbox[str] = loop.Mailbox()
    box.put("old")
    box.put("new")
    box.close()
    box.put("late")
    assert list(box) == ["new"]
    assert (box.count, box.dropped) == (2, 1)
    with pytest.raises(loop.Closed):
        box.take()


def test_a_mailbox_passes_errors_on() -> None:
    box: loop.Mailbox[str] = loop.Mailbox()
    assert box.take(timeout=0) is None
    box.close(DeviceError("gone"))
    with pytest.raises(DeviceError, match="gone"):
        list(box)


class Beat:
    """Time that only waiting moves, `late` seconds more at the wait number `at`."""

    def __init__(self, at: int = -1, late: float = 0.0) -> None:
        self.now, self.waits, self._at, self._late = 0.0, 0, at, late

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds + (self._late if self.waits == self._at else 0)
        self.waits += 1


Acts = dict[int, Callable[[], object]]


class Timed(MemorySink):
    """Notes when each frame came; acts before the frame with a number comes."""

    def __init__(self, beat: Beat, acts: Acts) -> None:
        super().__init__()
        self.beat, self.acts = beat, acts
        self.moments: list[float] = []

    def send(self, frame: Frame) -> None:
        self.acts.get(len(self.frames), lambda: None)()
        self.moments.append(self.beat.now)
        super().send(frame)


def steady(
    beat: Beat, acts: Callable[[Worker], dict[int, Callable[[], object]]], rate: float = 25
) -> tuple[Timed, Worker]:
    """A steady worker that has run to its end with one frame and whatever `acts` do."""
    sink = Timed(beat, {})
    worker = Worker("steady", sink, beat.clock, rate, beat.pause)
    sink.acts = acts(worker)
    worker.put(Frame(actor(), 0, 0.0))
    worker.open()
    worker._thread.join(30)
    worker.close()
    worker.check()
    return sink, worker


def test_a_steady_sink_gets_the_last_frame_again_until_a_newer_one_comes() -> None:
    sink, worker = steady(
        Beat(),
        lambda worker: {3: lambda: worker.put(Frame(actor(), 1, 0.1)), 5: worker._mailbox.close},
    )
    assert [frame.index for frame in sink.frames] == [0, 0, 0, 0, 1, 1]
    assert sink.moments == pytest.approx([0, 0.04, 0.08, 0.12, 0.16, 0.2])
    stats = worker.stats()
    assert (stats.sent, stats.repeated) == (6, 4)


def test_an_hour_of_a_steady_sink_does_not_drift() -> None:
    sink, _ = steady(Beat(), lambda worker: {3600 * 30: worker._mailbox.close}, rate=30)
    assert len(sink.frames) == 3600 * 30 + 1
    assert sink.moments[-1] == pytest.approx(3600, abs=1e-6)


def test_after_a_stall_a_steady_sink_goes_on_in_step_without_a_burst() -> None:
    sink, _ = steady(Beat(at=2, late=1.005), lambda worker: {6: worker._mailbox.close})
    assert sink.moments == pytest.approx([0, 0.04, 0.08, 1.125, 1.16, 1.2, 1.24])


def test_a_tick_that_is_late_by_less_than_a_period_is_not_lost() -> None:
    pace = loop.Pace(10, 0.0)
    assert pace.wait(0.0, 0.02) == pytest.approx(0.08)
    assert pace.wait(0.1, 0.21) == 0
    assert pace.wait(0.21, 0.22) == pytest.approx(0.08)
    assert pace.wait(0.3, 5.05) == 0
    assert pace.wait(5.03, 5.06) == pytest.approx(0.04)


def test_only_the_sinks_that_are_named_steady_are() -> None:
    plain, even = Told(), Told()

    def script() -> Iterator[Frame]:
        assert even.came.acquire(timeout=30)  # the avatar at rest, before anything was captured
        yield Frame(actor(), 0, 0.0)
        for _ in range(5):
            assert even.came.acquire(timeout=30)

    stats = loop.run(Source(script), Mask(), {"plain": plain, "even": even}, rate=200, steady=["even"])
    assert [frame.index for frame in plain.frames if frame.index >= 0] == [0]
    assert even.frames[0].index == loop.STILL
    assert stats.sinks[1].repeated >= 1
    assert stats.sinks[0].repeated == 0


def test_frames_are_looked_at_while_others_are_performed() -> None:
    """The first frame's performing ends only once the second has been looked at."""
    performing, second, looked = threading.Event(), threading.Event(), list[int]()

    class Waiting(Mask):
        def __call__(self, frame: Frame) -> Frame:
            performing.set()
            assert second.wait(30)
            return super().__call__(frame)

    def look(frame: Frame) -> Frame:
        looked.append(frame.index)
        if frame.index == 1:
            second.set()
        return frame

    def script() -> Iterator[Frame]:
        yield Frame(actor(), 0, 0.0)
        assert performing.wait(30)
        yield Frame(actor(), 1, 1.0)

    stats = run(Source(script), Waiting(), {"null": NullSink()}, look=look)
    assert looked == [0, 1]
    assert (stats.captured, stats.performed, stats.dropped) == (2, 2, 0)


def test_what_is_looked_at_and_not_performed_is_counted_as_dropped() -> None:
    everything = threading.Event()

    class Slow(Mask):
        def __call__(self, frame: Frame) -> Frame:
            assert everything.wait(30)
            return super().__call__(frame)

    sink, looked = Told(), threading.Semaphore(0)

    def look(frame: Frame) -> Frame:
        looked.release()
        return frame

    def script() -> Iterator[Frame]:
        for index in range(5):
            yield Frame(actor(), index, float(index))
            assert looked.acquire(timeout=30)
        everything.set()

    stats = run(Source(script), Slow(), {"memory": sink}, look=look)
    indices = [frame.index for frame in sink.frames]
    assert indices == sorted(indices)
    assert indices[-1] == 4
    assert stats.performed + stats.dropped == stats.captured == 5
    assert stats.dropped >= 3


def test_an_error_of_the_look_ends_the_run_and_the_sinks_finish() -> None:
    def look(frame: Frame) -> Frame:
        if frame.index == 2:
            raise ZeroDivisionError("the look broke")
        return frame

    sink = Told()

    def script() -> Iterator[Frame]:
        for index in range(3):
            yield Frame(actor(), index, float(index))
            assert index == 2 or sink.came.acquire(timeout=30)

    with pytest.raises(ZeroDivisionError, match="the look broke"):
        run(Source(script), Mask(), {"memory": sink}, look=look)
    assert [frame.index for frame in sink.frames] == [0, 1]
    assert sink.closed
