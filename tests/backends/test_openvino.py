"""OpenVINO as far as it shows without being installed: asked for and not there is an error, never another backend."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reenact.bundle import open_bundle
from reenact.errors import BackendError

TINY = Path(__file__).parents[1] / "engines" / "liveportrait-tiny"


def test_without_openvino_the_backend_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BackendError, match="backend openvino is not installed: pip install openvino"):
        open_bundle(TINY).network("motion", backend="openvino")
