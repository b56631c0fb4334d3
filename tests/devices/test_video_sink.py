"""Films go out with the frames' own times and another film's sound, whole or not at all."""

import resource
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import TICK, VARIABLE, pictures, samples_of, sound_of, write_film

from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.errors import MediaError
from reenact.types import Frame


def copy(source: Path, out: Path) -> list[Frame]:
    """Send a film's frames out again, with its sound."""
    with VideoSource(source) as film:
        frames = list(film)
        height, width = frames[0].image.shape[:2]
        sink = VideoSink(out, (width, height), rate=film.rate, time_base=film.time_base, sound_from=source)
        with sink:
            for frame in frames:
                sink.send(frame)
    return frames


def send_all(out: Path, images: list[np.ndarray], failing: type[BaseException] | None = None) -> None:
    """Write a film of `images`, and fail after the last one if asked to."""
    with VideoSink(out, (96, 64)) as sink:
        for index, image in enumerate(images):
            sink.send(Frame(image, index, index / 25))
        if failing:
            raise failing


def read(path: Path) -> list[Frame]:
    with VideoSource(path) as film:
        return list(film)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("first", [0, 6400, 6401], ids=["from zero", "from half a second", "from no millisecond"])
def test_times_and_sound_are_those_of_the_input(tmp_path: Path, suffix: str, first: int) -> None:
    source = write_film(tmp_path / "in.mp4", pictures(10), [first + tick for tick in VARIABLE], sound="aac")
    out = tmp_path / f"out{suffix}"
    sent = copy(source, out)
    assert [frame.timestamp for frame in read(out)] == [frame.timestamp for frame in sent]
    assert sound_of(out) == sound_of(source)
    assert len(sound_of(out)) >= 20
    np.testing.assert_array_equal(samples_of(out), samples_of(source))


@pytest.mark.parametrize(
    "tick", [Fraction(1001, 30_000), Fraction(1, 25), Fraction(1, 90_000), Fraction(1, 1000)], ids=str
)
def test_times_are_kept_in_any_tick(tmp_path: Path, tick: Fraction) -> None:
    times = [tick * number for number in (7, 8, 10, 11, 17)]
    with VideoSink(tmp_path / "a.mp4", (96, 64), time_base=tick) as sink:
        for index, (image, timestamp) in enumerate(zip(pictures(5), times, strict=True)):
            sink.send(Frame(image, index, float(timestamp), timestamp))
    assert [frame.timestamp for frame in read(tmp_path / "a.mp4")] == times


def test_matroska_keeps_times_to_its_millisecond_and_the_sound_as_it_is(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.mp4", pictures(10), VARIABLE, sound="aac")
    sent = copy(source, tmp_path / "out.mkv")
    for ours, theirs in zip(read(tmp_path / "out.mkv"), sent, strict=True):
        assert abs(ours.timestamp - theirs.timestamp) <= Fraction(1, 1000)
    assert [data for _, data in sound_of(tmp_path / "out.mkv")] == [data for _, data in sound_of(source)]


@pytest.mark.parametrize("late", [0, 20_000])
def test_a_broadcast_keeps_the_distance_of_sound_and_picture(tmp_path: Path, late: int) -> None:
    options = {"output_ts_offset": str(late)}
    source = write_film(tmp_path / "in.ts", pictures(10), sound="aac", options=options)
    with av.open(str(source)) as film:
        pictures_first = min(packet.pts * packet.time_base for packet in film.demux(video=0) if packet.pts is not None)
    sent = copy(source, tmp_path / "out.mp4")
    assert len(read(tmp_path / "out.mp4")) == len(sent) == 10
    given, made = sound_of(source), sound_of(tmp_path / "out.mp4")
    assert len(made) == len(given) >= 20
    assert abs(made[0][0] - (sent[0].timestamp or 0) - (given[0][0] - pictures_first)) < Fraction(1, 10_000)
    assert min(made[0][0], sent[0].timestamp or 0) == 0


def test_a_film_of_swapped_times_goes_through_with_its_sound(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.avi", pictures(10), sound="mp3")
    sent = copy(source, tmp_path / "out.mp4")
    assert [frame.timestamp for frame in read(tmp_path / "out.mp4")] == [frame.timestamp for frame in sent]
    assert [data for _, data in sound_of(tmp_path / "out.mp4")] == [data for _, data in sound_of(source)]


def test_sound_that_outlasts_the_pictures_is_carried_to_its_end(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.mp4", pictures(3), sound="aac")
    copy(source, tmp_path / "out.mp4")
    assert sound_of(tmp_path / "out.mp4") == sound_of(source)


def test_sound_that_the_container_cannot_hold_is_refused_at_once(tmp_path: Path) -> None:
    source = write_film(tmp_path / "in.mov", pictures(3), sound="pcm_mulaw")
    with pytest.raises(MediaError, match=r"mulaw.*\.mkv"), VideoSink(tmp_path / "o.mp4", (96, 64), sound_from=source):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["in.mov"]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 90), (40, 90, 180)])
