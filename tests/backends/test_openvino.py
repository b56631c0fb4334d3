"""OpenVINO: asked for and not there is an error, never another backend; its tensors are those of the file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from needs import needs

from reenact.bundle import bundled, open_bundle
from reenact.errors import BackendError
from reenact.faces import Finder
from reenact.lite import LiteEngine, open_lite
from reenact.recording import Recording
from reenact.types import Image

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


@needs("openvino")
def test_it_draws_what_the_cpu_draws_whatever_the_size(
    engine: LiteEngine, finder: Finder, hopper: Image, performance: Recording
) -> None:
    """The graph is compiled again for each avatar's shapes; in between, the one for any shapes draws."""
    other = open_lite(backend="openvino")
    for size in (300, 440, 300):
        avatar = engine.prepare(hopper, finder.only(hopper), size=size)
        for motion in performance.motions[10:40:15]:
            moved = engine.transfer(avatar.motion, motion, performance.motions[0])
            off = engine.animate(avatar, moved).astype(float) - other.animate(avatar, moved)
            assert np.sqrt(np.square(off).mean()) < 1  # grey levels; 48 dB
