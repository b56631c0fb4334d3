"""What `pip install` gets: the package and what is bundled with it, and no file of the workshop."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from reenact import extras

ROOT = Path(__file__).parents[1]
EXPORTED = ROOT / "engines" / "liveportrait"
"""Git ignores it: its weights are not ours, and it is only where somebody exported them."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """A wheel of this checkout, built by the installed hatchling: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.Path(built)


def names(wheel: zipfile.Path) -> set[str]:
    return set(wheel.root.namelist())


def metadata(wheel: zipfile.Path) -> Message:
    (path,) = (name for name in names(wheel) if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.joinpath(path).read_text(encoding="utf-8"))


def tracked(folder: str) -> set[str]:
    """The files of a folder of the checkout, without what Python leaves behind."""
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    kept = (path for path in files if "__pycache__" not in path.parts and EXPORTED not in path.parents)
    return {path.relative_to(ROOT).as_posix() for path in kept}


def test_the_wheel_holds_the_package_and_its_type_marker(wheel: zipfile.Path) -> None:
    assert tracked("reenact") <= names(wheel)
    assert "reenact/py.typed" in names(wheel)


@pytest.mark.parametrize("folder", ["engines", "examples"])
def test_the_wheel_holds_what_is_bundled(wheel: zipfile.Path, folder: str) -> None:
    bundled = tracked(folder)
    assert bundled
    assert {f"reenact/_bundled/{name}" for name in bundled} <= names(wheel)


def test_the_wheel_holds_nothing_of_the_workshop(wheel: zipfile.Path) -> None:
    top = {name.split("/")[0] for name in names(wheel)}
    assert top == {"reenact", f"reenact-{PROJECT['project']['version']}.dist-info"}


def test_the_wheel_names_its_licence_and_carries_the_texts(wheel: zipfile.Path) -> None:
    found = metadata(wheel)
    assert found["License-Expression"] == "Apache-2.0"
    for text in ("LICENSE", "NOTICE"):
        assert any(name.endswith(f".dist-info/licenses/{text}") for name in names(wheel))


def test_the_extras_are_those_that_the_readme_speaks_of(wheel: zipfile.Path) -> None:
    assert set(metadata(wheel).get_all("Provides-Extra") or []) == {
        *(
            "window",
            "camera",
            "provenance",
            "openvino",
            "openvino-ep",
            "tensorrt-rtx",
            "webgpu",
            "insightface",
            "train",
        ),
    }


@pytest.mark.parametrize("extra", PROJECT["project"]["optional-dependencies"])
def test_what_an_extra_needs_is_read_from_the_metadata(
    extra: str, wheel: zipfile.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "requires", lambda name: metadata(wheel).get_all("Requires-Dist"))
    needed = PROJECT["project"]["optional-dependencies"][extra]
    named = shlex.split(extras.how_to_install(extra))[4:]
    assert sorted(re.split(r"[<>=!]", one)[0] for one in named) == sorted(re.split(r"[<>=!]", one)[0] for one in needed)


def test_torch_is_needed_to_make_engines_and_for_nothing_else() -> None:
    groups = PROJECT["dependency-groups"]
    extras = PROJECT["project"]["optional-dependencies"]
    installed = [*PROJECT["project"]["dependencies"], *(n for key in extras for n in extras[key] if key != "train")]
    assert not [name for name in installed if name.startswith(("torch", "onnx>"))]
    assert not [name for name in groups["dev"] if name.startswith("torch")]
    assert any(name.startswith("torch") for name in groups["export"])


def test_what_the_base_needs_is_what_it_imports() -> None:
    needed = {name.split(">")[0] for name in PROJECT["project"]["dependencies"]}
    modules = {"opencv-python-headless": "cv2"}
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "reenact").rglob("*.py"))
    unused = [
        name for name in needed if f"import {modules.get(name, name)}" not in source and f"from {name}" not in source
    ]
    assert unused == []


@pytest.mark.parametrize("script", ["scripts/demo", "scripts/test", "scripts/check", ".ci/run"])
def test_the_commands_of_the_readme_can_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True, check=False).returncode == 0
