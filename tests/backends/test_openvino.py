"""OpenVINO: asked for and not there is an error, never another backend; its tensors are those of the file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from needs import needs

from reenact.bundle import bundled, open_bundle
from reenact.errors import BackendError

TINY = Path(__file__).parents[1] / "engines" / "liveportrait-tiny"


def test_without_openvino_the_backend_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BackendError, match=r"backend openvino is not installed: pip install 'reenact\[openvino\]'"):
        open_bundle(TINY).network("motion", backend="openvino")


@needs("openvino")
@pytest.mark.parametrize("engine", ["faces", "lite"])
def test_tensors_go_by_the_names_of_the_file(engine: str) -> None:
    """OpenVINO gives compiled graphs names of its own making, some of them shorter."""
    bundle = open_bundle(bundled("engines", engine))
    for name, entry in bundle.manifest.networks.items():
        assert bundle.form(name, backend="openvino").outputs.keys() == entry.outputs.keys()
