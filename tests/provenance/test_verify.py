"""`reenact verify`: its five answers, from files that were really made, altered and re-encoded."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import write_film
from typer.testing import CliRunner, Result

from reenact import bundle
from reenact.bundle import bundled
from reenact.cli.main import app
from reenact.cli.provenance import Marks, Outgoing, outgoing
from reenact.devices.pictures import read_picture, write_picture
from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.extras import how_to_install
from reenact.provenance import c2pa
from reenact.types import Frame, Image

LITE = bundled("engines", "lite")
HOPPER = bundled("examples", "hopper.jpg")
FRAMES = 12


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["verify", *map(str, arguments)], catch_exceptions=False)


def film(path: Path, picture: Image, going: Outgoing) -> Path:
    """The picture, its light rising and falling."""
    with VideoSink(path, (picture.shape[1], picture.shape[0]), seal=going.seal_for(path)) as sink:
        for index in range(FRAMES):
            lit = np.clip(picture * (1 + 0.1 * np.sin(index / 3)), 0, 255).astype(np.uint8)
            sink.send(Frame(going.finish(lit), index, index / 25))
    return path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, home: Path, hopper: Image) -> bytes:
    """A film as `reenact` writes it."""
    path = tmp_path_factory.mktemp("signed") / "signed.mp4"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        return film(path, hopper, outgoing(Marks(), LITE, [HOPPER], [path])).read_bytes()


@pytest.fixture
def copy(tmp_path: Path, signed: bytes) -> Path:
    path = tmp_path / "copy.mp4"
    path.write_bytes(signed)
    return path


def test_a_signed_film_is_intact(copy: Path) -> None:
    result = verify(copy)
    assert result.exit_code == 0
    assert "made by a program, and as it was made" in result.stdout
    assert "signature: valid" in result.stdout
    assert "watermark: found" in result.stdout
    assert "consent: not needed: bundled example" in result.stdout


def test_the_json_line_has_both_layers_and_their_evidence(copy: Path) -> None:
    result = verify(copy, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["result"], report["reasons"]) == (0, "intact", [])
    assert report["file"] == str(copy)
    assert report["signature"]["state"] == "valid"
    assert report["signature"]["watermark"] == report["watermark"]["id"]
    assert report["watermark"]["z"] > report["watermark"]["threshold"]
    assert report["watermark"]["frames"] == FRAMES


@pytest.mark.parametrize("place", [0.35, 0.6, 0.95])
def test_one_flipped_byte_is_an_alteration(copy: Path, place: float) -> None:
    content = bytearray(copy.read_bytes())
    content[int(place * len(content))] ^= 1
    copy.write_bytes(content)
    result = verify(copy)
    assert result.exit_code == 1
    assert "altered" in result.stdout
    assert "not the one that was signed" in result.stdout


def test_without_the_extra_a_signed_film_is_not_called_intact(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c2pa, "missing", lambda: "c2pa")
    result = verify(copy)
    assert result.exit_code == 4
    assert "its signature could not be checked" in result.stdout
    assert "to check it: " + how_to_install("provenance") in result.stdout
    assert json.loads(verify(copy, "--json").stdout)["result"] == "unchecked"


def test_a_film_encoded_again_without_metadata_still_has_the_watermark(copy: Path, tmp_path: Path) -> None:
    with VideoSource(copy) as source:
        images = [frame.image for frame in source]
    again = write_film(tmp_path / "again.mp4", images, options={"crf": "30"})
    assert b"jumdc2pa" not in again.read_bytes()
    result = verify(again, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["signature"]["state"] == "absent"
    assert report["watermark"]["found"]
    assert report["watermark"]["id"] == json.loads(verify(copy, "--json").stdout)["watermark"]["id"]
    assert "signature that it was made with is gone" in report["reasons"][0]


def test_a_cropped_picture_is_found_and_altered(tmp_path: Path, hopper: Image) -> None:
    path = tmp_path / "cropped.png"
    marked = outgoing(Marks(), LITE, [HOPPER], []).finish(hopper)
    write_picture(path, np.ascontiguousarray(marked[60:500, 40:460]))
    result = verify(path)
    assert result.exit_code == 1
    assert "cropped" in result.stdout


def test_a_file_that_was_never_signed_is_intact_as_far_as_can_be_told(tmp_path: Path, hopper: Image) -> None:
    path = tmp_path / "unsigned.mkv"
    film(path, hopper, outgoing(Marks(), LITE, [HOPPER], [path]))
    result = verify(path)
    assert result.exit_code == 0
    assert "nothing speaks of a change" in result.stdout
    assert "made unsigned" in result.stdout


@pytest.mark.parametrize("side", [64, 80, 96, 112])
def test_a_fresh_tiny_picture_is_not_called_altered(tmp_path: Path, pictures: dict[str, Image], side: int) -> None:
    for name, picture in pictures.items():
        small = np.asarray(cv2.resize(picture, (side, side * 5 // 4), interpolation=cv2.INTER_AREA), np.uint8)
        write_picture(tmp_path / f"{name}.png", outgoing(Marks(), LITE, [HOPPER], []).finish(small))
    result = verify(tmp_path, "--json")
    assert "altered" not in result.stdout


def test_an_ordinary_picture_has_no_mark(tmp_path: Path, hopper: Image) -> None:
    path = tmp_path / "photo.jpg"
    write_picture(path, hopper)
    result = verify(path)
    assert result.exit_code == 2
    assert "no mark found" in result.stdout


def broken(path: Path) -> Path:
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 200)
    return path


UNREADABLE: dict[str, Callable[[Path], Path]] = {
    "missing": lambda folder: folder / "none.mp4",
    "broken": lambda folder: broken(folder / "broken.mp4"),
    "text": lambda folder: Path(__file__),
    "empty folder": lambda folder: folder,
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_says_so(tmp_path: Path, case: str) -> None:
    result = verify(UNREADABLE[case](tmp_path))
    assert result.exit_code == 3
    assert result.output.strip()


def test_a_folder_is_as_good_as_its_worst_file(tmp_path: Path, copy: Path, hopper: Image) -> None:
    assert verify(tmp_path, "--json").exit_code == 0
    (tmp_path / "deeper").mkdir()
    write_picture(tmp_path / "deeper" / "photo.png", np.ascontiguousarray(hopper[:200, :200]))
    (tmp_path / "notes.txt").write_text("not looked at")
    result = verify(tmp_path, "--json")
    assert result.exit_code == 2
    assert [json.loads(line)["result"] for line in result.stdout.splitlines()] == ["intact", "unmarked"]
    broken(tmp_path / "broken.mp4")
    assert verify(tmp_path, "--json").exit_code == 3


def test_it_works_without_network_and_without_engines(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked, or an engine opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(bundle, "bundled", lambda kind, name: tmp_path / "nowhere" / name)
    monkeypatch.setattr(bundle, "open_bundle", refuse)
    assert verify(copy).exit_code == 0


def test_read_back_the_marked_picture_looks_the_same(hopper: Image, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    going = outgoing(Marks(), LITE, [HOPPER], [path])
    write_picture(path, going.finish(hopper), going.seal_for(path))
    assert np.abs(read_picture(path).astype(int) - hopper).max() <= 6
