"""Films come in frame by frame as they are, and broken ones are told apart."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import TICK, VARIABLE, pictures, turn, write_film

from reenact.devices.video import VideoSource
from reenact.errors import MediaError


def refusal(path: Path) -> str:
    with pytest.raises(MediaError) as caught, VideoSource(path) as film:
        for _ in film:
            pass
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_every_frame_comes_in_order_with_its_exact_time(tmp_path: Path) -> None:
    path = write_film(tmp_path / "variable.mp4", pictures(10), VARIABLE)
    with VideoSource(path) as film:
        frames = list(film)
    assert [frame.timestamp for frame in frames] == [tick * TICK for tick in VARIABLE]
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.captured_at for frame in frames] == [float(tick * TICK) for tick in VARIABLE]


def test_a_film_that_starts_late_keeps_its_times(tmp_path: Path) -> None:
    path = write_film(tmp_path / "late.mp4", pictures(4), (6400, 6912, 7424, 7936))
    with VideoSource(path) as film:
        assert next(iter(film)).timestamp == Fraction(1, 2)


@pytest.mark.parametrize("matrix", [1, 5], ids=["BT.709", "BT.601"])
@pytest.mark.parametrize("span", [1, 2], ids=["limited", "full"])
def test_colours_are_right_whatever_the_film_was_coded_in(tmp_path: Path, matrix: int, span: int) -> None:
    colours = [(250, 10, 10), (10, 240, 20), (20, 20, 230), (128, 128, 128), (255, 255, 255)]
    images = [np.full((64, 96, 3), colour, np.uint8) for colour in colours]
    path = write_film(tmp_path / "colours.mp4", images, colours=(matrix, span))
    with VideoSource(path) as film:
        for frame, colour in zip(film, colours, strict=True):
            np.testing.assert_allclose(frame.image[32, 48].astype(int), colour, atol=4)


def test_a_film_of_the_phone_is_turned_upright(tmp_path: Path) -> None:
    path = write_film(tmp_path / "phone.mp4", pictures(2))
    turn(path)
    with VideoSource(path) as film:
        image = next(iter(film)).image
    assert image.flags.c_contiguous
    np.testing.assert_allclose(image.astype(int), np.rot90(pictures(1)[0], -1), atol=60)
    assert np.abs(image.astype(int) - np.rot90(pictures(1)[0], -1)).mean() < 6


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no film\n" * 500)
    (tmp_path / "text.txt").write_text("no film\n" * 500)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:10,\nother.ts\n#EXT-X-ENDLIST\n")
    (tmp_path / "empty.mp4").touch()
    for name in ("text.mp4", "text.txt", "list.mp4", "empty.mp4", "none.mp4", "."):
        assert "wanted a film" in refusal(tmp_path / name)


def test_a_film_without_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
        frame.sample_rate = 44_100
        film.mux(stream.encode(frame))
        film.mux(stream.encode())
    assert "no moving pictures" in refusal(path)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mov"])
def test_a_film_cut_before_its_index_is_refused(tmp_path: Path, name: str) -> None:
    path = write_film(tmp_path / name, pictures(30))
    path.write_bytes(path.read_bytes()[:4000])
    assert "cut short" in refusal(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [("cut.mp4", {"movflags": "faststart"}), ("cut.mp4", {"movflags": "frag_keyframe+empty_moov"}), ("cut.mkv", {})],
    ids=["index first", "fragments", "matroska"],
)
def test_a_film_that_breaks_off_says_when(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    path = write_film(tmp_path / name, pictures(60), sound="aac", options=options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    message = refusal(path)
    assert "breaks off" in message
    assert 0 < float(message.split(" at ")[1].split(" s")[0]) < 2


def test_a_film_that_is_damaged_in_the_middle_says_when(tmp_path: Path) -> None:
    path = write_film(tmp_path / "hurt.mp4", pictures(60))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(index * 7 % 256 for index in range(2000))
    path.write_bytes(data)
    assert "damaged at" in refusal(path)


def test_a_whole_film_in_any_container_is_not_taken_for_a_broken_one(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mov", "a.mkv", "a.avi", "a.ts"):
        path = write_film(tmp_path / name, pictures(12), sound="aac")
        with VideoSource(path) as film:
            assert sum(1 for _ in film) == 12
