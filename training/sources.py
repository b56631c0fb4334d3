"""What is trained on: stills and clips, each with the faces that the engine's own tracker finds in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.errors import ReenactError
from reenact.faces import Finder, Tracker
from reenact.lite import LiteEngine
from reenact.lite.features import EYES, eye_height, glance, mouth_gap
from reenact.types import Array, Face, Image, Motion
from training.config import ConfigError, Data

LONGEST = 1200
"""Frames of a clip that are used."""
KINDS = ("stills", "clips")
FILMS = (".mp4", ".mov", ".mkv", ".webm")


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture with its face."""

    image: Image
    face: Face
    motion: Motion


class Shots:
    """All that one file shows, read when it is first asked for."""

    def __init__(self, engine: LiteEngine, finder: Finder, path: Path) -> None:
        self._engine, self._finder = engine, finder
        self.path = path

    @cached_property
    def seen(self) -> list[Seen]:
        """Frames with a face; one for a still; none where nothing was found or read."""
        try:
            return [Seen(image, face, self._engine.motion(image, face)) for image, face in self._read()]
        except ReenactError as error:
            print(f"passed over: {error}")
            return []

    @cached_property
    def appeal(self) -> Array:
        """(N,) how often each frame is the target: open mouths, shut eyes and side looks are rare, and teach most."""
        gaps = np.array([mouth_gap(shape) for shape in self._shapes])
        aside = np.abs(np.array([glance(shape) for shape in self._shapes]))
        appeal = 0.25 + np.minimum(gaps / 0.12, 2.5) + 2 * np.clip(1.3 - 2 * self.awake, 0, 1)
        appeal += np.minimum(aside / 0.1, 1.5)
        return np.asarray(appeal / appeal.sum())

    @cached_property
    def awake(self) -> Array:
        """(N,) how open the eye is that is less so, in parts of how it mostly is."""
        eyes = np.array([[eye_height(shape, eye) for eye in EYES] for shape in self._shapes])
        return np.asarray((eyes / np.maximum(np.quantile(eyes, 0.8, axis=0), 1e-6)).min(1))

    @property
    def _shapes(self) -> list[Array]:
        return [one.motion.shape for one in self.seen]

    def _read(self) -> Iterator[tuple[Image, Face]]:
        if self.path.suffix.lower() not in FILMS:
            image = read_picture(self.path)
            for face in self._finder(image)[:1]:
                yield image, self._finder.settle(image, face)
            return
        track = Tracker(self._finder)
        with VideoSource(self.path) as source:
            for frame in source:
                if frame.index >= LONGEST:
                    return
                if (face := track(frame.image)) is not None:
                    yield frame.image, face


@dataclass(frozen=True, slots=True)
class Library:
    """One folder of stills and clips."""

    stills: list[Shots]
    clips: list[Shots]
    licences: dict[str, int]
    """Licence class -> files of it."""


def open_library(engine: LiteEngine, finder: Finder, folder: Path, data: Data) -> Library:
    """The files of a folder that stand in its manifest with a licence that may be trained on.

    Raises:
        ConfigError: no manifest, or nothing that may be used.
    """
    listed = _manifest(folder)
    used = {path: licence for path, licence in listed.items() if _allowed(licence, data.licences)}
    by_kind = {
        kind: [Shots(engine, finder, path) for path in sorted(used) if path.parent.name == kind] for kind in KINDS
    }
    if not any(by_kind.values()):
        raise ConfigError(
            f"{folder}: no stills/ or clips/ in it whose manifest names one of: {', '.join(data.licences)}"
        )
    licences = {licence: list(used.values()).count(licence) for licence in sorted(set(used.values()))}
    return Library(by_kind["stills"], by_kind["clips"], licences)


def _manifest(folder: Path) -> dict[Path, str]:
    """Files that are there -> licence class. manifest.csv (columns: file, licence) lies in the folder or beside it."""
    for home in (folder, folder.parent):
        path = home / "manifest.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as lines:
                rows = [(home / row["file"], row["licence"]) for row in csv.DictReader(lines)]
            inside = {file: licence for file, licence in rows if folder in file.parents and file.is_file()}
            if inside:
                return inside
    raise ConfigError(f"{folder}: wanted a manifest.csv in it or beside it (columns: file, licence), found none for it")


def _allowed(licence: str, classes: tuple[str, ...]) -> bool:
    """Whether a class like 'public-domain(likely)' is one of those that may be used."""
    return any(licence == name or licence.startswith(f"{name}(") for name in classes)
