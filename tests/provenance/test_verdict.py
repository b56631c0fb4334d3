"""What both layers say together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reenact.provenance.detector import Finding
from reenact.provenance.payload import Payload
from reenact.provenance.signature import Signature, State
from reenact.provenance.verdict import Evidence, Verdict, judge

SIGNED, UNSIGNED = Payload(1, signed=True), Payload(1, signed=False)
VALID = Signature(State.VALID, synthetic=True, watermark=SIGNED.id)
INVALID = replace(VALID, state=State.INVALID)
PHOTO = Signature(State.VALID)
ABSENT, UNCHECKED = Signature(State.ABSENT), Signature(State.UNCHECKED)


def mark(payload: Payload | None, **changed: object) -> Finding:
    finding = Finding(True, 20.0, 5.0, payload, True, False, False, np.zeros(64, bool), 1)
    return replace(finding, **changed)  # type: ignore[arg-type]


NO_MARK = mark(None, marked=False)

CASES: list[tuple[Signature, Finding | None, Verdict, str]] = [
    (VALID, mark(SIGNED), Verdict.INTACT, ""),
    (VALID, NO_MARK, Verdict.INTACT, ""),
    (VALID, mark(None), Verdict.INTACT, ""),
    (ABSENT, mark(UNSIGNED), Verdict.INTACT, ""),
    (UNCHECKED, mark(SIGNED), Verdict.UNCHECKED, ""),
    (UNCHECKED, NO_MARK, Verdict.UNCHECKED, ""),
    (UNCHECKED, mark(SIGNED, whole=False), Verdict.ALTERED, "cropped"),
    (UNCHECKED, None, Verdict.UNREADABLE, ""),
    (INVALID, mark(SIGNED), Verdict.ALTERED, "not the one that was signed"),
    (INVALID, None, Verdict.ALTERED, "cannot be read"),
    (INVALID, NO_MARK, Verdict.ALTERED, "watermark that the signature names is gone"),
    (ABSENT, mark(SIGNED), Verdict.ALTERED, "signature that it was made with is gone"),
    (ABSENT, mark(None), Verdict.ALTERED, "too worn"),
    (ABSENT, mark(None, tiny=True), Verdict.INTACT, ""),
    (ABSENT, mark(SIGNED, tiny=True), Verdict.ALTERED, "signature that it was made with is gone"),
    (ABSENT, mark(UNSIGNED, whole=False), Verdict.ALTERED, "cropped"),
    (ABSENT, mark(UNSIGNED, mirrored=True), Verdict.ALTERED, "mirrored"),
    (VALID, mark(Payload(2, signed=True)), Verdict.ALTERED, "another one"),
    (ABSENT, NO_MARK, Verdict.UNMARKED, ""),
    (PHOTO, NO_MARK, Verdict.UNMARKED, ""),
    (ABSENT, None, Verdict.UNREADABLE, ""),
]


@pytest.mark.parametrize(("signature", "seen", "verdict", "reason"), CASES)
def test_the_verdict(signature: Signature, seen: Finding | None, verdict: Verdict, reason: str) -> None:
    found, reasons = judge(Evidence(signature, seen))
    assert found is verdict
    assert reason in " ".join(reasons)
    assert bool(reasons) is (verdict is Verdict.ALTERED)
