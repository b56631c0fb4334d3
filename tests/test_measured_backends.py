"""What `benchmarks.backends` measures is what the networks are given at work; what cannot be fed is a line."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from benchmarks.backends import measured, work
from reenact.bundle import bundled

ROOT = Path(__file__).parents[1]


def test_a_folder_of_lite_is_fed_with_a_real_frame() -> None:
    ((bundle, feeds),) = work(bundled("engines", "lite"), 64)
    assert set(feeds) == {"warp", "lite"}
    for role, inputs in feeds.items():
        image = bundle.form(role, threads=1)(**inputs)["image"]
        assert image.shape == (*inputs["background"].shape[2:], 3)
        assert image.std() > 10


def test_what_is_measured_unasked_is_lite_and_the_faces() -> None:
    (faces, seen), (lite, drawn) = work(None, 64)
    assert (faces.manifest.name, set(seen)) == ("faces", {"landmarks", "person"})
    assert (lite.manifest.name, set(drawn)) == ("lite", {"warp", "lite"})


def test_a_graph_that_cannot_be_fed_is_a_line(tmp_path: Path) -> None:
    """Its free dimensions depend on each other: N and N + 3."""
    for name in ("warp.onnx", "engine.toml"):
        content = (bundled("engines", "lite") / name).read_bytes()
        (tmp_path / name).write_bytes(content.replace(b'name = "lite"', b'name = "other"', 1))
    rows = dict(measured(work(tmp_path, 64), Namespace(threads=1, runs=1)))
    assert set(rows) == {"warp", "lite"}
    assert str(rows["warp"]["complaint"]).startswith("cannot be fed: warp: CPUExecutionProvider failed: ")


def test_a_folder_without_an_engine_is_an_error_on_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.backends", "--folder", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith(f"benchmarks.backends: {tmp_path / 'engine.toml'}: cannot be read")
    assert run.stderr.count("\n") == 1
