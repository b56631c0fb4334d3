"""The user's own folders, and what `config.toml` in the first of them may say. Nothing is read or made on import."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from reenact.errors import ProvenanceError

CONFIG = "REENACT_CONFIG"
"""Environment variable: another file than `config.toml` in the user's folder."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProvenanceSettings(_Strict):
    """The table `[provenance]`."""

    certificate: Path | None = None
    """PEM chain, the signer's own certificate first; None: one is made on first use."""
    key: Path | None = None
    """PEM, without a password; belongs to `certificate`."""
    require_watermark: bool = False
    """Refuse `--no-watermark`: for kiosks and servers."""


class Settings(_Strict):
    """The whole file."""

    provenance: ProvenanceSettings = ProvenanceSettings()


def read_settings() -> Settings:
    """What the user's file says; the defaults where there is none.

    Raises:
        ProvenanceError: it cannot be read, is no TOML, or has unknown keys.
    """
    named = os.environ.get(CONFIG)
    path = Path(named) if named else config_folder() / "config.toml"
    if not named and not path.is_file():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ProvenanceError(f"{path}: cannot be read ({error.strerror}); check {CONFIG}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise ProvenanceError(f"{path}: not a configuration: {' '.join(str(error).split())}; mend it.") from error


def config_folder() -> Path:
    """Where settings and the signing key belong."""
    return _folder("XDG_CONFIG_HOME", ".config", "APPDATA")


def data_folder() -> Path:
    """Where statements of consent belong."""
    return _folder("XDG_DATA_HOME", ".local/share", "LOCALAPPDATA")


def _folder(variable: str, unix: str, windows: str) -> Path:
    """The system's custom; an XDG variable counts everywhere if it is an absolute path."""
    if Path(named := os.environ.get(variable, "")).is_absolute():
        return Path(named) / "reenact"
    if sys.platform == "win32":
        return Path(os.environ.get(windows) or Path.home()) / "reenact"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "reenact"
    return Path.home() / unix / "reenact"
