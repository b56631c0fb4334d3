"""What keys do to a live run, and what it says of itself."""

from __future__ import annotations

import os
import pty
import sys
import termios
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from films import pictures, write_film

from reenact.cli.keys import terminal_keys
from reenact.cli.live import Desk, check_sinks, is_film, make_sink, open_source, virtual_name
from reenact.cli.stage import Stage, first_avatar, letterbox, pictures_of
from reenact.cli.status import HELP, status
from reenact.devices.memory import NullSink
from reenact.devices.paced import ClipCamera
from reenact.devices.v4l2_sink import V4L2Sink
from reenact.devices.video_sink import VideoSink
from reenact.devices.virtualcam import VirtualCamSink
from reenact.devices.window import WindowSink
from reenact.errors import DeviceError, MediaError, NoFaceError
from reenact.loop import LiveStats, SinkStats
from reenact.types import Frame, Image

STATS = LiveStats(9.0, 90, 3, 87, 0, 24.9, True, True, True, (SinkStats("null", 87, 2, 31.4, 48.6),))


class Troupe:
    """A Reenactor whose avatars are named by paths; its picture's first pixel is the actor's."""

    face_found = True

    def __init__(self, absolute: bool = False) -> None:
        self.absolute, self.calibrated = absolute, True
        self.shown: list[object] = []
        self.recalibrated = 0

    def __call__(self, frame: Frame) -> Frame:
        return frame.with_image(np.full((40, 60, 3), frame.image[0, 0], np.uint8))

    def still(self) -> Image:
        return np.full((40, 60, 3), 200, np.uint8)

    def show(self, avatar: object) -> None:
        self.shown.append(avatar)

    def recalibrate(self) -> None:
        self.recalibrated += 1
        self.calibrated = self.absolute


def prepare(path: Path, background: bool) -> object:
    if path.stem == "faceless":
        raise NoFaceError("no face here")
    return path.stem, background


def stage(*names: str, mirror: bool = False) -> tuple[Stage, Troupe]:
    troupe = Troupe()
    paths = [Path(f"{name}.png") for name in names or ("one",)]
    return Stage(troupe, paths, prepare, mirror=mirror, background=True), troupe  # type: ignore[arg-type]


def frame(left: int = 1, right: int = 2) -> Frame:
    return Frame(np.repeat(np.array([[left, right]], np.uint8), 2, 0)[:, :, None].repeat(3, 2), 0, 0.0)


def typing(on: Stage, *keys: str) -> Desk:
    """A desk that sees each of `keys` at one call."""
    left = iter(keys)
    return Desk(on, lambda: next(left, ""))


def test_mirror_shows_the_actor_the_other_way_round() -> None:
    on, _ = stage()
    desk = typing(on, "m")
    assert on(frame()).image[0, 0, 0] == 1
    assert desk(STATS)
    assert on(frame()).image[0, 0, 0] == 2


def test_pause_holds_the_last_picture_whatever_comes() -> None:
    on, _ = stage()
    on(frame(left=7))
    desk = typing(on, " ", " ")
    desk(STATS)
    assert (on(frame(left=9)).image == 7).all()
    assert (on.still() == 7).all()
    desk(STATS)
    assert (on(frame(left=9)).image == 9).all()
    assert (on.still() == 200).all()


def test_next_and_previous_go_round_the_folder_past_what_is_no_avatar() -> None:
    on, troupe = stage("a", "faceless", "b")
    desk = typing(on, "n", "n", "p")
    desk(STATS)
    assert "no face here" in on.remark
    desk(STATS)
    desk(STATS)
    assert troupe.shown == [("b", True), ("a", True), ("b", True)]
    assert on.remark == "b.png"


def test_a_live_run_begins_with_the_first_picture_that_can_be_an_avatar(caplog: pytest.LogCaptureFixture) -> None:
    paths = [Path(f"{name}.png") for name in ("1/faceless", "2/faceless", "b", "c")]
    assert first_avatar(paths, prepare, True) == (("b", True), paths[2:])  # type: ignore[arg-type]
    assert [record.getMessage() for record in caplog.records] == ["passed over: no face here"] * 2
    for none in (paths[:2], paths[:1]):
        with pytest.raises(NoFaceError):
            first_avatar(none, prepare, True)  # type: ignore[arg-type]


def test_a_single_avatar_stays() -> None:
    on, troupe = stage("a")
    typing(on, "n")(STATS)
    assert troupe.shown == []


def test_recalibrate_and_background_reach_the_reenactor() -> None:
    on, troupe = stage("a", "b")
    desk = typing(on, "c", "b", "n", "b")
    for _ in range(4):
        desk(STATS)
    assert troupe.recalibrated == 1
    assert troupe.shown == [("a", False), ("b", False), ("b", True)]


@pytest.mark.parametrize(("absolute", "remark"), [(False, "the neutral is taken anew"), (True, "nothing to calibrate")])
def test_recalibrate_says_so_or_that_there_is_nothing_to_calibrate(absolute: bool, remark: str) -> None:
    on = Stage(Troupe(absolute), [Path("one.png")], prepare, mirror=False, background=True)  # type: ignore[arg-type]
    typing(on, "c")(STATS)
    assert on.remark.startswith(remark)


def test_only_q_ends_the_run() -> None:
    on, _ = stage()
    desk = typing(on, "", "x", "?", "xq")
    assert [desk(STATS) for _ in range(4)] == [True, True, True, False]


