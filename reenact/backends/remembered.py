"""What `auto` found out about a network on this machine, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

logger = logging.getLogger(__name__)

TOLERANCE = 40.0
"""dB: every output has to agree with the reference at least so well. bfloat16 gets about 50, a black square 30."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Trial(_Strict):
    """How one backend did with one form of a network."""

    form: str
    backend: str
    milliseconds: float | None = Field(ge=0)
    """For one run, the best of several; None: it did not get so far."""
    psnr: float | None
    """dB from the reference; None: not to be had, or no number."""
    complaint: str
    """Why it is not taken; empty where it may be."""

    @model_validator(mode="after")
    def _taken_if_right(self) -> Trial:
        if not self.complaint and (self.milliseconds is None or self.psnr is None or self.psnr < TOLERANCE):
            raise ValueError("not right, and nothing to complain of")
        return self


class Key(_Strict):
    """What findings hold for. Another version, another device or another graph: they are no findings at all."""

    forms: tuple[str, ...]
    """sha256 of each, and what it may run on."""
    backends: tuple[str, ...]
    """Each with its version and device."""
    machine: str
    """See `processor.fingerprint`."""
    threads: int
    tolerance: float = TOLERANCE


class Findings(_Strict):
    """One file."""

    key: Key
    name: str
    """The network's, for people."""
    trials: tuple[Trial, ...]

    def ranking(self) -> list[tuple[str, str]]:
        """Form and backend of those that may run it, the fastest first."""
        fit = [trial for trial in self.trials if trial.milliseconds is not None and not trial.complaint]
        return [(trial.form, trial.backend) for trial in sorted(fit, key=lambda trial: trial.milliseconds or 0)]


def recall(key: Key) -> Findings | None:
    """What is remembered; None: nothing, or nothing that could be trusted."""
    found = _read(_file(key))
    return found if found is not None and found.key == key and found.ranking() else None


def remember(findings: Findings) -> None:
    """Keep it; a folder that cannot be written costs the next run some time, and no more."""
    path = _file(findings.key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(findings.model_dump(mode="json"), indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        logger.warning("%s: findings cannot be kept (%s); they will be made anew", path, error.strerror)


def everything() -> Sequence[Findings]:
    """All that is remembered, by name."""
    found = (_read(path) for path in sorted(cache_folder().glob("*.json")))
    return sorted((one for one in found if one is not None), key=lambda one: one.name)


def cache_folder() -> Path:
    """Where it is kept: the system's custom; XDG_CACHE_HOME counts everywhere if it is an absolute path."""
    if Path(named := os.environ.get("XDG_CACHE_HOME", "")).is_absolute():
        return Path(named) / "reenact" / "backends"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "reenact" / "cache" / "backends"
    own = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return own / "reenact" / "backends"


def _file(key: Key) -> Path:
    return cache_folder() / f"{hashlib.sha256(key.model_dump_json().encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> Findings | None:
    try:
        return Findings.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
