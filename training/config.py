"""What a training run is told: a strict TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ConfigError(Exception):
    """A config that cannot be used; says why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Strict):
    """What is trained on. A folder holds stills/, clips/ or both, and every file stands in a manifest.csv."""

    folders: dict[Path, float]
    """Folder (relative to the config file) -> its share of the samples."""
    stills: float = Field(0.6, ge=0, le=1)
    """Of a folder that has both: the part of its samples that comes from stills."""
    licences: tuple[str, ...]
    """Licence classes that may be trained on; any other file in a folder's manifest is passed over."""


class Losses(_Strict):
    """What is minimised; each weight multiplies a mean."""

    inside: float = 4.0
    """How much more errors count where the mouth or the eye is open."""
    perceptual: float = 1.0
    adversarial: float = 0.0
    restraint: float = 0.01
    """On how much is painted at all: what the warp draws well stays as sharp as it is."""


class Config(_Strict):
    """One run."""

    seed: int = 0
    steps: int = Field(gt=0)
    batch: int = Field(16, gt=0)
    """Mouths at a step; and as many samples' eyes, two each."""
    fresh: int = Field(6, gt=0)
    """Samples at a step that are newly made; the others are drawn again from the pool."""
    pool: int = Field(6000, gt=0)
    """Samples kept to be drawn again."""
    rate: float = Field(4e-4, gt=0)
    decay: float = Field(0.3, ge=0, le=1)
    """In this last part of the run the rate falls to 0."""
    average: float = Field(0.998, ge=0, lt=1)
    """The weights that are kept are a moving average, which forgets so slowly."""
    adversarial_from: int = 0
    """The step from which there is a discriminator."""
    threads: int = Field(1, gt=0)
    log_every: int = 20
    save_every: int = 500
    data: Data
    losses: Losses = Losses()


def read_config(path: Path) -> Config:
    """Folders in it become relative to the working directory.

    Raises:
        ConfigError: unreadable, unknown or missing keys, values out of range.
    """
    try:
        config = Config.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from error
    folders = {path.parent / folder: share for folder, share in config.data.folders.items()}
    return config.model_copy(update={"data": config.data.model_copy(update={"folders": folders})})
