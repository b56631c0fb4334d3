"""Files at the door: what can be read, and output that is either whole under its name or not there at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reenact.errors import MediaError


def check_readable(path: Path, wanted: str) -> None:
    """Raise MediaError unless `path` is a file with something in it. `wanted` names what it should be: "a picture"."""
    try:
        if path.is_dir():
            raise MediaError(f"{path}: wanted {wanted}, found a folder; name a file in it.")
        if not path.is_file():
            raise MediaError(f"{path}: wanted {wanted}, found no such file; check the path.")
        if path.stat().st_size == 0:
            raise MediaError(f"{path}: wanted {wanted}, found an empty file (0 bytes); copy or download it again.")
        with path.open("rb"):
            pass
    except OSError as error:
        raise MediaError(f"{path}: wanted {wanted}, could not read it ({_reason(error)}); check the path.") from error


def check_writable(path: Path) -> None:
    """Raise MediaError unless a file could be written under the name `path`; leaves nothing behind."""
    _check_place(path)
    probe = _temporary(path)
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise _cannot_write(path, error) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`: renamed to `path` when the block succeeds, removed when anything goes wrong.

    Raises MediaError where the folder is missing or cannot be written to, and for any OSError in the block
    (a full disk, say).
    """
    _check_place(path)
    unfinished = _temporary(path)
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _check_place(path: Path) -> None:
    try:
        if not path.parent.is_dir():
            raise MediaError(f"{path}: cannot write it, the folder {path.parent} is not there; make it first.")
        if path.is_dir():
            raise MediaError(f"{path}: cannot write it, that name is a folder; give a file name in it.")
        if path.exists() and not path.is_file():
            raise MediaError(f"{path}: cannot write it, that name is a device and no file; give a file name.")
        if path.exists() and not os.access(path, os.W_OK):
            raise MediaError(f"{path}: cannot write it, the file there is read-only; give another name.")
    except OSError as error:
        raise _cannot_write(path, error) from error


def _temporary(path: Path) -> Path:
    """Hidden, beside `path` (a rename across disks is a copy), and short enough whatever the name's length."""
    return path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.part")


def _cannot_write(path: Path, error: OSError) -> MediaError:
    return MediaError(f"{path}: cannot write it ({_reason(error)}); free some space there or choose another folder.")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
