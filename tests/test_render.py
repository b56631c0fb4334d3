"""A film goes through frame by frame: as many, at the same times, with the same sound; or there is none at all."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from films import VARIABLE, pictures, samples_of, sound_of, write_film

from reenact.devices.memory import MemorySink
from reenact.devices.synthetic import Synthetic
from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.errors import MediaError
from reenact.render import Layout, beside, render
from reenact.stopwatch import Stopwatch, summarise
from reenact.types import Frame, Image

MARKER = (255, 0, 255)


class Mask:
    """A performer: a flat avatar; it sees no face in every third frame."""

    def __init__(self, size: tuple[int, int] = (96, 64)) -> None:
        self._avatar = np.full((size[1], size[0], 3), (200, 180, 160), np.uint8)
        self.face_found = False

    def __call__(self, frame: Frame) -> Frame:
        self.face_found = frame.index % 3 != 2
        return frame.with_image(self._avatar)


def render_file(source: Path, out: Path, size: tuple[int, int] = (96, 64)) -> None:
    with VideoSource(source) as film:
        sink = VideoSink(out, size, rate=film.rate, time_base=film.time_base, sound_from=source)
        with sink:
            render(film, Mask(size), sink.send)


def times(path: Path) -> list[object]:
    with VideoSource(path) as film:
        return [frame.timestamp for frame in film]


def test_a_film_keeps_its_frames_times_and_sound(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.mp4", pictures(10), VARIABLE, sound="aac")
    render_file(source, tmp_path / "out.mp4", size=(47, 63))
    assert times(tmp_path / "out.mp4") == times(source)
    assert sound_of(tmp_path / "out.mp4") == sound_of(source)
    np.testing.assert_array_equal(samples_of(tmp_path / "out.mp4"), samples_of(source))


def test_what_stands_still_in_the_avatar_stands_still_in_the_film(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.mp4", pictures(30))
    render_file(source, tmp_path / "out.mp4")
    with VideoSource(tmp_path / "out.mp4") as film:
        for frame in film:
            np.testing.assert_allclose(frame.image.astype(int)[:, :], np.full((64, 96, 3), (200, 180, 160)), atol=2)


def test_a_film_that_breaks_off_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.mp4", pictures(60), options={"movflags": "faststart"})
    source.write_bytes(source.read_bytes()[:-4000])
    with pytest.raises(MediaError, match="breaks off"):
        render_file(source, tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_an_interrupt_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    def interrupt(frame: Frame) -> None:
        if frame.index == 3:
            raise KeyboardInterrupt

    sink = VideoSink(tmp_path / "out.mp4", (96, 64))
    with pytest.raises(KeyboardInterrupt), sink:
        render(Synthetic(10), Mask(), sink.send, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_frames_and_faces_are_counted() -> None:
    sink = MemorySink()
    seen: list[int] = []
    report = render(Synthetic(10), Mask(), sink.send, progress=lambda frame: seen.append(frame.index))
    assert (report.frames, report.frames_without_face) == (10, 3)
    assert seen == [frame.index for frame in sink.frames] == list(range(10))


def test_the_actor_is_shown_beside_the_avatar_only_when_asked() -> None:
    def actor(_: int) -> Image:
        return np.full((48, 64, 3), MARKER, np.uint8)

    alone, both = MemorySink(), MemorySink()
    render(Synthetic(2, picture=actor), Mask(), alone.send)
    render(Synthetic(2, picture=actor), Mask(), both.send, layout=Layout.SIDE_BY_SIDE)
    assert not any((frame.image == MARKER).all(axis=-1).any() for frame in alone.frames)
    for frame in both.frames:
        assert frame.image.shape == (64, 85 + 96, 3)
        assert (frame.image[:, :85] == MARKER).all()
        assert (frame.image[:, 85:] == (200, 180, 160)).all()


@pytest.mark.parametrize("height", [20, 480, 1000])
def test_beside_keeps_the_actor_s_shape(height: int) -> None:
    actor, avatar = np.zeros((480, 640, 3), np.uint8), np.zeros((height, 100, 3), np.uint8)
    assert beside(actor, avatar).shape == (height, round(height * 4 / 3) + 100, 3)


class Clock:
    """Goes on by 1, 2, 3 ... ms between looks."""

    def __init__(self) -> None:
        self._looks = 0
        self._now = 0.0

    def __call__(self) -> float:
        self._looks += 1
        self._now += self._looks / 1000
        return self._now


def test_a_stopwatch_measures_every_call_and_changes_none() -> None:
    watch = Stopwatch(Clock())
    double = watch.timed("double", lambda number, *, add=0: number * 2 + add)
    assert [double(1), double(2, add=3)] == [2, 7]
    np.testing.assert_allclose(watch.durations["double"], [0.002, 0.004])
    assert watch.summary()["double"].calls == 2


def test_a_stopwatch_measures_the_getting_of_items() -> None:
    watch = Stopwatch(Clock())
    assert list(watch.timed_items("decode", "abc")) == ["a", "b", "c"]
    np.testing.assert_allclose(watch.durations["decode"], [0.002, 0.004, 0.006])


def test_what_raises_is_not_measured() -> None:
    watch = Stopwatch(Clock())
    fail = watch.timed("fail", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fail()
    assert watch.durations == {}


def test_a_summary_has_median_and_percentiles_in_milliseconds() -> None:
    summary = summarise(np.arange(101) / 1000)
    assert (summary.median_ms, summary.p95_ms, summary.p99_ms, summary.calls) == pytest.approx((50, 95, 99, 101))


def test_frames_are_looked_at_while_others_are_performed_and_keep_their_order() -> None:
    """The look at frame 1 ends only once frame 0 is being performed: one after the other, this would never end."""
    performing = threading.Event()

    def look(frame: Frame) -> Frame:
        assert frame.index != 1 or performing.wait(60)
        return frame

    class Announcing(Mask):
        def __call__(self, frame: Frame) -> Frame:
            performing.set()
            return super().__call__(frame)

    sink = MemorySink()
    report = render(Synthetic(10), Announcing(), sink.send, look=look)
    assert (report.frames, report.frames_without_face) == (10, 3)
    assert [frame.index for frame in sink.frames] == list(range(10))


def test_it_looks_one_frame_ahead_and_no_further() -> None:
    looked: list[int] = []
    lead: list[int] = []

    def look(frame: Frame) -> Frame:
        looked.append(frame.index)
        return frame

    class Counting(Mask):
        def __call__(self, frame: Frame) -> Frame:
            lead.append(len(looked) - 1 - frame.index)
            return super().__call__(frame)

    render(Synthetic(20), Counting(), lambda frame: None, look=look)
    assert max(lead) <= 1


def test_an_error_of_the_look_comes_after_the_frames_before_it() -> None:
    def look(frame: Frame) -> Frame:
        if frame.index == 4:
            raise MediaError("broken")
        return frame

    sink = MemorySink()
    with pytest.raises(MediaError, match="broken"):
        render(Synthetic(10), Mask(), sink.send, look=look)
    assert [frame.index for frame in sink.frames] == [0, 1, 2, 3]
    assert no_thread_is_left()


def test_an_error_of_the_performer_leaves_no_thread_and_sends_what_was_performed() -> None:
    class Failing(Mask):
        def __call__(self, frame: Frame) -> Frame:
            if frame.index == 4:
                raise MediaError("broken")
            return super().__call__(frame)

    sink = MemorySink()
    with pytest.raises(MediaError, match="broken"):
        render(Synthetic(10), Failing(), sink.send)
    assert [frame.index for frame in sink.frames] == [0, 1, 2, 3]
    assert no_thread_is_left()


def test_frames_are_sent_while_others_are_performed_and_keep_their_order() -> None:
    """Sending frame 0 ends only once frame 1 is being performed: one after the other, this would never end."""
    performing, sent = threading.Event(), []

    class Announcing(Mask):
        def __call__(self, frame: Frame) -> Frame:
            if frame.index == 1:
                performing.set()
            return super().__call__(frame)

    def send(frame: Frame) -> None:
        assert performing.wait(60)
        sent.append(frame.index)

    assert render(Synthetic(10), Announcing(), send).frames == 10
    assert sent == list(range(10))


def test_it_performs_no_more_than_one_frame_while_another_is_sent() -> None:
    performed: list[int] = []
    lead: list[int] = []

    class Counting(Mask):
        def __call__(self, frame: Frame) -> Frame:
            performed.append(frame.index)
            return super().__call__(frame)

    render(Synthetic(20), Counting(), lambda frame: lead.append(len(performed) - 1 - frame.index))
    assert max(lead) <= 1


@pytest.mark.parametrize("bad", [0, 4, 9])
def test_after_an_error_of_the_sink_nothing_more_is_sent(bad: int) -> None:
    sent: list[int] = []

    def send(frame: Frame) -> None:
        if frame.index == bad:
            raise MediaError("full")
        sent.append(frame.index)

    with pytest.raises(MediaError, match="full"):
        render(Synthetic(10), Mask(), send)
    assert sent == list(range(bad))
    assert no_thread_is_left()


def no_thread_is_left() -> bool:
    return not [thread for thread in threading.enumerate() if "reenact" in thread.name]
