"""Broken inputs and impossible outputs: one clear line, exit 1, and nothing half written."""

from __future__ import annotations

import errno
import json
import os
import resource
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import VARIABLE, pictures, sound_of, write_film

from reenact.cli.main import main
from reenact.devices.files import writing
from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.errors import MediaError

EXAMPLES = Path(__file__).parents[1] / "examples"
AVATAR, ACTOR = EXAMPLES / "tanguy.jpg", EXAMPLES / "hopper.jpg"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten frames of an actor who sits still, at uneven times, with sound."""
    picture = cv2.resize(read_picture(ACTOR), (192, 256), interpolation=cv2.INTER_AREA)
    path = tmp_path_factory.mktemp("actor") / "actor.mp4"
    return write_film(path, [np.asarray(picture, np.uint8)] * 10, VARIABLE, sound="aac")


Reenact = Callable[..., str]


@pytest.fixture
def reenact(monkeypatch: pytest.MonkeyPatch) -> Reenact:
    """Run the program; what it ends with: "" when all is well, otherwise its one line."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["reenact", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        if not end.value.code:
            return ""
        message = str(end.value.code)  # a string as the code: printed on stderr, exit 1
        assert message.startswith("reenact: ")
        assert "\n" not in message
        return message

    return run


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", b""), (b"IEND", b"")]
    body = [struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


BAD_PICTURES = {
    "empty": (b"", "0 bytes"),
    "text": (b"no picture\n" * 99, "something else"),
    "dot": (png(1, 1), "too small"),
    "huge": (png(20_000, 20_000), "100 megapixels"),
    "cut": (AVATAR.read_bytes()[:20_000], "breaks off"),
    "faceless": (cv2.imencode(".png", np.full((200, 200, 3), 90, np.uint8))[1].tobytes(), "no face"),
}


@pytest.mark.parametrize("command", ["image", "render", "live"])
@pytest.mark.parametrize("kind", BAD_PICTURES)
def test_an_avatar_that_is_none(tmp_path: Path, film: Path, reenact: Reenact, command: str, kind: str) -> None:
    data, reason = BAD_PICTURES[kind]
    picture = tmp_path / "avatar.png"
    picture.write_bytes(data)
    rest = {
        "image": (ACTOR, "-o", tmp_path / "out.png"),
        "render": (film, "-o", tmp_path / "out.mp4"),
        "live": ("--camera", film, "--sink", tmp_path / "out.mp4"),
    }
    message = reenact(command, picture, *rest[command])
    assert reason in message
    assert str(picture) in message
    assert left(tmp_path) == ["avatar.png"]


def test_an_actor_s_film_that_is_none(tmp_path: Path, film: Path, reenact: Reenact) -> None:
    bad = tmp_path / "bad.mp4"
    whole = film.read_bytes()
    for data, reason in (
        (b"", "0 bytes"),
        (b"no film\n" * 99, "wanted a film"),
        (whole[: len(whole) // 2], "cut short"),
        (AVATAR.read_bytes(), "wanted a film"),
    ):
        bad.write_bytes(data)
        assert reason in reenact("render", AVATAR, bad, "-o", tmp_path / "out.mp4")
        assert reason in reenact("live", AVATAR, "--camera", bad, "--sink", "null")
    assert "no such file" in reenact("render", AVATAR, tmp_path / "none.mp4", "-o", tmp_path / "out.mp4")
    assert left(tmp_path) == ["bad.mp4"]


def test_a_film_without_a_face_or_without_one_when_it_is_neutral(
    tmp_path: Path, reenact: Reenact, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = write_film(tmp_path / "bare.mp4", pictures(5))
    assert "no face in the whole film" in reenact("render", AVATAR, bare, "-o", tmp_path / "out.mp4")
    assert "no face there" in reenact("render", AVATAR, bare, "-o", tmp_path / "out.mp4", "--neutral", "0.1")
    assert "0.20 s long" in reenact("render", AVATAR, bare, "-o", tmp_path / "out.mp4", "--neutral", "9")
    assert left(tmp_path) == ["bare.mp4"]
    assert capsys.readouterr().err == ""  # no terminal


def test_render_asks_before_it_looks_for_the_actor_at_rest_and_then_shows_how_far_it_has_looked(
    tmp_path: Path, reenact: Reenact, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A search through a long film: nobody has to wait for the question, or in silence."""
    before: list[str] = []

    def ask(_: object) -> str:
        before.append(capsys.readouterr().err)
        return "myself"

    monkeypatch.setenv("FORCE_COLOR", "1")  # stderr counts as a terminal
    monkeypatch.setattr("reenact.cli.provenance.asking", lambda: ask)
    anna = tmp_path / "anna.jpg"
    anna.write_bytes(AVATAR.read_bytes() + b"somebody")  # no longer a bundled example
    bare = write_film(tmp_path / "bare.mp4", pictures(30))
    assert "no face in the whole film" in reenact("render", anna, bare, "-o", tmp_path / "out.mp4")
    assert before == [""]
    assert "looking for the actor at rest, 1 s of film" in capsys.readouterr().err


def test_an_output_that_cannot_be(tmp_path: Path, film: Path, reenact: Reenact) -> None:
    (tmp_path / "folder.mp4").mkdir()
    for out, reason in (
        (tmp_path / "none" / "out.mp4", "is not there"),
        (tmp_path / "folder.mp4", "is a folder"),
        (tmp_path / "out.doc", "end it with"),
        (film, "would overwrite"),
        (Path("/proc/out.mp4"), "/proc takes no such file"),
    ):
        assert reason in reenact("render", AVATAR, film, "-o", out)
    assert left(tmp_path) == ["folder.mp4"]


def test_only_a_full_disk_is_told_to_be_emptied(tmp_path: Path) -> None:
    for number, advice in ((errno.ENOSPC, "free some space"), (errno.EACCES, "choose another folder or name")):
        with pytest.raises(MediaError, match=advice) as raised, writing(tmp_path / "out.png"):
            raise OSError(number, os.strerror(number))
        assert ("space" in str(raised.value)) is (number == errno.ENOSPC)


def test_a_disk_that_fills_up(tmp_path: Path, film: Path, reenact: Reenact) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        message = reenact("render", AVATAR, film, "-o", tmp_path / "out.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "cannot write the film" in message
    assert left(tmp_path) == []


def test_a_film_that_is_all_right(tmp_path: Path, film: Path, reenact: Reenact, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "out.mp4"
    assert reenact("render", AVATAR, film, "-o", out, "--size", "128", "--neutral", "0", "--json") == ""
    closing = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (closing["frames"], closing["frames_without_face"]) == (10, 0)
    assert {"decode", "track", "motion", "animate", "encode"} <= closing["stages"].keys()
    with VideoSource(out) as made, VideoSource(film) as given:
        assert [frame.timestamp for frame in made] == [frame.timestamp for frame in given]
    assert sound_of(out) == sound_of(film)
    assert left(tmp_path) == ["out.mp4"]


def test_a_clip_as_camera_into_a_film(tmp_path: Path, film: Path, reenact: Reenact) -> None:
    out = tmp_path / "out.mp4"
    assert reenact("live", AVATAR, "--camera", film, "--sink", out, "--sink", "null", "--size", "128") == ""
    with VideoSource(out) as made:
        assert sum(1 for _ in made) >= 1
    assert left(tmp_path) == ["out.mp4"]
