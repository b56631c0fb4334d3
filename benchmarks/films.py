"""Which films and pictures, and which frames of them, are measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from reenact.devices.video import VideoSource
from reenact.devices.video_sink import MUXERS
from reenact.errors import MediaError
from reenact.types import Frame, Image

FILMS = (*MUXERS, ".webm", ".avi")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
LARGEST = 1080
"""px: the short side of larger frames becomes this, as `reenact render` does with avatars."""
RUN = 3
"""Frames in a row that are measured together, so that trembling shows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which frames of a film."""

    every: int = 1
    """One run of 3 frames out of so many."""
    seconds: float = float("inf")
    """Of the film's beginning."""

    def frames(self, path: Path) -> Iterator[Frame]:
        """In order, at most 1080 px on the short side. Raises MediaError."""
        with VideoSource(path) as film:
            start = None
            for frame in film:
                start = frame.captured_at if start is None else start
                if frame.captured_at - start >= self.seconds:
                    return
                if frame.index // RUN % self.every == 0:
                    yield replace(frame, image=shrunk(frame.image))


def shrunk(image: Image) -> Image:
    """At most `LARGEST` px on the short side."""
    scale = LARGEST / min(image.shape[:2])
    if scale >= 1:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def films_in(data: Path) -> list[Path]:
    """The films of a folder, or of `clips` in it, by name. Raises MediaError: there are none."""
    return _files(data / "clips" if (data / "clips").is_dir() else data, FILMS, "films")


def avatars_in(data: Path) -> list[Path]:
    """The pictures of `stills` in a folder, by name; where there is no such folder, the films: their first frames."""
    return _files(data / "stills", PICTURES, "pictures") if (data / "stills").is_dir() else films_in(data)


def _files(folder: Path, suffixes: tuple[str, ...], what: str) -> list[Path]:
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in suffixes)
    if not found:
        raise MediaError(f"{folder}: wanted a folder of {what}, found none ({', '.join(suffixes)}).")
    return found