def test_flat_colours_stay_within_two_levels(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    image = np.full((64, 96, 3), colour, np.uint8)
    send_all(tmp_path / "flat.mp4", [image] * 5)
    for frame in read(tmp_path / "flat.mp4"):
        np.testing.assert_allclose(frame.image.astype(int), image, atol=2)


def test_odd_sizes_grow_by_a_repeated_row_and_column(tmp_path: Path) -> None:
    image = pictures(1, (97, 63))[0]
    with VideoSink(tmp_path / "odd.mp4", (97, 63)) as sink:
        sink.send(Frame(image, 0, 0.0))
    out = read(tmp_path / "odd.mp4")[0].image
    assert out.shape == (64, 98, 3)
    assert np.abs(out[:63, :97].astype(int) - image).mean() < 6


def test_live_frames_are_shown_when_they_were_captured(tmp_path: Path) -> None:
    moments = [100.0, 100.05, 100.3, 100.3, 100.9]
    with VideoSink(tmp_path / "live.mp4", (96, 64)) as sink:
        for index, (image, at) in enumerate(zip(pictures(5), moments, strict=True)):
            sink.send(Frame(image, index, at))
    times = [float(frame.timestamp or 0) for frame in read(tmp_path / "live.mp4")]
    np.testing.assert_allclose(times, np.subtract(moments, 100), atol=1e-4)
    assert (np.diff(times) > 0).all()


def test_frames_of_another_size_or_an_earlier_time_are_refused(tmp_path: Path) -> None:
    image = pictures(1)[0]
    with VideoSink(tmp_path / "a.mp4", (96, 64), time_base=TICK) as sink:
        sink.send(Frame(image, 0, 0.0, 512 * TICK))
        with pytest.raises(MediaError, match="keep one size"):
            sink.send(Frame(image[:32], 1, 0.0, 1024 * TICK))
        with pytest.raises(MediaError, match="not later"):
            sink.send(Frame(image, 1, 0.0, 512 * TICK))


def test_a_film_without_a_frame_is_none_and_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    with pytest.raises(MediaError, match="no frame"):
        send_all(tmp_path / "a.mp4", [])
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"old"


@pytest.mark.parametrize("there", [True, False], ids=["a film there", "nothing there"])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:
    target, link = tmp_path / "films" / "target.mp4", tmp_path / "links" / "a.mp4"
    for path in (target, link):
        path.parent.mkdir()
    if there:
        target.write_bytes(b"old")
    link.symlink_to(Path("..") / "films" / "target.mp4")
    send_all(link, pictures(3))
    assert link.is_symlink()
    assert len(read(target)) == 3
    assert [path.name for path in target.parent.iterdir()] == ["target.mp4"]


def test_a_link_to_where_nothing_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "none" / "target.mp4")
    (tmp_path / "b.mp4").symlink_to(tmp_path / "b.mp4")
    for name in ("a.mp4", "b.mp4"):
        with pytest.raises(MediaError, match="cannot write it"):
            send_all(tmp_path / name, pictures(1))


def test_until_it_is_whole_the_film_has_another_name(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    with VideoSink(out, (96, 64)) as sink:
        sink.send(Frame(pictures(1)[0], 0, 0.0))
        assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_nothing_is_left_of_a_film_that_is_given_up(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    with pytest.raises(error):
        send_all(tmp_path / "a.mp4", pictures(2), failing=error)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"old"


def test_a_film_is_not_written_where_that_cannot_be(tmp_path: Path) -> None:
    for out, reason in ((tmp_path / "none" / "a.mp4", "not there"), (tmp_path / "a.xyz", "xyz")):
        with pytest.raises(MediaError, match=reason), VideoSink(out, (96, 64)):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def little_space() -> Iterator[None]:
    """No file may grow beyond 20 kB: to a program the same as a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("little_space")
@pytest.mark.parametrize("count", [8, 60], ids=["at the end", "on the way"])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, count: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (count, 64, 96, 3)).astype(np.uint8)
    with pytest.raises(MediaError, match="cannot write"):
        send_all(tmp_path / "a.mp4", list(noise))
    assert list(tmp_path.iterdir()) == []
