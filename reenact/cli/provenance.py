"""What all commands do to what they put out: mark it, sign it, and ask for consent. The options, and their meaning."""

from __future__ import annotations

import hashlib
import logging
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from reenact.bundle import bundled, open_bundle
from reenact.devices.files import Seal, check_readable
from reenact.errors import ProvenanceError
from reenact.extras import how_to_install
from reenact.provenance.badge import TEXT, Badge
from reenact.provenance.c2pa import KINDS, Sealer, missing
from reenact.provenance.certificate import identity_of
from reenact.provenance.consent import Ask, Book, claims, sha256_of
from reenact.provenance.outgoing import Finish, in_turn
from reenact.provenance.payload import Payload
from reenact.provenance.settings import CONFIG, ProvenanceSettings, data_folder, read_settings
from reenact.provenance.signature import Claim
from reenact.provenance.watermark import Watermark
from reenact.types import Frame

NO_WATERMARK = (
    "no watermark: these pictures will not tell that a program made them; where the law asks for a machine-readable "
    "mark (in the EU: AI Act, article 50) you have to see to it yourself"
)

_log = logging.getLogger(__name__)


class BadgePlace(StrEnum):
    """Where the visible badge is."""

    NONE = "none"
    CORNER = "corner"


WatermarkOption = Annotated[bool, typer.Option(help="Mark every picture, invisibly, as made by a program.")]
BadgeOption = Annotated[BadgePlace, typer.Option(help="A visible badge.")]
BadgeTextOption = Annotated[str, typer.Option(metavar="TEXT", help="What the badge says, in any language.")]
ConsentOption = Annotated[
    str | None,
    typer.Option(metavar="STATEMENT", help="Who is to be seen in the avatar picture, and that they agreed."),
]


@dataclass(frozen=True, slots=True)
class Marks:
    """What the options ask for."""

    watermark: bool = True
    badge: BadgePlace = BadgePlace.NONE
    badge_text: str = TEXT
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How pictures go out of one run."""

    finish: Finish
    """For every picture, once, before any sink."""
    seal: Seal | None
    """For every file that can be signed; None: there is nothing to sign with."""

    def before(self, send: Callable[[Frame], None]) -> Callable[[Frame], None]:
        """`send`, of finished frames."""
        return lambda frame: send(frame.with_image(self.finish(frame.image)))

    def seal_for(self, path: Path) -> Seal | None:
        """The seal, if that kind of file can carry it."""
        return self.seal if can_be_signed(path) else None


def outgoing(marks: Marks, engine: Path, pictures: Sequence[Path], files: Sequence[Path]) -> Outgoing:
    """Prepare for a run in which the engine of a folder moves `pictures` into `files`.

    Asks for consent where somebody is there to ask.

    Raises:
        ProvenanceError: the settings, the signing key or the badge are not as they must be, or forbid what is asked.
        MediaError: a picture cannot be read.
    """
    for picture in pictures:
        check_readable(picture, "a picture")
    settings = read_settings().provenance
    check_watermark(marks.watermark, settings)
    badge = [Badge(marks.badge_text)] if marks.badge is BadgePlace.CORNER else []
    made = claims(pictures, Book(data_folder() / "consent"), free=examples(), stated=marks.consent, ask=asking())
    signs = _signs(files, marks.watermark)
    payload = Payload(secrets.randbits(31), signed=signs)
    claim = Claim(
        software="reenact",
        version=own_version(),
        engine=open_bundle(engine).manifest.name,
        engine_sha256=sha256_of(engine / "engine.toml"),
        avatars=made,
        watermark=payload.id if marks.watermark else None,
    )
    stages: list[Finish] = [*badge, *([Watermark(payload)] if marks.watermark else [])]
    return Outgoing(in_turn(*stages), Sealer(identity_of(settings), claim) if signs else None)


def check_watermark(wanted: bool, settings: ProvenanceSettings) -> None:
    """Say what it means to go without a watermark. Raises ProvenanceError where that is not allowed."""
    if wanted:
        return
    if settings.require_watermark:
        raise ProvenanceError(f"--no-watermark is not allowed here (require_watermark in {CONFIG}); leave it out.")
    _log.warning(NO_WATERMARK)


def can_be_signed(path: Path) -> bool:
    """By its kind."""
    return path.suffix.lower() in KINDS


def examples() -> frozenset[str]:
    """Hashes of the bundled pictures, which are free."""
    folder = bundled("examples", "")
    return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jpg"))


def own_version() -> str:
    """Of the installed package."""
    try:
        return version("reenact")
    except PackageNotFoundError:
        return "unknown"


def asking() -> Ask | None:
    """A question in the terminal; None where nobody sits at one."""
    return _ask if sys.stdin.isatty() and sys.stderr.isatty() else None


def _ask(pictures: Sequence[Path]) -> str:
    """Asked once for each picture; Enter alone says nothing."""
    which = pictures[0].name if len(pictures) == 1 else f"these {len(pictures)} pictures"
    typer.echo(
        f"Who is to be seen in {which}, and did they agree? One line, such as 'myself', 'Anna agreed on 3 May' or\n"
        "'painting, public domain'. It stays on this computer; files carry its hash. Enter alone: no statement.",
        err=True,
    )
    try:
        return str(typer.prompt("Statement", default="", show_default=False, err=True))
    except typer.Abort:
        raise KeyboardInterrupt from None  # what it was: the program ends as it does for Ctrl-C elsewhere


def _signs(files: Sequence[Path], watermark: bool) -> bool:
    """Whether any of `files` gets a signature; says once why one gets none."""
    able = [path for path in files if can_be_signed(path)]
    for path in files:
        if path not in able:
            _log.warning("%s: not signed, that kind of file cannot carry a signature; .mp4 and .mov can", path.name)
    if able and missing():
        lacking = "watermarked but not signed" if watermark else "neither watermarked nor signed"
        _log.warning("%s: will be %s; to sign files: %s", able[0].name, lacking, how_to_install("provenance"))
        return False
    return bool(able)
