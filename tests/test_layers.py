"""Who may import whom: ARCHITECTURE's table, read from the source; and that importing does nothing else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "reenact"

LAYERS: tuple[set[str], ...] = (
    {"types", "errors", "extras"},
    {"provenance"},
    {"motion", "smoothing", "presence", "recording", "crop", "compose", "network", "engine"},
    {"bundle", "backends", "faces", "lite", "liveportrait", "weights"},
    {"pipeline"},
    {"loop", "render", "stopwatch", "doctor"},
    {"__init__"},
    {"cli", "__main__"},
)
"""From the ground up; a part sees its own layer and those below, but no circle."""

DEVICES = "devices"
"""Beside the layers: sees the ground only; seen from `loop` and `render` on."""

PIPELINE_SEES_NOT = {"lite", "liveportrait", "bundle", "backends"}
"""The pipeline knows the protocol, not the families."""

HOMES: dict[str, set[str]] = {
    "onnxruntime": {"reenact.backends.onnx", "reenact.backends.plugins"},
    "openvino": {"reenact.backends.openvino"},
    "tensorrt": {"reenact.backends.tensorrt"},
    "pyvirtualcam": {"reenact.devices.virtualcam"},
    "pygame": {"reenact.devices.window"},
    "typer": {"reenact.cli"},
    "rich": {"reenact.cli"},
    "c2pa": {"reenact.provenance.c2pa"},
    "cryptography": {"reenact.provenance.certificate"},
    "insightface": {"reenact.liveportrait.insightface"},
    "torch": set(),
    "onnx": set(),
}
"""Package -> the modules (or packages) that may import it."""


def sources() -> dict[str, Path]:
    """Every module of the package by its dotted name; a package's own file is called `.__init__`."""
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}


SOURCES = sources()


def part_of(module: str) -> str:
    """reenact.devices.camera -> devices; reenact itself -> __init__."""
    return [*module.split("."), "__init__"][1]


def layer_of(part: str) -> int | None:
    return next((number for number, layer in enumerate(LAYERS) if part in layer), None)


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names that a source imports; `from a import b` gives a.b, which may be a module or a name in one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_parts(tree: ast.AST) -> set[str]:
    """The parts of reenact that a source imports. `from reenact import Frame` is an import of `__init__`."""
    known = {part_of(module) for module in SOURCES}
    parts = {part_of(name) for name in imports(tree) if name.split(".")[0] == "reenact"}
    return {part if part in known else "__init__" for part in parts}


def may_see(part: str, other: str) -> bool:
    if part == other:
        return True
    if part == DEVICES:
        return other in LAYERS[0]
    layer, below = layer_of(part), layer_of(other)
    assert layer is not None
    if other == DEVICES:
        return layer > LAYERS.index({"pipeline"})
    if part == "pipeline" and other in PIPELINE_SEES_NOT:
        return False
    return below is not None and below <= layer


def lives_in(module: str, homes: set[str]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def complaints(module: str, tree: ast.AST) -> list[str]:
    """What of the table a source breaks."""
    part = part_of(module)
    if part != DEVICES and layer_of(part) is None:
        return [f"{module} is in no layer: put {part} into LAYERS"]
    found = [f"{module} imports {other}" for other in sorted(own_parts(tree)) if not may_see(part, other)]
    foreign = {name.split(".")[0] for name in imports(tree)}
    found += [f"{module} imports {name}" for name in sorted(foreign & set(HOMES)) if not lives_in(module, HOMES[name])]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "cvtColor" and part != DEVICES:
            found.append(f"{module} converts colours")
        if isinstance(node, ast.Name) and node.id == "print" and part != "cli":
            found.append(f"{module} prints")
    return found


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_keeps_to_the_table(module: str) -> None:
    assert complaints(module, ast.parse(SOURCES[module].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("reenact.utils", "", "in no layer"),
        ("reenact.types", "from reenact.errors import ReenactError\nfrom reenact import engine", "imports engine"),
        ("reenact.crop", "def f():\n    from reenact.backends.onnx import open_network", "imports backends"),
        ("reenact.crop", "from reenact import Frame", "imports __init__"),
        ("reenact.devices.camera", "import reenact.engine", "imports engine"),
        ("reenact.faces.tracker", "from reenact.devices import camera", "imports devices"),
        ("reenact.provenance.c2pa", "from reenact.devices.files import Seal", "imports devices"),
        ("reenact.provenance.badge", "import c2pa", "imports c2pa"),
        ("reenact.pipeline", "from reenact.bundle import Bundle", "imports bundle"),
        ("reenact.doctor", "from reenact.cli.doctor import doctor", "imports cli"),
        ("reenact.doctor", "import onnxruntime as ort", "imports onnxruntime"),
        ("reenact.backends.other", "from onnxruntime.capi import x", "imports onnxruntime"),
        ("reenact.bundle", "import torch.nn", "imports torch"),
        ("reenact.compose", "import cv2\ncv2.cvtColor(a, 1)", "converts colours"),
        ("reenact.compose", "print('x')", "prints"),
    ],
)
def test_the_table_is_enforced(module: str, source: str, complaint: str) -> None:
    found = complaints(module, ast.parse(source))
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("reenact.cli.doctor", "import typer\nfrom reenact import Frame\nprint('x')"),
        ("reenact.devices.camera", "import cv2\nfrom reenact.types import Frame\ncv2.cvtColor(a, 1)"),
        ("reenact.pipeline", "from reenact.engine import Engine\nfrom reenact.errors import NoFaceError"),
    ],
)
def test_what_the_table_allows_is_allowed(module: str, source: str) -> None:
    assert complaints(module, ast.parse(source)) == []


def test_no_part_sees_itself_through_others() -> None:
    seen: dict[str, set[str]] = {}
    for module, path in SOURCES.items():
        part = part_of(module)
        seen.setdefault(part, set()).update(own_parts(ast.parse(path.read_text(encoding="utf-8"))) - {part})
    while seen:
        free = {part for part, others in seen.items() if not others & seen.keys()}
        assert free, f"a circle among {', '.join(sorted(seen))}"
        seen = {part: others for part, others in seen.items() if part not in free}


IMPORT_EVERYTHING = """
import importlib, os, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        blocked = {"torch", "onnx", "pygame", "pyvirtualcam", "openvino", "tensorrt", "c2pa", "cryptography"}
        if name.split(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import av, cv2, numpy, onnxruntime, pydantic, rich.console, typer  # what they do at import is theirs

def refuse(*_, **__):
    raise AssertionError("a device or a session was opened at import")

cv2.VideoCapture = av.open = onnxruntime.InferenceSession = refuse

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        data = str(path).endswith((".onnx", ".npz", ".toml", ".jpg", ".png", ".mp4")) or str(path).startswith("/dev/")
        if data or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise AssertionError(f"{path} was opened at import")
    elif event.startswith(("socket.connect", "subprocess.", "os.mkdir", "os.remove", "os.rename", "_thread.start")):
        raise AssertionError(f"{event} {arguments} at import")

sys.addaudithook(watch)
import reenact
found = ["reenact", *(m.name for m in pkgutil.walk_packages(reenact.__path__, "reenact.") if m.name[-8:] != "__main__")]
for name in found:
    importlib.import_module(name)
assert "torch" not in sys.modules
print(*found)
"""


def test_every_module_imports_without_the_extras_and_does_nothing_else(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_EVERYTHING],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    modules = {name.removesuffix(".__init__") for name in SOURCES if not name.endswith("__main__")}
    assert set(run.stdout.split()) == modules
    assert list(tmp_path.iterdir()) == []
