"""Films come in frame by frame as they are, and broken ones are told apart."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

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


SHARED = (0, 512, 1024, 1025, 1536, 2048)
"""Ticks; Matroska's milliseconds make two of them one."""


@pytest.mark.parametrize("name", ["swapped.avi", "shared.mkv"])
def test_times_that_the_file_swaps_or_repeats_are_put_in_order(tmp_path: Path, name: str) -> None:
    path = write_film(tmp_path / name, pictures(6), SHARED if name == "shared.mkv" else None)
    with av.open(str(path)) as film:
        stated = [frame.pts for frame in film.decode(video=0)]
    assert stated != sorted(set(stated))
    with VideoSource(path) as film:
        times = [float(frame.timestamp or 0) for frame in film]
    assert (np.diff(times) > 0).all()
    expected = [0, 0.04, 0.08, 0.1, 0.12, 0.16] if name == "shared.mkv" else np.arange(6) / 25
    np.testing.assert_allclose(times, expected, atol=0.001)


def test_pictures_without_a_time_follow_at_the_film_s_rate(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", pictures(5))
    with VideoSource(path) as film:
        timeless = SimpleNamespace(pts=None, dts=None)
        assert [film._tick(timeless, last) for last in (None, 0, 512)] == [0, 512, 1024]


def test_a_film_whose_times_start_again_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", pictures(2))
    with VideoSource(path) as film, pytest.raises(MediaError, match="go back"):
        film._tick(SimpleNamespace(pts=0, dts=0), 11 * 12_800)


@pytest.mark.parametrize("name", ["late.ts", "late.mpg"])
@pytest.mark.parametrize("late", [0, 20_000])
def test_a_broadcast_starts_at_zero_whatever_its_clock_says(tmp_path: Path, name: str, late: int) -> None:
    options = {"output_ts_offset": str(late)}
    codec, sound = ("mpeg2video", "mp2") if name.endswith("mpg") else ("libx264", "aac")
    path = write_film(tmp_path / name, pictures(10), sound=sound, options=options, codec=codec)
    with VideoSource(path) as film:
        times = [frame.timestamp or Fraction(0) for frame in film]
    assert len(times) == 10
    assert 0 <= times[0] < Fraction(1, 4)
    np.testing.assert_allclose(np.diff(np.array(times, float)), 0.04, atol=1e-3)


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
