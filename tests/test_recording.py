"""Recordings come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reenact.errors import MediaError
from reenact.motion import posed
from reenact.recording import Recording, load_recording, save_recording
from tests.test_motion import a_motion


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    motions = tuple(a_motion(yaw=yaw) for yaw in (0.0, 5.0, 9.0))
    save_recording(tmp_path / "a.npz", Recording(motions, np.array([0.0, 0.04, 0.1])))
    loaded = load_recording(tmp_path / "a.npz")
    np.testing.assert_allclose(loaded.seconds, [0, 0.04, 0.1])
    for one, other in zip(loaded.motions, motions, strict=True):
        np.testing.assert_allclose(posed(one), posed(other), atol=0.01)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no archive"])
def test_anything_else_is_no_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(MediaError, match=r"a\.npz: wanted a motion recording .* damaged one; give another file\.$"):
        load_recording(tmp_path / "a.npz")


def test_a_missing_recording_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"b\.npz: .* no such file"):
        load_recording(tmp_path / "b.npz")
