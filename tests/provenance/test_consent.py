"""Consent: asked once, never in the way, kept by hash, and no name leaves the computer."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from reenact.errors import MediaError
from reenact.provenance.consent import FREE, NONE_GIVEN, Book, claims, sha256_of

SAID = "Anna agreed on 3 May"
SAID_HASH = f"sha256:{hashlib.sha256(SAID.encode()).hexdigest()}"


class User:
    """Answers `answer`, and remembers what was asked."""

    def __init__(self, answer: str) -> None:
        self.answer, self.asked = answer, []

    def __call__(self, pictures: Sequence[Path]) -> str:
        self.asked.append([path.name for path in pictures])
        return self.answer


@pytest.fixture
def anna(tmp_path: Path) -> Path:
    path = tmp_path / "anna.jpg"
    path.write_bytes(b"anna")
    return path


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "consent")


def consent(picture: Path, book: Book, **given: object) -> str:
    (claim,) = claims([picture], book, **({"free": (), "stated": None, "ask": None} | given))  # type: ignore[arg-type]
    assert claim.sha256 == sha256_of(picture)
    return claim.consent


def test_the_first_use_asks_and_the_second_does_not(anna: Path, book: Book) -> None:
    user = User(SAID)
    assert consent(anna, book, ask=user) == SAID_HASH
    assert consent(anna, book, ask=user) == SAID_HASH
    assert user.asked == [["anna.jpg"]]


def test_who_says_nothing_is_asked_once_and_the_manifest_says_so(
    anna: Path, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    user = User("  ")
    for _ in range(2):
        assert consent(anna, book, ask=user) == NONE_GIVEN
    assert len(user.asked) == 1
    assert len(caplog.records) == 2


def test_nobody_to_ask_blocks_nothing_and_is_said_in_one_line(
    anna: Path, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    assert consent(anna, book) == NONE_GIVEN
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "anna.jpg" in record.getMessage()
    assert "--consent" in record.getMessage()
    assert not book.folder.exists()


def test_a_statement_is_kept_beside_its_picture_s_hash(anna: Path, book: Book) -> None:
    user = User("")
    assert consent(anna, book, stated=SAID, ask=user) == SAID_HASH
    assert consent(anna, book) == SAID_HASH
    assert user.asked == []
    (page,) = book.folder.iterdir()
    assert page.name == f"{sha256_of(anna)}.json"
    assert json.loads(page.read_text(encoding="utf-8"))["statement"] == SAID


def test_a_later_statement_takes_the_place_of_silence(anna: Path, book: Book) -> None:
    consent(anna, book, ask=User(""))
    assert consent(anna, book, stated=SAID) == SAID_HASH


def test_a_sidecar_file_speaks_for_its_picture(anna: Path, book: Book) -> None:
    anna.with_name("anna.jpg.consent.txt").write_text(f"{SAID}\n", encoding="utf-8")
    assert consent(anna, book) == SAID_HASH


def test_a_sidecar_that_is_no_text_is_named(anna: Path, book: Book) -> None:
    anna.with_name("anna.jpg.consent.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(MediaError, match=r"anna\.jpg\.consent\.txt"):
        consent(anna, book)


def test_free_pictures_need_no_statement(anna: Path, book: Book, caplog: pytest.LogCaptureFixture) -> None:
    user = User(SAID)
    assert consent(anna, book, free=[sha256_of(anna)], ask=user) == FREE
    assert user.asked == []
    assert caplog.records == []


def test_a_folder_is_asked_about_once(tmp_path: Path, book: Book) -> None:
    paths = [tmp_path / f"{name}.jpg" for name in "abc"]
    for path in paths:
        path.write_bytes(path.name.encode())
    user = User(SAID)
    found = claims(paths, book, free=[sha256_of(paths[0])], stated=None, ask=user)
    assert [claim.consent for claim in found] == [FREE, SAID_HASH, SAID_HASH]
    assert user.asked == [["b.jpg", "c.jpg"]]


def test_a_folder_that_cannot_be_written_blocks_nothing(
    anna: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert consent(anna, Book(tmp_path / "file" / "consent"), stated=SAID) == SAID_HASH
    assert "could not be kept" in caplog.text