def test_avatars_of_another_size_fit_into_the_first_one_s() -> None:
    tall = np.full((200, 100, 3), 50, np.uint8)
    box = letterbox(tall, (120, 100))
    assert box.shape == (100, 120, 3)
    assert (box[:, 35:85] == 50).all()
    assert (box[:, :35] == 0).all()
    assert (box[:, 85:] == 0).all()
    assert letterbox(tall, (100, 200)) is tall


def test_a_folder_gives_its_pictures_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(MediaError, match="found none"):
        pictures_of(tmp_path)
    for name in ("b.png", "a.JPG", "notes.txt"):
        (tmp_path / name).write_bytes(b"something")
    (tmp_path / "empty.png").touch()
    assert [path.name for path in pictures_of(tmp_path)] == ["a.JPG", "b.png"]
    assert "empty.png: wanted a picture, found an empty file" in caplog.text
    assert pictures_of(tmp_path / "b.png") == [tmp_path / "b.png"]


def test_sinks_are_made_by_name(tmp_path: Path) -> None:
    made: Callable[[str], object] = lambda name: make_sink(name, (64, 48), 30, print)  # noqa: E731
    assert isinstance(made("null"), NullSink)
    assert isinstance(made("window"), WindowSink)
    assert isinstance(made(str(tmp_path / "a.mp4")), VideoSink)
    for name in ("virtualcam", "virtualcam:OBS Cam", "virtualcam:/dev/video11"):
        assert isinstance(made(name), V4L2Sink if sys.platform == "linux" else VirtualCamSink)
    assert [virtual_name(name) for name in ("virtualcam", "virtualcam:a:b", "null", "a.mp4")] == ["", "a:b", None, None]
    assert [is_film(name) for name in ("virtualcam", "virtualcam:a.mp4", "null", "a.mp4")] == [
        False,
        False,
        False,
        True,
    ]


def test_a_virtual_camera_that_is_not_there_is_said_before_anything_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(DeviceError, match="'No Such Camera'; set one up: "):
        check_sinks(["null", "virtualcam:No Such Camera"], [])


def test_a_film_sink_is_checked_before_anything_opens(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.touch()
    for name, reason in (
        (f"{tmp_path}/none/a.mp4", "not there"),
        ("webcam", "virtualcam, window, null or a film name"),
        (str(clip), "overwrite"),
    ):
        with pytest.raises(MediaError, match=reason):
            check_sinks(["null", name], [str(clip)])


def test_a_sink_given_twice_is_an_error(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    for twice in (["null", "null"], [str(film), f"{tmp_path}/../{tmp_path.name}/a.mp4"]):
        with pytest.raises(MediaError, match="given twice"):
            check_sinks(["window", *twice], [])
    check_sinks(["window", "null", str(film), str(tmp_path / "b.mp4")], [])


def test_a_camera_is_a_number_a_device_or_a_film(tmp_path: Path) -> None:
    for name in ("9999", "/dev/video9999", "No Such Camera 2.0"):
        with pytest.raises(DeviceError, match=f"camera '?{name}"):
            open_source(name, 30)
    with pytest.raises(MediaError, match="no such file"):
        open_source(str(tmp_path / "none.mp4"), 30)
    with open_source(str(write_film(tmp_path / "clip.mp4", pictures(2))), 30) as source:
        assert isinstance(source, ClipCamera)


def test_the_status_says_how_it_goes() -> None:
    said = "following | 24.9 fps, 3 of 90 dropped | null 31/49 ms, 2 dropped"
    assert status(STATS) == said
    assert status(STATS, "paused") == said.replace("following", "following | paused")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"camera_found": False, "face_found": False}, "waiting for the camera"),
        ({"face_found": False}, "no face"),
        ({"calibrated": False}, "calibrating: look straight ahead, at rest"),
        ({}, "following"),
    ],
)
def test_in_80_columns_the_state_and_every_remark_are_to_be_seen(changes: dict[str, bool], state: str) -> None:
    names = ("/home/somebody/films/of/the/avatar.mp4", "virtualcam", "window")
    busy = replace(STATS, **changes, sinks=tuple(SinkStats(name, 87, 2, 31.4, 48.6) for name in names))  # type: ignore[arg-type]
    on, _ = stage("a", "b")
    desk = typing(on, "c", "m", " ", "n", "b")
    for _ in range(5):
        desk(busy)
        line = status(busy, on.remark, 79)
        assert len(line) <= 79
        assert line.startswith(f"{state} | {on.remark}")


def test_a_film_goes_by_its_last_name_and_wide_letters_count_twice() -> None:
    away = replace(STATS, sinks=(SinkStats("/away/at/a.mp4", 0, 0, None, None),))
    assert status(away).endswith("| a.mp4 -")
    assert status(STATS, "顔" * 40, 31) == "following | " + "顔" * 9 + " "


def test_help_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    on, _ = stage()
    desk = typing(on, "m", "?")
    desk(STATS)
    desk(STATS)
    assert capsys.readouterr().err == f"{HELP}\n"
    assert on.remark == "mirror on"
    assert len(HELP) < 80


def test_keys_come_one_by_one_and_the_terminal_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    outside, inside = pty.openpty()
    before = termios.tcgetattr(inside)
    with os.fdopen(inside) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with terminal_keys() as pressed:
            assert termios.tcgetattr(terminal) != before
            assert pressed() == ""
            os.write(outside, b"mn")
            assert pressed() == "mn"
        assert termios.tcgetattr(terminal) == before
        with pytest.raises(ZeroDivisionError), terminal_keys():
            raise ZeroDivisionError
        assert termios.tcgetattr(terminal) == before
    os.close(outside)


def test_without_a_terminal_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with terminal_keys() as pressed:
            assert pressed() == ""
