"""OpenVINO: asked for and not there is an error, never another backend; its tensors are those of the file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from needs import needs

from reenact.backends.processor import cpu_flags
from reenact.backends.remembered import TOLERANCE
from reenact.backends.trial import psnr
from reenact.bundle import bundled, open_bundle
from reenact.errors import BackendError
from reenact.extras import how_to_install
from reenact.faces import Finder
from reenact.lite import LiteEngine, open_lite
from reenact.lite.appearance import Appearance
from reenact.lite.engine import LIVELY
from reenact.recording import Recording
from reenact.types import Image

TINY = Path(__file__).parents[1] / "engines" / "liveportrait-tiny"


def test_without_openvino_the_backend_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(
        BackendError, match=f"backend openvino is not installed: {re.escape(how_to_install('openvino'))}"
    ):
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
    caplog: pytest.LogCaptureFixture, engine: LiteEngine, finder: Finder, hopper: Image, performance: Recording
) -> None:
    """The graph is compiled again for each avatar's shapes; in between, the one for any shapes draws."""
    other = open_lite(backend="openvino")
    for size in (300, 440, 300):
        avatar = engine.prepare(hopper, finder.only(hopper), size=size)
        for motion in performance.motions[10:40:15]:
            moved = engine.transfer(avatar.motion, motion, performance.motions[0])
            off = engine.animate(avatar, moved).astype(float) - other.animate(avatar, moved)
            assert np.sqrt(np.square(off).mean()) < 1  # grey levels; 48 dB
    assert len(other._draw._request._fitted) == 1
    assert not caplog.messages  # else shapes could not be compiled for


@needs("openvino")
@pytest.mark.parametrize(
    "wrong", [{"image": np.zeros((1, 3, 9, 9), np.float32)}, {"image": np.zeros((1, 3, 128, 128))}]
)
def test_inputs_that_do_not_fit_are_an_error_that_says_why(wrong: dict[str, np.ndarray]) -> None:
    network = open_bundle(bundled("engines", "faces")).form("detector_short", backend="openvino")
    with pytest.raises(BackendError, match=r"wanted .*float32|shape") as raised:
        network(**wrong)
    assert "infer_request.cpp" not in str(raised.value)


@needs("openvino")
@pytest.mark.parametrize("broken", ["Core", "compile_model"])
def test_whatever_openvino_raises_is_a_backend_error(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    import openvino

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Exception from src/core.cpp:84:\nno plugin")

    owner = openvino if broken == "Core" else openvino.Core
    monkeypatch.setattr(owner, broken, fail)
    with pytest.raises(BackendError, match="no plugin"):
        open_bundle(bundled("engines", "lite")).form("warp", backend="openvino")


@needs("openvino")
@needs("vnni", here=any("vnni" in flag for flag in cpu_flags()))
def test_int8_paints_what_float32_does(engine: LiteEngine, finder: Finder, hopper: Image) -> None:
    """OpenVINO gets a convolution in int8 wrong that is fed by a Concat. Without VNNI it is wrong anyhow."""
    avatar = engine.prepare(hopper, finder.only(hopper), size=300)
    look = avatar.appearance
    assert isinstance(look, Appearance)
    given = engine.tensors(look, engine.acting(avatar.motion, LIVELY))
    int8 = open_bundle(bundled("engines", "lite")).form("lite-int8", backend="openvino")
    assert psnr(int8(**given), engine._draw(**given)) >= TOLERANCE
