"""An engine folder is checked before anything of it is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from reenact.bundle import bundled, open_bundle
from reenact.errors import BundleError


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundled("engines", "faces"), tmp_path / "faces"))


@pytest.mark.parametrize("name", ["faces", "lite"])
def test_every_bundled_engine_is_what_its_manifest_says(name: str) -> None:
    bundle = open_bundle(bundled("engines", name))
    for network in bundle.manifest.networks:
        assert bundle.form(network).provider == "CPUExecutionProvider"
    for table in bundle.manifest.data:
        assert all(np.isfinite(values).all() for values in bundle.arrays(table).values())
    assert bundle.manifest.licence == "Apache-2.0"


def test_an_altered_network_is_refused(faces: Path) -> None:
    path = faces / "blazeface_short.onnx"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match="sha256"):
        open_bundle(faces).network("detector_short")


def test_a_missing_network_is_named(faces: Path) -> None:
    (faces / "blazeface_short.onnx").unlink()
    with pytest.raises(BundleError, match="blazeface_short"):
        open_bundle(faces).network("detector_short")


def test_a_network_with_other_tensors_than_stated_is_refused(faces: Path) -> None:
    manifest = faces / "engine.toml"
    manifest.write_text(manifest.read_text().replace('["N", 3, 128, 128]', '["N", 3, 64, 64]'))
    with pytest.raises(BundleError, match="tensors"):
        open_bundle(faces).network("detector_short")


@pytest.mark.parametrize("change", [b'licenze = "MIT"\n', b"[networks.x]\nfile = 3\n", b"name = \n", b"# \xff\n"])
def test_a_manifest_with_a_mistake_is_refused(faces: Path, change: bytes) -> None:
    manifest = faces / "engine.toml"
    manifest.write_bytes(change + manifest.read_bytes())
    with pytest.raises(BundleError, match=r"engine\.toml"):
        open_bundle(faces)


def test_an_unknown_network_is_answered_with_those_there_are() -> None:
    with pytest.raises(BundleError, match="detector_short"):
        open_bundle(bundled("engines", "faces")).network("generator")


def test_a_missing_engine_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="nothing"):
        open_bundle(tmp_path / "nothing")


def test_a_role_is_played_by_the_form_that_suits_the_backend(tmp_path: Path) -> None:
    """Forms of one role: the first that suits is taken; float32 is what `auto` measures by, wherever it stands."""
    folder = Path(shutil.copytree(bundled("engines", "lite"), tmp_path / "lite"))
    manifest = folder / "engine.toml"
    head, first, rest = manifest.read_text().partition("[networks.lite]")
    float32, _, others = rest.partition("[networks.lite-half]")
    int8 = others.partition("[networks.lite-int8]")[2].partition("[data.basis]")[0]
    basis = others.partition("[data.basis]")[2]
    quick = f'[networks.lite-int8]\nbackends = ["openvino", "cpu"]{int8}'
    manifest.write_text(f"{head}{quick}{first}{float32}[data.basis]{basis}")
    bundle = open_bundle(folder)
    assert bundle.suits("lite", "openvino") == ["lite-int8", "lite"]
    assert bundle.suits("lite", "cuda") == ["lite"]
    assert bundle.network("lite").name == "lite-int8"
    assert bundle.network("lite", backend="auto").name == "lite"
    with pytest.raises(BundleError, match="no lite-int8, only: warp, lite"):
        bundle.network("lite-int8")
