"""What a stage may take is data, and a run that takes longer is told so."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import latency, report
from benchmarks.budget import allowed, exceeded
from benchmarks.machine import runtimes


def test_a_stage_over_its_budget_is_named_and_so_is_one_that_nobody_measured() -> None:
    stages = {"quick": {"median_ms": 1.0}, "slow": {"median_ms": 3.0}, "odd": {"median_ms": float("nan")}}
    budget = {"quick": 1.0, "slow": 2.0, "odd": 9.0, "gone": 1.0}
    assert list(exceeded(stages, budget)) == [
        "over budget: slow takes 3.0 ms, allowed are 2.0",
        "over budget: odd takes nan ms, allowed are 9.0",
        "over budget: gone was not measured",
    ]


def test_the_engine_that_everybody_has_has_a_budget() -> None:
    budget = allowed("lite")
    assert budget["pipelined, a frame"] == 25
    assert all(milliseconds > 0 for milliseconds in budget.values())


def test_the_newest_kept_run_has_every_stage_of_its_budget() -> None:
    newest = max(report.RESULTS.glob("latency-*.json"), key=lambda path: path.stem)
    result = json.loads(newest.read_text(encoding="utf-8"))
    assert allowed(result["engine"]).keys() <= result["stages"].keys()


def test_a_latency_says_what_really_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["latency", "--backend", "auto", "--threads", "1"])
    engine = SimpleNamespace(_draw=SimpleNamespace(provider="OpenVINO on the CPU"))
    ran = latency.what_ran(latency.parse(), engine)
    assert (ran["backend"], ran["provider"]) == ("auto", "OpenVINO on the CPU")


def test_versions_are_those_of_every_runtime_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("onnxruntime", "onnxruntime-ep-webgpu", "OpenVINO", "openvino-telemetry", "numpy")
    installed = [SimpleNamespace(metadata={"Name": name}, version="1.2") for name in names]
    monkeypatch.setattr("benchmarks.machine.distributions", lambda: installed)
    assert runtimes() == dict.fromkeys(("onnxruntime", "onnxruntime-ep-webgpu", "openvino"), "1.2")


def test_results_are_kept_by_kind_day_and_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "processor", lambda: "Some(R) CPU @ 2.0GHz")
    path = report.keep("latency", {"median_ms": float("nan")})
    assert path.name.startswith("latency-2")
    assert path.name.endswith("-some-r-cpu-2-0ghz.json")
    assert json.loads(path.read_text()) == {"median_ms": None}


def test_a_kept_result_is_named_for_what_ran_and_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(report, "processor", lambda: "Some CPU")
    result = {"engine": "lite", "backend": "openvino-ep"}
    first, second = (report.keep("latency", result | {"run": run}) for run in (1, 2))
    assert first.name.endswith("-lite-openvino-ep-some-cpu.json")
    assert second.name.endswith("-lite-openvino-ep-some-cpu-2.json")
    assert [json.loads(path.read_text())["run"] for path in (first, second)] == [1, 2]


def test_infinite_numbers_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"psnr": float("-inf"), "median_ms": float("inf"), "p95_ms": float("nan"), "calls": 50}
    report.table("times", {"cpu": row}, tuple(row), markdown=True)
    assert "|cpu|-inf|inf|-|50|" in capsys.readouterr().out.replace(" ", "")


def test_a_markdown_table_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    report.table("times", {"cpu": {"median_ms": 1.5}}, ("median_ms", "p95_ms"), markdown=True)
    lines = [line.replace(" ", "") for line in capsys.readouterr().out.splitlines()]
    assert "||medianms|p95ms|" in lines
    assert "|cpu|1.5|-|" in lines
