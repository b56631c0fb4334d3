"""Every graph that is exported is one that TensorRT-RTX takes: it builds without a GPU.

The wheel is in the group `dev` (there is none for macOS). Where REENACT_REQUIRE names it, as in `scripts/test`, a
missing one fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from needs import needs

from export.plans import Sizes
from export.tensorrt import FACES, LITE, BuildError, build, built
from reenact.bundle import bundled
from reenact.doctor import DOUBLE
from reenact.lite.drawing import KNOTS

TINY = Path(__file__).parent / "engines" / "liveportrait-tiny"
FOLDERS: Mapping[Path, Sizes] = {bundled("engines", "lite"): LITE, bundled("engines", "faces"): FACES, TINY: {}}
GRAPHS = [(path, sizes) for folder, sizes in FOLDERS.items() for path in sorted(folder.glob("*.onnx"))]

needs_wheel = needs("tensorrt_rtx_bindings")


@needs_wheel
@pytest.mark.parametrize(("path", "sizes"), GRAPHS, ids=[path.stem for path, _ in GRAPHS])
def test_every_graph_builds_without_a_gpu(path: Path, sizes: Sizes) -> None:
    assert len(build(path.read_bytes(), path.name, sizes)) > 10_000


@needs_wheel
def test_what_is_not_taken_says_why() -> None:
    with pytest.raises(BuildError, match=r"broken\.onnx: not taken: "):
        build(b"no graph", "broken.onnx")
    with pytest.raises(BuildError, match="free dimension 'N' whose sizes nobody states"):
        build((bundled("engines", "faces") / "blazeface_short.onnx").read_bytes(), "blazeface_short.onnx")


@needs_wheel
def test_a_plan_is_built_once_and_then_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "double.onnx").write_bytes(DOUBLE)
    lines = [line for _ in range(2) for line in built(tmp_path)]
    assert [line.split()[0] for line in lines] == ["double.onnx"] * 2
    assert " MB plan built in " in lines[0]
    assert lines[1].endswith(" MB plan kept from an earlier time")


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_graphs_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BuildError, match=f"{name}: wanted a folder of graphs"):
        list(built(tmp_path / name))


def test_the_sizes_that_are_built_for_are_those_of_the_engine() -> None:
    assert (LITE["Kx"][1], LITE["Ky"][1]) == KNOTS
    assert len(GRAPHS) == 24
