"""Whatever a benchmark keeps can be drawn; what none has kept is refused in a line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from needs import needs

from benchmarks.plot import Bar, chart, title
from benchmarks.report import RESULTS

MACHINE = {"cpu": "Some CPU", "cores": 2, "load": None}
TIMES = {"median_ms": 2.0, "p95_ms": 3.0}
KEPT = {
    "backends": {"networks": {"person, cpu": TIMES | {"right": False}, "person, cuda": {"complaint": "no"}}} | MACHINE,
    "latency": {"stages": {"track": TIMES, "total": TIMES}} | MACHINE,
    "compare": {"seconds": {"ours": {"warp": 1.0, "frame": 2.0}, "torch": {"warp": 3.0, "frame": 4.0}}} | MACHINE,
}


def plot(*arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.plot", *map(str, arguments)]
    return subprocess.run(command, cwd=RESULTS.parents[1], capture_output=True, text=True, check=False)


def test_of_the_backends_those_that_ran_are_drawn_and_are_hollow_where_they_are_wrong() -> None:
    assert chart(KEPT["backends"]).bars == [Bar("person, cpu", 2, 3, hollow=True)]


def test_of_a_latency_every_stage_is_drawn_up_to_its_p95() -> None:
    assert chart(KEPT["latency"]).bars == [Bar("track", 2, 3), Bar("total", 2, 3)]


def test_peers_stand_side_by_side() -> None:
    drawn = [(bar.label, bar.length, bar.colour) for bar in chart(KEPT["compare"]).bars]
    assert drawn == [
        ("warp, ours", 1, "C0"),
        ("warp, torch", 3, "C1"),
        ("frame, ours", 2, "C0"),
        ("frame, torch", 4, "C1"),
    ]


def test_a_load_that_nobody_knows_is_said_to_be_unknown() -> None:
    assert title(KEPT["latency"], "run") == "Some CPU, 2 cores, load unknown: run"
    assert title(MACHINE | {"load": 1.25}, "run") == "Some CPU, 2 cores, load 1.2: run"


def test_every_kept_result_has_a_chart() -> None:
    kept = sorted(RESULTS.glob("*.json"))
    assert {path.name.split("-")[0] for path in kept} >= {"backends", "latency"}
    assert all(chart(json.loads(path.read_text(encoding="utf-8"))).bars for path in kept)


def test_another_kind_is_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text('{"faces": 1}')
    run = plot(path, tmp_path / "out.png")
    assert run.returncode == 1
    assert run.stderr == (
        f"benchmarks.plot: {path}: wanted what --keep of backends, latency or compare wrote, found faces\n"
    )


@needs("matplotlib")
@pytest.mark.parametrize("kind", KEPT)
def test_each_kind_is_drawn(tmp_path: Path, kind: str) -> None:
    path, out = tmp_path / f"{kind}.json", tmp_path / "out.png"
    path.write_text(json.dumps(KEPT[kind]))
    run = plot(path, out)
    assert (run.returncode, run.stderr) == (0, "")
    assert out.read_bytes().startswith(b"\x89PNG")
