"""The mark: nobody sees it, the detector does, whatever happened to the picture."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from benchmarks.attacks import FILM_ATTACKS, cropped, jpeg, mirrored, short_side
from reenact.provenance.chips import chips
from reenact.provenance.detector import Detector, Finding
from reenact.provenance.payload import BITS, DOUBTFUL, Payload, believe, read_payload
from reenact.provenance.watermark import Watermark
from reenact.types import Image

PAYLOAD = Payload(session=0x1234_5678, signed=True)
SIGNS = [-1, -1, -1, -1, -1, -1, -1, -1, 1, 1, -1, -1]
BIT_NUMBERS = [42, 58, 9, 31, 34, 38, -1, 25, 43, 18, 48, -1]


def find(*images: Image) -> Finding:
    detector = Detector()
    for image in images:
        detector.add(image)
    return detector.find()


def psnr(a: Image, b: Image) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def noise(height: int, width: int) -> Image:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def swaying(picture: Image, frames: int = 40) -> list[Image]:
    """A film: the camera is not held still, and sees a little noise."""
    random, height, width = np.random.default_rng(0), *picture.shape[:2]
    film = []
    for index in range(frames):
        sway = np.array([[1.02, 0, 6 * np.sin(index / 9) - 5], [0, 1.02, 4 * np.cos(index / 11) - 5]], np.float32)
        moved = cv2.warpAffine(picture, sway, (width, height), borderMode=cv2.BORDER_REFLECT)
        film.append(np.clip(moved + random.normal(0, 1, picture.shape), 0, 255).astype(np.uint8))
    return film


def soft(payload: Payload) -> np.ndarray:
    return np.where(payload.bits(), 5.0, -5.0)


def test_a_payload_comes_back_from_its_bits() -> None:
    for payload in (PAYLOAD, Payload(0, False), Payload(2**31 - 1, True)):
        assert read_payload(payload.bits()) == payload
        assert believe(soft(payload)) == payload
        assert len(payload.id) == 16


def test_a_session_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bits"):
        Payload(2**31, False)


def test_bits_with_a_wrong_checksum_are_not_believed() -> None:
    for wrong in range(BITS):
        bits = PAYLOAD.bits()
        bits[wrong] ^= True
        assert read_payload(bits) is None


def test_doubtful_bits_are_turned_until_the_checksum_is_right_and_sure_ones_never() -> None:
    doubtful, sure = soft(PAYLOAD), soft(PAYLOAD)
    for place in (20, 33, 60):
        doubtful[place] *= -0.01
        sure[place] *= -1
    assert believe(doubtful) == PAYLOAD
    assert believe(sure) != PAYLOAD


def test_nothing_is_believed_of_noise() -> None:
    random = np.random.default_rng(0)
    read = sum(believe(random.normal(size=BITS)) is not None for _ in range(500))
    assert read <= 500 * 0.011 * 2**DOUBTFUL / 2**16 + 3


@pytest.mark.parametrize("name", ["hopper", "collins", "tanguy"])
def test_no_picture_falls_below_42_db_and_stays_itself(pictures: dict[str, Image], name: str) -> None:
    picture = pictures[name]
    before = picture.copy()
    marked = Watermark(PAYLOAD)(picture)
    np.testing.assert_array_equal(picture, before)
    assert (marked.dtype, marked.shape) == (np.uint8, picture.shape)
    assert psnr(picture, marked) >= 42


def test_even_noise_stays_above_42_db() -> None:
    picture = noise(512, 512)
    assert psnr(picture, Watermark(PAYLOAD)(picture)) >= 42


def test_a_wall_changes_by_one_grey_level_at_most_and_alike_in_all_colours() -> None:
    wall = np.full((512, 512, 3), (205, 200, 190), np.uint8)
    change = Watermark(PAYLOAD)(wall).astype(int) - wall
    assert np.abs(change).max() == 1
    assert abs(change.mean()) < 0.1
    assert (change == change[:, :, :1]).all()


@pytest.mark.parametrize("size", [(512, 512), (360, 640), (1080, 1920), (640, 480), (257, 301)])
def test_every_size_is_marked(hopper: Image, size: tuple[int, int]) -> None:
    picture = np.asarray(cv2.resize(hopper, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    finding = find(Watermark(PAYLOAD)(picture))
    assert finding.marked
    assert finding.whole
    assert finding.payload == PAYLOAD


@pytest.mark.parametrize(("side", "tiny"), [(64, True), (96, True), (127, True), (128, False)])
def test_pictures_too_small_for_a_readable_mark_are_said_once_and_known(
    hopper: Image, caplog: pytest.LogCaptureFixture, side: int, tiny: bool
) -> None:
    picture = np.asarray(cv2.resize(hopper, (side, side * 5 // 4), interpolation=cv2.INTER_AREA), np.uint8)
    mark = Watermark(PAYLOAD)
    finding = find(mark(picture), mark(picture))
    assert finding.tiny is tiny
    assert tiny or finding.payload == PAYLOAD
    assert [f"{side} x {side * 5 // 4} px" in record.getMessage() for record in caplog.records] == [True] * tiny


def test_one_watermark_follows_the_size_of_its_pictures(hopper: Image) -> None:
    mark = Watermark(PAYLOAD)
    for picture in (hopper, hopper[:300], hopper):
        assert find(mark(picture)).payload == PAYLOAD


ATTACKS: dict[str, Callable[[Image], Image]] = {
    "nothing": lambda image: image,
    "JPEG q90": jpeg(90),
    "JPEG q50": jpeg(50),
    "360p": short_side(360),
    "1080p": short_side(1080),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ["hopper", "collins", "tanguy"])
def test_a_picture_keeps_its_mark(pictures: dict[str, Image], name: str, attack: str) -> None:
    finding = find(ATTACKS[attack](Watermark(PAYLOAD)(pictures[name])))
    assert finding.payload == PAYLOAD
    assert finding.whole
    assert not finding.mirrored


def test_a_mirrored_picture_is_read_and_said_to_be_mirrored(hopper: Image) -> None:
    finding = find(jpeg(80)(mirrored(Watermark(PAYLOAD)(hopper))))
    assert finding.payload == PAYLOAD
    assert finding.mirrored


def test_a_cropped_and_rescaled_picture_is_found_and_said_to_be_cropped(hopper: Image) -> None:
    finding = find(jpeg(80)(cropped(Watermark(PAYLOAD)(hopper))))
    assert finding.payload == PAYLOAD
    assert not finding.whole


@pytest.mark.parametrize("attack", ["x264 0.5 Mb/s", "VP9 0.9 Mb/s, as in calls", "crop 70 % + rescale, x264 1 Mb/s"])
def test_a_film_keeps_every_bit(hopper: Image, attack: str) -> None:
    mark = Watermark(PAYLOAD)
    finding = find(*FILM_ATTACKS[attack]([mark(image) for image in swaying(hopper)]))
    np.testing.assert_array_equal(finding.bits, PAYLOAD.bits())
    assert finding.payload == PAYLOAD


@pytest.mark.parametrize("name", ["hopper", "collins", "tanguy"])
def test_unmarked_pictures_are_not_accused(pictures: dict[str, Image], name: str) -> None:
    finding = find(pictures[name])
    assert not finding.marked
    assert finding.payload is None


def test_another_key_s_mark_is_not_ours(hopper: Image) -> None:
    assert not find(Watermark(PAYLOAD, chips(b"another key"))(hopper)).marked


def test_the_pattern_is_the_same_everywhere_and_for_ever() -> None:
    pattern = chips()
    assert pattern.signs[0, :12].astype(int).tolist() == SIGNS
    assert pattern.bit[0, :12].tolist() == BIT_NUMBERS
    assert np.count_nonzero(pattern.bit < 0) == 128 * 128 // 4


def test_progress_is_told_from_beginning_to_end(hopper: Image) -> None:
    told: list[float] = []
    detector = Detector()
    detector.add(hopper)
    detector.find(told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.9 < told[-1] <= 1


def test_a_detector_that_saw_nothing_says_so() -> None:
    with pytest.raises(ValueError, match="no frame"):
        Detector().find()
