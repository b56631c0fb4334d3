"""How to get what an extra brings. On PyPI the name `reenact` is another project's, so no command may ask for it."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, requires

NEEDED = re.compile(r"(?P<package>[^;]+?)\s*;\s*((?P<where>.+?)\s+and\s+)?extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]\s*")
"""A requirement of an extra, as the metadata of installed packages has it: what, and on which platforms."""


def how_to_install(extra: str) -> str:
    """The command that installs into this very Python what an extra of ours needs; else the words to look it up by.

    Never raises.
    """
    packages = [_quoted(package) for package in _packages(extra)]
    if not packages:
        return f"install the extra {extra}, see README"
    python = sys.executable or "python"
    return " ".join([_quoted(python) if " " in python else python, "-m pip install", *packages])


def _packages(extra: str) -> list[str]:
    """Requirements without the marker of the extra, with any other."""
    try:
        matches = [match for line in requires("reenact") or [] if (match := NEEDED.fullmatch(line))]
    except (PackageNotFoundError, OSError, ValueError):
        return []
    found = [match for match in matches if match["extra"] == extra]
    return [f"{match['package']}; {match['where']}" if match["where"] else match["package"] for match in found]


def _quoted(word: str) -> str:
    """For a shell, that of Windows too, which knows no single quotes."""
    return '"{}"'.format(word.replace('"', "'"))
