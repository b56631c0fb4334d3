"""Statements of consent: what the user says about who is to be seen in a picture, kept by the picture's hash."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reenact.errors import MediaError
from reenact.provenance.signature import AvatarClaim

NONE_GIVEN = "none given"
FREE = "not needed: bundled example"
SIDECAR = ".consent.txt"
"""`anna.jpg.consent.txt` beside `anna.jpg` holds the statement."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Book:
    """Statements in a folder, one file for each picture. Where it cannot be written nothing is kept."""

    folder: Path

    def knows(self, picture_sha256: str) -> bool:
        """Whether the user was asked, or said something, about that picture."""
        return self._page(picture_sha256).is_file()

    def statement(self, picture_sha256: str) -> str:
        """What was said; empty: nothing."""
        try:
            return str(json.loads(self._page(picture_sha256).read_text(encoding="utf-8"))["statement"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def keep(self, picture_sha256: str, statement: str) -> None:
        """From now on that is what was said."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        page = {"picture_sha256": picture_sha256, "statement": statement, "given_at": now}
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._page(picture_sha256).write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            _log.warning("the statement of consent could not be kept in %s (%s)", self.folder, error.strerror)

    def _page(self, picture_sha256: str) -> Path:
        return self.folder / f"{picture_sha256}.json"


Ask = Callable[[Sequence[Path]], str]
"""Asks the user about pictures; empty: they said nothing."""


def claims(
    pictures: Sequence[Path], book: Book, *, free: Collection[str], stated: str | None, ask: Ask | None
) -> tuple[AvatarClaim, ...]:
    """What the manifest says about each picture.

    free: hashes of pictures that need no consent. stated: a statement about all of `pictures`, kept for later. ask:
    None: there is nobody to ask, and nobody is. Pictures without a statement are said, in one line of the log.

    Raises:
        MediaError: a picture or its sidecar file cannot be read.
    """
    known = {path: sha256_of(path) for path in pictures}
    private = {path: sha for path, sha in known.items() if sha not in free}
    said = {sha: text for path, sha in private.items() if (text := stated or sidecar(path))}
    unknown = [path for path, sha in private.items() if sha not in said and not book.knows(sha)]
    if unknown and ask is not None:
        said |= dict.fromkeys((private[path] for path in unknown), " ".join(ask(unknown).split()))
    for sha, text in said.items():
        book.keep(sha, text)
    words = {sha: _word(said.get(sha) or book.statement(sha)) for sha in private.values()}
    made = tuple(AvatarClaim(sha, words.get(sha, FREE)) for sha in known.values())
    if silent := sum(claim.consent == NONE_GIVEN for claim in made):
        which = pictures[0].name if len(pictures) == 1 else f"{silent} of {len(pictures)} pictures"
        _log.warning("%s: no statement of consent, and the files say so; --consent '...' gives one", which)
    return made


def sidecar(picture: Path) -> str:
    """The statement in the file beside a picture; empty: there is none."""
    path = picture.with_name(picture.name + SIDECAR)
    try:
        return " ".join(path.read_text(encoding="utf-8").split()) if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise MediaError(
            f"{path}: wanted a statement of consent as UTF-8 text, could not read it; check it."
        ) from error


def sha256_of(path: Path) -> str:
    """Of a file's content. Raises MediaError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check the path.") from error


def _word(statement: str) -> str:
    """A statement's hash and never its text: the text may name people."""
    return f"sha256:{hashlib.sha256(statement.encode()).hexdigest()}" if statement else NONE_GIVEN
