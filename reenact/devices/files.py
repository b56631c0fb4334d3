"""Files at the door: what can be read, and output that is either whole under its name or not there at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reenact.errors import MediaError

Seal = Callable[[Path, str], None]
"""What is done to a whole file before it gets its name: it lies at the path, the name will end with that suffix."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where there is no room."""


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
    target = _target(path)
    with writing(target):
        _check_place(target)
        probe = _temporary(target)
        try:
            probe.touch(exist_ok=False)
        finally:  # a signal may come in between
            probe.unlink(missing_ok=True)


class Unfinished:
    """A temporary name beside `path`, to be written to: `finish` gives it the name, `discard` removes what is left.

    Where `path` is a link, what it leads to is written, and the link stays.
    """

    def __init__(self, path: Path, seal: Seal | None = None) -> None:
        check_writable(path)
        self._target, self._suffix, self._seal = _target(path), path.suffix, seal
        self.path = _temporary(self._target)

    def finish(self) -> None:
        """Take the place of `path`, sealed. Raises MediaError where that fails, and what `seal` raises."""
        with writing(self._target):
            if self._seal is not None:
                self._seal(self.path, self._suffix)
            self.path.replace(self._target)

    def discard(self) -> None:
        """Remove what was not finished; nothing to do after `finish`."""
        self.path.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Any OSError in the block (a full disk, say) becomes a MediaError about `path`."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(path, error) from error


def _target(path: Path) -> Path:
    """What a link leads to in the end, there or not; anything else as it was named."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _check_place(path: Path) -> None:
    if path.is_symlink():
        raise MediaError(f"{path}: cannot write it, that name is a link in a circle; give another name.")
    if not path.parent.is_dir():
        raise MediaError(f"{path}: cannot write it, the folder {path.parent} is not there; make it first.")
    if path.is_dir():
        raise MediaError(f"{path}: cannot write it, that name is a folder; give a file name in it.")
    if path.exists() and not path.is_file():
        raise MediaError(f"{path}: cannot write it, that name is a device and no file; give a file name.")
    if path.exists() and not os.access(path, os.W_OK):
        raise MediaError(f"{path}: cannot write it, the file there is read-only; give another name.")


def _temporary(path: Path) -> Path:
    """Hidden, beside `path` (a rename across disks is a copy), and short enough whatever the name's length."""
    return path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.part")


def _cannot_write(path: Path, error: OSError) -> MediaError:
    if error.errno in FULL:
        return MediaError(f"{path}: cannot write it ({_reason(error)}); free some space or choose another folder.")
    return MediaError(
        f"{path}: cannot write it, {path.parent} takes no such file ({_reason(error)}); choose another folder or name."
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
