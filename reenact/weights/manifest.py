"""What is known about weights before a byte of them is here."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from reenact.errors import WeightsError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightFile(_Strict):
    """One file."""

    path: str
    """Below the folder of the weights, and below a mirror's URL."""
    size: int
    """bytes"""
    sha256: str

    @property
    def name(self) -> str:
        """Without folders."""
        return Path(self.path).name


class Weights(_Strict):
    """All files that an engine is made from."""

    name: str
    licence: str
    licence_text: str
    mirrors: list[str]
    """URLs that end in a slash; the first one that answers serves."""
    files: list[WeightFile]


def known() -> list[str]:
    """Names of all weights that can be fetched."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


def open_weights(name: str) -> Weights:
    """What is known about weights.

    Raises:
        WeightsError: nothing.
    """
    if name not in known():
        raise WeightsError(f"{name}: no such weights; there are: {', '.join(known())}.")
    path = Path(__file__).parent / f"{name}.toml"
    return Weights.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
