"""Whether a file is the one that is wanted, and if not, what it is instead."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from reenact.errors import WeightsError
from reenact.weights.manifest import WeightFile, Weights

CHUNK = 1 << 20
"""bytes"""


def check(path: Path, wanted: WeightFile, weights: Weights) -> None:
    """Raise WeightsError unless the file at `path` is `wanted`, one of `weights`."""
    try:
        size = path.stat().st_size
        if size == wanted.size and digest(path) == wanted.sha256:
            return
        other = next((file for file in weights.files if _is(path, size, file)), None)
    except OSError as error:
        raise WeightsError(f"{path}: wanted {wanted.name}, cannot be read ({error.strerror}).") from error
    if other is not None:
        raise WeightsError(f"{path}: wanted {wanted.name}, found {other.name} under its name; give it its own name.")
    if size < wanted.size:
        raise WeightsError(f"{path}: cut off, {size} of {wanted.size} bytes; fetch it again.")
    if size > wanted.size:
        raise WeightsError(f"{path}: {size} bytes, wanted {wanted.size}; not the official file, fetch it again.")
    raise WeightsError(
        f"{path}: the right size, other bytes (sha256 differs); damaged or not official, fetch it again."
    )


def adopt(weights: Weights, source: Path, target: Path) -> None:
    """Copy files that are at hand, anywhere below `source`, to where `fetch` would put them; all or none.

    Raises:
        WeightsError: one is missing or is another.
    """
    found = [(file, find(source, file)) for file in weights.files]
    for file, path in found:
        check(path, file, weights)
    for file, path in found:
        place = target / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + ".part")
        shutil.copyfile(path, part)
        part.replace(place)


def find(folder: Path, wanted: WeightFile) -> Path:
    """The file of that name in a folder or below it.

    Raises:
        WeightsError: there is none; says so if it lies there under another name.
    """
    if not folder.is_dir():
        raise WeightsError(f"{folder}: wanted a folder with {wanted.name}, found none.")
    named = [path for path in _files(folder) if path.name == wanted.name]
    if named:
        return next((path for path in named if path.as_posix().endswith(wanted.path)), named[0])
    same = next((path for path in _files(folder) if _is(path, path.stat().st_size, wanted)), None)
    if same is not None:
        raise WeightsError(f"{folder}: wanted {wanted.name}, found it renamed to {same.name}; give it back its name.")
    raise WeightsError(f"{folder}: {wanted.name} is missing; fetch it with `reenact pull`.")


def digest(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _is(path: Path, size: int, file: WeightFile) -> bool:
    return size == file.size and digest(path) == file.sha256
