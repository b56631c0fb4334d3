"""python -m benchmarks.sheet AVATAR_OR_FOLDER ACTOR -o sheet.jpg: what is drawn, to be looked at.

A row of the actor over time, and under it one for every avatar: the picture at rest, then what it shows. An avatar may
be a film: its first frame. Without ACTOR every film follows itself, the film above, the avatar below.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.films import FILMS, PICTURES, Choice
from benchmarks.studio import first_of, picture_with_face
from reenact.compose import paste_back
from reenact.devices.pictures import check_picture_name, write_picture
from reenact.engine import Engine
from reenact.errors import MediaError, NoFaceError, ReenactError
from reenact.faces import Finder, Tracker, open_finder
from reenact.lite import open_lite
from reenact.lite.control import stage
from reenact.types import Avatar, Face, Image, Motion

MISSING = 40
"""Grey level of a cell where the actor has no face."""
Cells = list[Image]


class Sheet:
    """Draws rows of square cells."""

    def __init__(self, engine: Engine, finder: Finder, cell: int) -> None:
        self._engine, self._finder, self._cell = engine, finder, cell

    def actor(self, film: Path, count: int, choice: Choice) -> tuple[Cells, Motion, list[Motion | None]]:
        """Cells and motions of `count` moments, and the neutral: the first frame with a face."""
        neutral_frame, face = first_of(self._finder, film, choice.frames(film))
        track, cells, motions = Tracker(self._finder), [], []
        wanted = set(np.linspace(neutral_frame.index, _last(film, choice), count).astype(int).tolist())
        for frame in choice.frames(film):
            seen = track(frame.image)
            if frame.index in wanted:
                cells.append(self.cell(frame.image, face, str(frame.index)))
                motions.append(None if seen is None else self._engine.motion(frame.image, seen))
        return cells, self._engine.motion(neutral_frame.image, face), motions

    def avatar(self, path: Path) -> Avatar:
        """From a picture, or a film's first frame with a face. Raises NoFaceError, MediaError."""
        image, face = picture_with_face(self._finder, path)
        return self._engine.prepare(image, face)

    def row(self, avatar: Avatar, name: str, neutral: Motion, motions: Sequence[Motion | None]) -> Cells:
        """The avatar at rest, then as each motion moves it."""
        cells = [self.cell(avatar.image, avatar.face, name)]
        for motion in motions:
            if motion is None:
                cells.append(np.full_like(cells[0], MISSING))
                continue
            drawn = self._engine.animate(avatar, self._engine.transfer(avatar.motion, motion, neutral))
            cells.append(self.cell(paste_back(drawn, avatar), avatar.face, ""))
        return cells

    def cell(self, image: Image, face: Face, label: str) -> Image:
        """The head's surroundings, squared, with a label in the corner."""
        around = stage(face.landmarks, image.shape[1], image.shape[0]).cut(image)
        scale = self._cell / max(around.shape[:2])
        small = cv2.resize(around, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[: self._cell, : self._cell]
        square = np.zeros((self._cell, self._cell, 3), np.uint8)
        square[: small.shape[0], : small.shape[1]] = small
        cv2.putText(square, label, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 0), 1, cv2.LINE_AA)
        return square

    def blank(self) -> Image:
        return np.zeros((self._cell, self._cell, 3), np.uint8)


def main() -> None:
    """Draw, and write."""
    options = parse()
    try:
        check_picture_name(options.out)
        sheet = Sheet(open_lite(), open_finder(), options.cell)
        choice = Choice(seconds=options.seconds)
        rows = cast(sheet, options.avatar, options.actor, options.count, choice)
        write_picture(options.out, np.vstack([np.hstack(row) for row in rows]))
    except ReenactError as error:
        sys.exit(f"benchmarks.sheet: {error}")
    print(f"{options.out}: {len(rows)} rows")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheet", description=__doc__)
    parser.add_argument("avatar", type=Path, help="a picture, a film, or a folder of them")
    parser.add_argument("actor", type=Path, nargs="?", help="a film; without it each avatar film follows itself")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=8, help="moments")
    parser.add_argument("--cell", type=int, default=240, help="px")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="only the beginning of the film")
    return parser.parse_args()


def cast(sheet: Sheet, avatars: Path, actor: Path | None, count: int, choice: Choice) -> list[Cells]:
    """All rows. Raises MediaError, NoFaceError."""
    rows: list[Cells] = []
    played = None if actor is None else sheet.actor(actor, count, choice)
    if played is not None:
        rows.append([sheet.blank(), *played[0]])
    for path in members(avatars):
        try:
            cells, neutral, motions = played or sheet.actor(path, count, choice)
            rows += [[sheet.blank(), *cells]] if played is None else []
            rows.append(sheet.row(sheet.avatar(path), path.stem, neutral, motions))
        except NoFaceError as error:
            print(f"left out: {error}", file=sys.stderr)
    return rows


def members(path: Path) -> list[Path]:
    """A file itself, or the pictures and films of a folder, by name. Raises MediaError: none there."""
    if not path.is_dir():
        return [path]
    found = sorted(inside for inside in path.iterdir() if inside.suffix.lower() in FILMS + PICTURES)
    if not found:
        raise MediaError(f"{path}: wanted a folder of pictures or films, found none.")
    return found


def _last(film: Path, choice: Choice) -> int:
    """Index of the last chosen frame."""
    return max((frame.index for frame in choice.frames(film)), default=0)


if __name__ == "__main__":
    main()
