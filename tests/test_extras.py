"""Hints name what an extra brings, for this very Python, and never ask an index for a package called `reenact`."""

from __future__ import annotations

import shlex
import sys
from importlib import metadata
from pathlib import Path

import pytest

from reenact import extras
from reenact.extras import how_to_install

PACKAGE = Path(__file__).parents[1] / "reenact"
REQUIRED = [
    "av>=16.1",
    "numpy>=2; python_version < '3.12'",
    "pygame-ce>=2.5; extra == 'window'",
    'c2pa-python!=0.38.2,>=0.32 ; extra == "provenance"',
    "cryptography>=42; extra=='provenance'",
    "openvino>=2026; ((sys_platform == \"linux\" or os_name == 'nt') and python_version < '4') and extra == 'openvino'",
    "onnxruntime-ep-openvino>=1.8; extra == 'openvino-ep'",
]


@pytest.mark.parametrize(
    ("extra", "packages"),
    [
        ("window", ["pygame-ce>=2.5"]),
        ("provenance", ["c2pa-python!=0.38.2,>=0.32", "cryptography>=42"]),
        ("openvino", ["openvino>=2026; ((sys_platform == 'linux' or os_name == 'nt') and python_version < '4')"]),
        ("openvino-ep", ["onnxruntime-ep-openvino>=1.8"]),
    ],
)
def test_the_command_is_for_this_python_and_quoted_for_a_shell(
    extra: str, packages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "requires", lambda name: REQUIRED)
    assert shlex.split(how_to_install(extra)) == [sys.executable, "-m", "pip", "install", *packages]


def test_a_python_in_a_folder_with_a_space_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "requires", lambda name: REQUIRED)
    monkeypatch.setattr(sys, "executable", "/home/a b/python")
    assert how_to_install("window") == '"/home/a b/python" -m pip install "pygame-ce>=2.5"'


@pytest.mark.parametrize(
    "found", [None, [], ["pydantic>=2; extra == 'agents'"], metadata.PackageNotFoundError, OSError]
)
def test_where_nothing_is_known_of_the_extra_readme_is_named(found: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not installed, or somebody else's `reenact` is."""

    def requires(name: str) -> object:
        if isinstance(found, type):
            raise found(name)
        return found

    monkeypatch.setattr(extras, "requires", requires)
    assert how_to_install("window") == "install the extra window, see README"


def test_no_hint_names_our_own_package() -> None:
    wrong = [path.name for path in PACKAGE.rglob("*.py") if "reenact[" in path.read_text(encoding="utf-8")]
    assert wrong == []
