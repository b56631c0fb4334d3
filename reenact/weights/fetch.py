"""Downloads weights: the only place in this package that talks to a network, and only when it is asked to."""

from __future__ import annotations

import http.client
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from reenact.errors import WeightsError
from reenact.weights.check import CHUNK, check
from reenact.weights.manifest import WeightFile, Weights

logger = logging.getLogger(__name__)

OFFLINE = "REENACT_OFFLINE"
"""An environment variable: set to anything but 0 it forbids the network."""
ATTEMPTS = 4
"""Times that a mirror which breaks off is asked to go on."""
TIMEOUT = 30.0
"""Seconds without a byte after which a mirror counts as gone."""

Progress = Callable[[WeightFile, int], None]
"""Told the bytes of a file that are here by now."""


class _BrokenError(Exception):
    """A transfer ended too early; what came is kept, and the rest can be asked for."""


class _RefusedError(Exception):
    """A mirror does not have what is wanted."""


def fetch(weights: Weights, folder: Path, progress: Progress = lambda file, done: None) -> None:
    """Bring all files into a folder; those that are there and right stay, those half there are gone on with.

    Raises:
        WeightsError: the network is forbidden, or no mirror has a file as it should be.
    """
    for file in weights.files:
        if not _present(folder / file.path, file, weights):
            _download(weights, file, folder / file.path, progress)


def _present(path: Path, file: WeightFile, weights: Weights) -> bool:
    if not path.exists():
        return False
    try:
        check(path, file, weights)
    except WeightsError as error:
        logger.warning("%s It is fetched anew.", error)
        return False
    return True


def _download(weights: Weights, file: WeightFile, path: Path, progress: Progress) -> None:
    if os.environ.get(OFFLINE, "0") not in ("", "0"):
        raise WeightsError(f"{file.name}: not here, and {OFFLINE} is set; get it elsewhere and use --from DIR.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    reasons = []
    for mirror in weights.mirrors:
        try:
            _from_mirror(mirror + file.path, file, part, progress)
            check(part, file, weights)
        except (_RefusedError, WeightsError) as error:
            if not isinstance(error, _RefusedError):
                part.unlink(missing_ok=True)  # whole, and wrong: nothing to go on with
            reasons.append(f"{mirror}: {error}")
            continue
        part.replace(path)
        return
    raise WeightsError(f"{file.name}: no mirror has it as it should be. {'; '.join(reasons)}")


def _from_mirror(url: str, file: WeightFile, part: Path, progress: Progress) -> None:
    """Until the part has the file's size. Raises _RefusedError."""
    reason = "nothing came"
    for _ in range(ATTEMPTS):
        try:
            _go_on(url, file, part, progress)
        except _BrokenError as error:
            reason = str(error)
        else:
            return
    raise _RefusedError(f"broke off {ATTEMPTS} times ({reason}); try again later, it goes on where it stopped")


def _go_on(url: str, file: WeightFile, part: Path, progress: Progress) -> None:
    """Ask once for what is still missing. Raises _BrokenError, _RefusedError."""
    have = part.stat().st_size if part.exists() else 0
    if have > file.size:
        part.unlink()
        have = 0
    if have == file.size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            have = have if answer.status == 206 else 0
            _check_length(answer, file, have)
            _receive(answer, file, part, have, progress)
    except urllib.error.HTTPError as error:
        raise _RefusedError(f"answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(str(error) or type(error).__name__) from error


def _check_length(answer: http.client.HTTPResponse, file: WeightFile, have: int) -> None:
    """Raise _RefusedError where the mirror announces another file, or another part of it."""
    start = answer.headers.get("Content-Range", f"bytes {have}-")
    if not start.startswith(f"bytes {have}-"):
        raise _RefusedError(f"sent {start}, wanted from byte {have} on")
    length = answer.headers.get("Content-Length")
    if length is not None and length != str(file.size - have):
        raise _RefusedError(f"has {length} bytes, wanted {file.size - have}: another file")


def _receive(answer: http.client.HTTPResponse, file: WeightFile, part: Path, have: int, progress: Progress) -> None:
    with part.open("ab" if have else "wb") as out:
        while data := answer.read(CHUNK):
            have += len(data)
            if have > file.size:
                raise _RefusedError(f"sent more than the {file.size} bytes wanted: another file")
            out.write(data)
            progress(file, have)
    if have < file.size:
        raise _BrokenError(f"ended after {have} of {file.size} bytes")
