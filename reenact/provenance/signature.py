"""What a signature is to the rest of the house: what it says when it is made, and what was found when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class AvatarClaim:
    """Which picture moves: its hash, never the picture."""

    sha256: str
    consent: str
    """`sha256:` and the hash of the statement; "none given"; or why none is needed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signed file says about how it was made."""

    software: str
    version: str
    engine: str
    engine_sha256: str
    avatars: tuple[AvatarClaim, ...]
    watermark: str | None
    """`Payload.id` of the mark in the pictures; None: they have none."""


class State(StrEnum):
    """Of a file's signature."""

    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"
    UNCHECKED = "unchecked"
    """There may be one; the extra that could read it is not installed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What was found in a file."""

    state: State
    synthetic: bool = False
    """Whether it says that a trained program made the picture, or part of it."""
    signer: str | None = None
    trusted: str = "no"
    """Who vouches for the signer: "no" for anybody; "own key" for the one made on this computer."""
    software: str | None = None
    watermark: str | None = None
    avatars: tuple[AvatarClaim, ...] = ()
    engine: str | None = None
    problems: tuple[str, ...] = ()
    """C2PA's names for what is wrong."""
