"""The badge: in the corner, legible on anything, in any language."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reenact.errors import ProvenanceError
from reenact.provenance.badge import Badge
from reenact.provenance.payload import Payload
from reenact.provenance.watermark import Watermark
from reenact.types import Image

SIZE = (360, 640)


def backgrounds() -> dict[str, Image]:
    random = np.random.default_rng(0)
    plain = {str(level): np.full((*SIZE, 3), level, np.uint8) for level in (0, 16, 128, 200, 255)}
    return plain | {"noise": random.integers(0, 256, (*SIZE, 3), dtype=np.uint8)}


def spot(image: Image, before: Image) -> tuple[slice, slice]:
    """Where `image` differs."""
    rows, columns = np.nonzero((image != before).any(2))
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


@pytest.mark.parametrize("name", backgrounds())
def test_letters_stand_out_from_what_is_behind_them_on_any_background(name: str) -> None:
    picture = backgrounds()[name]
    badge = Badge("AI")(picture)
    rows, columns = spot(badge, picture)
    assert rows.start > 0.85 * SIZE[0]
    assert columns.start > 0.8 * SIZE[1]
    inside = badge[rows, columns].mean(2)
    height = inside.shape[0]
    core = inside[height // 4 : -height // 4, height // 2 : -height // 2]
    assert (core > 235).mean() > 0.1
    assert (core < 40).mean() > 0.3


def test_an_edge_shows_where_the_badge_is_on_black() -> None:
    black = backgrounds()["0"]
    badge = Badge("AI")(black)
    rows, _ = spot(badge, black)
    assert badge[rows.start : rows.start + 2].max() > 150


def test_the_rest_of_the_picture_stays_and_the_input_too() -> None:
    picture = backgrounds()["noise"]
    before = picture.copy()
    badge = Badge("AI")(picture)
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(badge[:, : SIZE[1] // 2], before[:, : SIZE[1] // 2])


@pytest.mark.parametrize("text", ["KI", "IA généré", "ИИ", "人工知能"])
def test_texts_can_be_translated(text: str) -> None:
    picture = backgrounds()["128"]
    badge = Badge(text)(picture)
    assert (badge > 235).any()
    assert (badge != Badge("AI")(picture)).any()


def test_a_text_that_cannot_be_drawn_is_refused_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProvenanceError, match="--badge-text"):
        Badge("  ")
    monkeypatch.delattr(cv2, "FontFace")
    with pytest.raises(ProvenanceError, match="install opencv-python-headless 5"):
        Badge("人工知能")
    assert (Badge("made by AI")(backgrounds()["0"]) > 235).any()


@pytest.mark.parametrize("size", [(32, 32), (64, 48), (1080, 1920)])
def test_it_fits_into_every_picture(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 90, np.uint8)
    assert Badge("made by a program")(picture).shape == picture.shape
    assert (Badge("AI")(picture) != picture).any()


def test_a_badge_leaves_the_watermark_readable(hopper: Image) -> None:
    from reenact.provenance.detector import Detector

    payload = Payload(7, signed=False)
    detector = Detector()
    detector.add(Watermark(payload)(Badge()(hopper)))
    assert detector.find().payload == payload
