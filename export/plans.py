"""Plans that TensorRT-RTX built, kept in the user's cache folder, which may be deleted at any time.

A file holds a line that says what its plan was built of and with, and the plan's own sha256; then the plan. Where that
is not so to the letter, it counts for nothing: the plan is built anew and takes the file's place.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from reenact.backends.remembered import cache_folder

logger = logging.getLogger(__name__)

Sizes = Mapping[str, tuple[int, int, int]]
"""Of the free dimensions of a graph, by name: the least, the usual, the most."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a plan holds for. Another graph, version, device or size: another plan."""

    graph: str
    """sha256"""
    version: str
    """Of TensorRT-RTX."""
    targets: str
    """Devices that it runs on."""
    sizes: Sizes

    def line(self, plan: bytes = b"") -> bytes:
        """The first of the file of a plan."""
        return json.dumps(asdict(self) | {"plan": sha256(plan).hexdigest()}, sort_keys=True).encode()


def fetched(key: Key, build: Callable[[], bytes]) -> tuple[bytes, bool]:
    """The plan, and whether it was kept; where it was not, it is built, and kept. Raises what `build` raises."""
    path = cache_folder().with_name("plans") / f"{sha256(key.line()).hexdigest()[:32]}.plan"
    if (kept := _read(path, key)) is not None:
        return kept, True
    plan = build()
    try:
        _write(path, key.line(plan) + b"\n" + plan)
    except OSError as error:
        logger.warning("%s: a plan cannot be kept (%s); it will be built anew", path, error.strerror)
    return plan, False


def _read(path: Path, key: Key) -> bytes | None:
    try:
        line, _, plan = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return plan if line == key.line(plan) else None


def _write(path: Path, content: bytes) -> None:
    """At once: whoever reads meanwhile finds the old file or the new one, and of two writers the last one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder) / path.name
        part.write_bytes(content)
        part.replace(path)
