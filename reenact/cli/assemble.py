"""Builds the parts that the commands run: engine, tracker, avatar, Reenactor."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import typer

from reenact.bundle import bundled
from reenact.devices.pictures import read_picture
from reenact.engine import Engine
from reenact.errors import BundleError, NoFaceError
from reenact.faces import Tracker, open_finder
from reenact.faces.finder import Finder
from reenact.lite import open_lite
from reenact.liveportrait import Directions, open_liveportrait
from reenact.pipeline import Reenactor
from reenact.smoothing import Smoother
from reenact.types import Array, Avatar, Face, Image, Motion

LARGEST = 1080
"""px: the short side of an avatar whose size was not asked for."""


LITE = "lite"
"""The engine that everybody has."""


PLAIN = Directions()
"""What nobody has to ask for."""


def open_engine(
    name: str = LITE,
    *,
    backend: str = "cpu",
    background: bool = True,
    directions: Directions = PLAIN,
    insightface: Path | None = None,
) -> Engine:
    """An engine by name or folder.

    background: keep what is behind the head still; only `lite` can do without. directions, insightface: not for `lite`.

    Raises:
        BundleError, BackendError
        WeightsError: the networks of insightface are not there.
    """
    if name == LITE:
        check_undirected(directions, insightface)
        return open_lite(backend=backend, background=background)
    if not background:
        raise BundleError(f"engine {name}: paints the background with the head; --no-background is for {LITE}.")
    return open_liveportrait(engine_folder(name), backend=backend, directions=directions, insightface=insightface)


def check_undirected(directions: Directions, insightface: Path | None) -> None:
    """Raise BundleError where the engine that knows nothing of them is told these."""
    names = [field.name for field in fields(Directions)]
    asked = [name.replace("_", "-") for name in names if getattr(directions, name) != getattr(PLAIN, name)]
    asked += ["insightface"] if insightface is not None else []
    if asked:
        raise BundleError(f"engine {LITE}: knows no {', '.join(asked)}; leave it out, or take --engine liveportrait.")


def engine_folder(name: str) -> Path:
    """Where the engine of a name lies; a folder with an `engine.toml` is its own name.

    Raises:
        BundleError: nowhere.
    """
    for folder in (Path(name), bundled("engines", name)):
        if (folder / "engine.toml").is_file():
            return folder
    raise BundleError(
        f"engine {name}: not on this machine (looked in {folder}). See `reenact pull --help` on how to get it."
    )


def open_tracker() -> Tracker:
    """A tracker of its own: it remembers whom it follows. One thread: it leaves the other cores to the engine."""
    return Tracker(open_finder(threads=1))


def prepare_avatar(
    engine: Engine, finder: Finder, path: Path, *, size: int | None = None, face_box: Array | None = None
) -> Avatar:
    """Read a picture and make it an avatar; size: short side of the output, px; None: its own, at most 1080.

    Raises:
        MediaError, NoFaceError
    """
    image, face = read_face(finder, path, face_box)
    return engine.prepare(image, face, size=size or min(LARGEST, *image.shape[:2]))


def read_face(finder: Finder, path: Path, face_box: Array | None = None) -> tuple[Image, Face]:
    """A picture and the largest face in it.

    Raises:
        MediaError, NoFaceError: with the file's name.
    """
    image = read_picture(path)
    try:
        return image, finder.only(image, box=face_box)
    except NoFaceError as error:
        raise NoFaceError(f"{path}: {error}") from error


def new_reenactor(
    engine: Engine, avatar: Avatar, *, neutral: Motion | None = None, smooth: bool, absolute: bool = False
) -> Reenactor:
    """A Reenactor with a tracker of its own."""
    smoother = Smoother() if smooth else None
    return Reenactor(engine, open_tracker(), avatar, neutral=neutral, smooth=smoother, absolute=absolute)


def parse_box(text: str | None) -> Array | None:
    """'x0,y0,x1,y1' -> (4,) px.

    Raises:
        typer.BadParameter: not four numbers, or an empty box.
    """
    if text is None:
        return None
    try:
        box = np.array([float(part) for part in text.split(",")])
    except ValueError:
        box = np.zeros(0)
    if box.shape != (4,) or not np.isfinite(box).all() or (box[2:] <= box[:2]).any():
        raise typer.BadParameter(f"wanted x0,y0,x1,y1 in px with x0 < x1 and y0 < y1, got {text!r}")
    return box
