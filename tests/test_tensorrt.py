"""Every graph that is exported is one that TensorRT-RTX takes: it builds without a GPU.

The wheel is in the group `dev` (there is none for macOS). Where REENACT_REQUIRE names it, as in `scripts/test`, a
missing one fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from needs import needs

from export.tensorrt import FACES, LITE, BuildError, Sizes, build
from reenact.bundle import bundled
from reenact.lite.drawing import KNOTS

TINY = Path(__file__).parent / "engines" / "liveportrait-tiny"
FOLDERS: Mapping[Path, Sizes] = {bundled("engines", "lite"): LITE, bundled("engines", "faces"): FACES, TINY: {}}
GRAPHS = [(path, sizes) for folder, sizes in FOLDERS.items() for path in sorted(folder.glob("*.onnx"))]

needs_wheel = needs("tensorrt_rtx_bindings")


@needs_wheel
@pytest.mark.parametrize(("path", "sizes"), GRAPHS, ids=[path.stem for path, _ in GRAPHS])
def test_every_graph_builds_without_a_gpu(path: Path, sizes: Sizes) -> None:
    size, _ = build(path, sizes)
    assert size > 10_000


@needs_wheel
def test_what_is_not_taken_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no graph")
    with pytest.raises(BuildError, match=r"broken\.onnx: not taken: "):
        build(path)
    with pytest.raises(BuildError, match="free dimension 'N' whose sizes nobody states"):
        build(bundled("engines", "faces") / "blazeface_short.onnx")


def test_the_sizes_that_are_built_for_are_those_of_the_engine() -> None:
    assert (LITE["Kx"][1], LITE["Ky"][1]) == KNOTS
    assert len(GRAPHS) == 24
