"""What every measurement of quality needs, opened once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.films import FILMS, Choice, shrunk
from benchmarks.identity import Identity, open_identity
from benchmarks.metrics import Mask
from reenact.bundle import bundled, open_bundle
from reenact.devices.pictures import read_picture
from reenact.engine import Engine
from reenact.errors import NoFaceError
from reenact.faces import Blendshapes, Finder, Tracker, open_blendshapes, open_finder
from reenact.lite import open_lite
from reenact.lite.matte import person_mask
from reenact.lite.stage import head_size, stage
from reenact.motion import calmest
from reenact.network import Network
from reenact.types import Face, Frame, Image

CALM_SECONDS = 3.0
"""In these the calmest frame is looked for."""
NOBODY = 0.02
"""A person mask below this is background."""


@dataclass(frozen=True, slots=True)
class Studio:
    """An engine and the eyes that judge it."""

    engine: Engine
    finder: Finder
    blendshapes: Blendshapes
    person: Network
    identity: Identity

    def tracker(self) -> Watched:
        """A tracker of its own: it remembers whom it follows."""
        return Watched(Tracker(self.finder))

    def background(self, image: Image, face: Face) -> Mask:
        """(H, W): where nobody stands. Around the head only is looked for a person; beyond, nothing may change."""
        around = stage(face.landmarks, image.shape[1], image.shape[0])
        empty = np.ones(image.shape[:2], bool)
        mask = person_mask(self.person, around.cut(image), head_size(face.landmarks))
        empty[around.top : around.top + around.height, around.left : around.left + around.width] = mask < NOBODY
        return empty


class Watched:
    """A tracker whose last answer can be read."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self.face: Face | None = None

    def __call__(self, image: Image) -> Face | None:
        self.face = self._tracker(image)
        return self.face


def open_studio(identity: Path, *, backend: str = "cpu", threads: int | None = None) -> Studio:
    """Raises BundleError, BackendError, MediaError."""
    return Studio(
        open_lite(backend=backend, threads=threads),
        open_finder(backend=backend, threads=threads),
        open_blendshapes(backend=backend, threads=threads),
        open_bundle(bundled("engines", "faces")).network("person", backend=backend, threads=threads),
        open_identity(identity, threads=threads),
    )


def opening(studio: Studio, film: Path, *, calm: bool) -> tuple[Frame, Face]:
    """The frame that becomes the avatar: the film's first with a face, or the calmest soon after it.

    Raises:
        NoFaceError, MediaError
    """
    return calmest_of(studio, film) if calm else first_of(studio.finder, film, Choice().frames(film))


def first_of(finder: Finder, film: Path, frames: Iterable[Frame]) -> tuple[Frame, Face]:
    """The first frame with a face, and its largest. Raises NoFaceError."""
    for frame in frames:
        if found := finder(frame.image):
            return frame, finder.settle(frame.image, found[0])
    raise NoFaceError(f"{film}: wanted an actor, found no face in the whole film.")


def picture_with_face(finder: Finder, path: Path) -> tuple[Image, Face]:
    """A picture, or the first frame of a film that has one, and its largest face. Raises NoFaceError, MediaError."""
    if path.suffix.lower() in FILMS:
        frame, face = first_of(finder, path, Choice().frames(path))
        return frame.image, face
    image = shrunk(read_picture(path))
    try:
        return image, finder.only(image)
    except NoFaceError as error:
        raise NoFaceError(f"{path}: {error}") from error


def calmest_of(studio: Studio, film: Path) -> tuple[Frame, Face]:
    """The calmest in the first seconds; read twice, since many frames are more than memory likes."""
    track, seen = studio.tracker(), []
    for frame in Choice(seconds=CALM_SECONDS).frames(film):
        if (face := track(frame.image)) is not None:
            seen.append((frame.index, studio.engine.motion(frame.image, face)))
    if not seen:
        return first_of(studio.finder, film, Choice().frames(film))
    index = seen[calmest([motion for _, motion in seen], studio.engine.effort)][0]
    return first_of(studio.finder, film, (frame for frame in Choice().frames(film) if frame.index >= index))
