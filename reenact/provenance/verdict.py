"""What signature and watermark say together. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from reenact.provenance.detector import Finding
from reenact.provenance.signature import Signature, State


class Verdict(Enum):
    """About a file; the value is the exit code of `reenact verify`."""

    INTACT = 0
    ALTERED = 1
    UNMARKED = 2
    UNREADABLE = 3
    UNCHECKED = 4
    """Signed, and nothing here can read signatures: neither intact nor altered."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What both layers showed."""

    signature: Signature
    watermark: Finding | None
    """None: no picture in the file could be read."""


def judge(evidence: Evidence) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict, and what it rests on where something is not as it was made."""
    signature, seen = evidence.signature, evidence.watermark
    unchecked = signature.state is State.UNCHECKED
    marked = signature.synthetic or (seen is not None and seen.marked)
    if not marked and (seen is None or not unchecked):
        return (Verdict.UNREADABLE if seen is None else Verdict.UNMARKED), ()
    if reasons := tuple(_changes(signature, seen)):
        return Verdict.ALTERED, reasons
    return (Verdict.UNCHECKED if unchecked else Verdict.INTACT), ()


def _changes(signature: Signature, seen: Finding | None) -> Iterator[str]:
    """What happened to a marked file since it was made."""
    if signature.state is State.INVALID:
        yield "the file is not the one that was signed"
    if seen is None:
        yield "its pictures cannot be read"
        return
    if not seen.marked:
        if signature.watermark is not None and signature.state is not State.VALID:
            yield "the watermark that the signature names is gone"
        return
    if seen.mirrored:
        yield "mirrored"
    if not seen.whole:
        yield "cropped, framed or scaled unevenly"
    if signature.state is State.ABSENT:
        if seen.payload is None and not seen.tiny:
            yield "unsigned, and the watermark is too worn to be read"
        elif seen.payload is not None and seen.payload.signed:
            yield "the signature that it was made with is gone: copied, re-encoded or recorded"
    elif seen.payload is not None and signature.watermark not in (None, seen.payload.id):
        yield "the watermark is another one than the signature names"
