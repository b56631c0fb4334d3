"""A camera gives RGB, says what is wrong with it, and is taken up again; a film can stand in for one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import VARIABLE, pictures, write_film

from reenact.devices.camera import Camera, list_cameras
from reenact.devices.paced import LONGEST_WAIT, ClipCamera, paced
from reenact.devices.synthetic import Synthetic
from reenact.errors import DeviceError, MediaError
from reenact.types import Frame

RED = np.zeros((48, 64, 3), np.uint8)
RED[:, :, 2] = 255
"""BGR, as cv2 gives it."""


class Plug:
    """Stands for the cameras of a machine: plugged in or not, busy or not."""

    def __init__(self, *, there: bool = True, free: bool = True, shows: bool = True) -> None:
        self.there, self.free, self.shows = there, free, shows
        self.asked: dict[int, float] = {}
        self.opened = 0
        self.released = 0

    def present(self, device: int) -> bool:
        return self.there

    def open(self, device: int) -> Plug:
        self.opened += 1
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return self.there and self.free

    def read(self) -> tuple[bool, np.ndarray]:
        return self.there and self.shows, RED

    def set(self, property_id: int, value: float, /) -> bool:
        self.asked[property_id] = value
        return True

    def release(self) -> None:
        self.released += 1


def camera(plug: Plug) -> Camera:
    return Camera(0, fps=25, opener=plug.open, present=plug.present, clock=lambda: 7.0, pause=lambda seconds: None)


def test_frames_are_rgb_and_carry_the_moment_of_capture() -> None:
    plug = Plug()
    with camera(plug) as opened:
        first, second = islice(opened, 2)
    assert first is not None
    assert second is not None
    assert (first.image == (255, 0, 0)).all()
    assert (first.index, second.index, first.captured_at, first.timestamp) == (0, 1, 7.0, None)
    assert plug.asked[cv2.CAP_PROP_FPS] == 25
    assert plug.released == 1


def test_an_unplugged_camera_is_waited_for_and_taken_up_again() -> None:
    plug = Plug()
    with camera(plug) as opened:
        frames = iter(opened)
        assert next(frames) is not None
        plug.there = False
        assert [next(frames) for _ in range(5)] == [None] * 5
        assert plug.opened == 1
        plug.there = True
        again = next(frames)
    assert again is not None
    assert again.index == 1
    assert plug.opened == plug.released == 2


def test_a_camera_that_comes_back_busy_is_waited_for_too() -> None:
    plug = Plug()
    with camera(plug) as opened:
        frames = iter(opened)
        next(frames)
        plug.there = False
        next(frames)
        plug.there, plug.free = True, False
        assert [next(frames), next(frames)] == [None, None]
        plug.free = True
        assert next(frames) is not None


@pytest.mark.parametrize(
    ("plug", "reason"),
    [(Plug(there=False), "not found"), (Plug(free=False), "close other"), (Plug(shows=False), "no picture")],
    ids=["missing", "busy", "dark"],
)
def test_a_camera_that_cannot_be_used_says_why_and_is_let_go(plug: Plug, reason: str) -> None:
    with pytest.raises(DeviceError, match=f"camera 0.*{reason}.*--camera"):
        camera(plug)
    assert plug.opened == plug.released


def test_cameras_are_listed_without_opening_them(tmp_path: Path) -> None:
    for name, index, label in (("video2", "0", "Webcam"), ("video3", "1", "Webcam"), ("video0", "0", "Loopback")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index").write_text(f"{index}\n")
        (tmp_path / name / "name").write_text(f"{label}\n")
    assert [str(found) for found in list_cameras(tmp_path)] == ["0: Loopback", "2: Webcam"]
    assert list_cameras(tmp_path / "none") == []


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def moments(frames: Iterator[Frame | None]) -> list[float | None]:
    return [None if frame is None else frame.captured_at for frame in frames]


def test_frames_come_when_they_are_due() -> None:
    time = Time()
    came = moments(paced(Synthetic(4, fps=10), clock=time.clock, pause=time.pause))
    assert came == pytest.approx([100, 100.1, 100.2, 100.3])


def test_a_long_wait_gives_signs_of_life() -> None:
    time = Time()
    came = moments(paced(Synthetic(2, fps=1), clock=time.clock, pause=time.pause))
    assert (came[0], came[-1]) == pytest.approx((100, 101))
    assert came[1:-1] == [None] * 3
    assert max(time.waits) <= LONGEST_WAIT


def test_late_frames_come_at_once() -> None:
    time = Time()
    frames = paced(Synthetic(4, fps=10), clock=time.clock, pause=time.pause)
    next(frames)
    time.now += 10
    assert moments(frames) == [110.0] * 3
    assert time.waits == []


def test_a_film_plays_as_a_camera_and_ends(tmp_path: Path) -> None:
    path = write_film(tmp_path / "clip.mp4", pictures(10), VARIABLE)
    time = Time()
    with ClipCamera(path, clock=time.clock, pause=time.pause) as clip:
        frames = [frame for frame in clip if frame is not None]
    assert [frame.captured_at for frame in frames] == pytest.approx([100 + tick / 12_800 for tick in VARIABLE])
    assert [(frame.index, frame.timestamp) for frame in frames] == [(index, None) for index in range(10)]


def test_a_looped_film_goes_on(tmp_path: Path) -> None:
    path = write_film(tmp_path / "clip.mp4", pictures(3))
    time = Time()
    with ClipCamera(path, loop=True, clock=time.clock, pause=time.pause) as clip:
        frames = list(islice((frame for frame in clip if frame is not None), 8))
    assert [frame.index for frame in frames] == list(range(8))
    np.testing.assert_array_equal(frames[0].image, frames[6].image)


def test_what_is_no_film_is_no_camera_either(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        ClipCamera(tmp_path / "none.mp4")
