"""The doctor tries what it speaks of, never falls over a failing probe, and says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import av
import pytest
import typer

from reenact import doctor
from reenact.backends.onnx import OnnxBackend
from reenact.backends.protocol import Availability
from reenact.backends.registry import named
from reenact.cli import fix_camera as fixing
from reenact.cli.doctor import doctor as command
from reenact.devices.nodes import CameraInfo
from reenact.devices.virtualcam_setup import SetUp
from reenact.doctor import (
    Check,
    Probe,
    encode_one_frame,
    find_cameras,
    find_module,
    find_virtual_camera,
    missing,
    only_owner,
)
from reenact.errors import BackendError, DeviceError, MediaError, ReenactError

WORKS = Check("cpu", "backend", True, "ran", "")
BROKEN = Check("cuda", "backend", False, "no driver", "install one")


def a_machine(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    monkeypatch.setattr("reenact.cli.doctor.probes", lambda: [lambda check=check: check for check in checks])


def test_the_cpu_backend_runs_the_graph_of_one_node() -> None:
    assert doctor.run_backend(named("cpu")) == "CPUExecutionProvider ran a graph"


def test_the_way_to_cuda_is_the_one_that_readme_shows() -> None:
    (cuda,) = [probe for probe in doctor.probes() if probe.name == "cuda"]
    assert cuda.remedy == doctor.CUDA
    assert f"`{doctor.CUDA}`" in (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_a_backend_that_is_not_here_says_why() -> None:
    class Absent(OnnxBackend):
        def probe(self) -> Availability:
            return Availability(False, "", "", "not in this ONNX Runtime")

    with pytest.raises(BackendError, match="not in this ONNX Runtime"):
        doctor.run_backend(Absent("cuda"))


def test_a_backend_that_computes_nonsense_is_not_taken_for_working() -> None:
    class Wrong:
        provider = "OddProvider"

        def __call__(self, x: list[float]) -> dict[str, list[float]]:
            return {"y": [x[0]]}

    with pytest.raises(BackendError, match=r"OddProvider says that 1\.5 \+ 1\.5 is 1\.5"):
        doctor.run_double(Wrong())


def test_libx264_encodes_a_frame_and_an_unknown_codec_is_a_finding() -> None:
    assert "256 x 256 px to" in encode_one_frame("libx264")
    check = Probe("h999", "encoder", lambda: encode_one_frame("h999"), "none")()
    assert (check.ok, check.detail) == (False, "not in this FFmpeg")


def test_an_encoder_without_its_device_says_so_in_a_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(codec: str) -> int:
        raise av.FFmpegError(1, "Operation not permitted", f"avcodec_open2({codec})")

    monkeypatch.setattr(doctor, "_encoded_size", refused)
    with pytest.raises(MediaError, match=r"^does not open here \(operation not permitted\)$"):
        encode_one_frame("h264_nvenc")


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (DeviceError("gone"), "gone"),
        (OSError("gone"), "OSError: gone"),
        (RuntimeError("gone\nwith a trace"), "RuntimeError: gone"),
        (ValueError(), "ValueError: "),
    ],
)
def test_a_probe_that_fails_is_a_row_with_the_reason(error: Exception, detail: str) -> None:
    def look() -> str:
        raise error

    assert Probe("thing", "device", look, "plug it in")() == Check("thing", "device", False, detail, "plug it in")


def test_what_works_needs_no_remedy() -> None:
    assert Probe("thing", "device", lambda: "found", "plug it in")() == Check("thing", "device", True, "found", "")


def test_no_camera_is_a_finding_and_cameras_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = [CameraInfo(0, "Front"), CameraInfo(2, "Back"), CameraInfo(10, "Reenact Camera", True)]
    monkeypatch.setattr(doctor, "list_cameras", lambda: cameras)
    assert find_cameras("linux") == "0: Front, 2: Back"
    monkeypatch.setattr(doctor, "list_cameras", lambda: cameras[2:])
    with pytest.raises(DeviceError, match="no camera found"):
        find_cameras("linux")
    with pytest.raises(DeviceError, match="keeps no list"):
        find_cameras("darwin")


def test_a_virtual_camera_needs_the_device_on_linux_and_the_package_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    monkeypatch.setattr(doctor, "loopbacks", lambda: [Path("/dev/video10"), Path("/dev/video11")])
    monkeypatch.setattr(doctor, "describe", lambda path: f"{path} (Reenact Camera): free")
    assert find_virtual_camera("linux") == "/dev/video10 (Reenact Camera): free, /dev/video11 (Reenact Camera): free"
    with pytest.raises(DeviceError, match="pyvirtualcam is not installed"):
        find_virtual_camera("darwin")
    monkeypatch.setattr(doctor, "find_spec", lambda name: object())
    assert "OBS" in find_virtual_camera("darwin")


def test_fix_camera_prints_and_runs_nothing_without_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    done = tmp_path / "done"
    plan = SetUp((f"echo one >> {done}",), (f"echo two >> {done}",), ("look",))
    monkeypatch.setattr(fixing, "set_up", lambda: plan)
    command(fix=True)
    assert capsys.readouterr().out.splitlines() == [
        plan.commands[0],
        "# and to have it after a reboot:",
        plan.at_boot[0],
        "# look",
    ]
    assert not done.exists()
    command(fix=True, yes=True)
    assert done.read_text() == "one\ntwo\n"


def test_fix_camera_stops_at_the_first_command_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = tmp_path / "done"
    monkeypatch.setattr(fixing, "set_up", lambda: SetUp(("exit 3", f"touch {done}"), (), ()))
    with pytest.raises(ReenactError, match="`exit 3` ended with 3"):
        command(fix=True, yes=True)
    assert not done.exists()
    monkeypatch.setattr(fixing, "set_up", lambda: SetUp((), (), ("press the button",)))
    with pytest.raises(ReenactError, match="follow the steps"):
        command(fix=True, yes=True)


def test_yes_alone_means_nothing() -> None:
    with pytest.raises(typer.BadParameter, match="--fix-camera"):
        command(yes=True)


def test_a_module_is_looked_for_and_not_imported() -> None:
    assert find_module("antigravity") == "antigravity is installed"  # importing it would open a browser
    with pytest.raises(DeviceError, match="no_such_module is not installed"):
        find_module("no_such_module")


def test_two_distributions_of_one_module_are_a_clash() -> None:
    with pytest.raises(ReenactError, match="onnxruntime comes from onnxruntime and onnxruntime-gpu"):
        only_owner("onnxruntime", {"onnxruntime": ["onnxruntime-gpu", "onnxruntime", "onnxruntime"]})
    with pytest.raises(ReenactError, match="no package"):
        only_owner("cv2", {})
    assert only_owner("numpy", {"numpy": ["numpy", "numpy"]}).startswith("from numpy ")


def test_every_name_is_there_once_and_every_extra_is_looked_at() -> None:
    names = [probe.name for probe in doctor.probes()]
    assert len(names) == len(set(names))
    assert {"cpu", "cuda", "webgpu", "camera", "virtualcam", "libx264", "onnxruntime", "cv2"} <= set(names)
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert set(doctor.EXTRAS) == set(project["optional-dependencies"]) - {"train"}  # nothing that runs an engine


def test_the_versions_of_what_we_build_on_are_facts() -> None:
    found = doctor.facts()
    assert found["numpy"][0].isdigit()
    assert found["onnxruntime"][0].isdigit()
    assert int(found["cores"]) >= 1


def test_what_is_required_and_lacking_is_found() -> None:
    assert missing([WORKS, BROKEN], ["cuda", "cpu"]) == [BROKEN]
    assert missing([WORKS, BROKEN], []) == []
    with pytest.raises(ReenactError, match="--require cuda12: no such check; there are: cpu, cuda"):
        missing([WORKS, BROKEN], ["cuda12"])


def test_the_command_prints_every_check_and_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_machine(monkeypatch, WORKS, BROKEN)
    command()
    out = capsys.readouterr().out
    assert "yes backend   cpu" in out
    assert "no  backend   cuda" in out
    assert "to do: install one" in out


def test_the_command_prints_one_json_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    a_machine(monkeypatch, WORKS, BROKEN)
    command(as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert [check["ok"] for check in report["checks"]] == [True, False]
    assert report["facts"]["python"]


def test_the_command_fails_only_for_what_was_required(monkeypatch: pytest.MonkeyPatch) -> None:
    a_machine(monkeypatch, WORKS, BROKEN)
    command(require=["cpu"])
    with pytest.raises(ReenactError, match="--require cuda: no driver; to do: install one"):
        command(require=["cpu", "cuda"])


def test_clashing_packages_fail_only_under_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    clash = Check("onnxruntime", "packages", False, "comes from two", "uninstall")
    a_machine(monkeypatch, WORKS, BROKEN, clash)
    command()
    with pytest.raises(ReenactError, match=r"^--strict: comes from two; to do: uninstall$"):
        command(strict=True)
    a_machine(monkeypatch, WORKS, BROKEN)
    command(strict=True)


@pytest.mark.parametrize("strict", [True, False])
def test_both_distributions_of_onnxruntime_are_named_by_the_real_command(tmp_path: Path, strict: bool) -> None:
    """What pip leaves when onnxruntime-gpu is installed beside onnxruntime."""
    second = tmp_path / "onnxruntime_gpu-1.31.1.dist-info"
    second.mkdir()
    (second / "METADATA").write_text("Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.31.1\n")
    (second / "top_level.txt").write_text("onnxruntime\n")
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-m", "reenact", "doctor", *(["--strict"] if strict else [])],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "onnxruntime comes from onnxruntime and onnxruntime-gpu" in run.stdout
    assert run.returncode == int(strict)
    assert ("--strict: onnxruntime comes from" in run.stderr) is strict
