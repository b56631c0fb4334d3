"""Nothing that reenact sees leaves the machine, and no library of its tells anybody that it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reenact.bundle import bundled


@pytest.mark.skipif(sys.platform == "win32", reason="looks where Unix keeps such files")
def test_onnx_runtime_keeps_no_identity_and_queues_no_reports(tmp_path: Path) -> None:
    """Left to itself it makes a device id and a queue of reports in the home folder, whenever it runs a graph."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    command = [sys.executable, "-m", "reenact", "faces", str(bundled("examples", "hopper.jpg"))]
    run = subprocess.run(
        command,
        env=clean | {"HOME": str(tmp_path)},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert [path.name for path in tmp_path.rglob("*") if "onnx" in path.name or "Microsoft" in path.name] == []
