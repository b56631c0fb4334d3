"""python -m benchmarks.showcase [-o docs/demo.jpg]: README's picture: bundled avatars go through the performance."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from reenact.bundle import bundled
from reenact.devices.pictures import read_picture, write_picture
from reenact.faces import Finder, open_finder
from reenact.lite import LiteEngine, open_lite
from reenact.pipeline import Reenactor
from reenact.recording import Recording, load_recording
from reenact.types import Array, Image

AVATARS = ("hopper", "tanguy", "collins")
MOMENTS = (1.8, 3.2, 3.9, 5.2, 6.08, 7.2, 8.5)
"""Seconds of the performance: raised brows, looks to either side, a smile, two syllables, a wink."""
CELL = 210
"""px"""


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.showcase", description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/demo.jpg"))
    out: Path = parser.parse_args().out
    engine, finder = open_lite(), open_finder()
    recording = load_recording(bundled("examples", "performance.npz"))
    rows = [row(engine, finder, recording, name) for name in AVATARS]
    write_picture(out, np.ascontiguousarray(np.vstack(rows)))


def row(engine: LiteEngine, finder: Finder, recording: Recording, name: str) -> Image:
    """The picture as it is, then at each moment."""
    picture = read_picture(bundled("examples", f"{name}.jpg"))
    avatar = engine.prepare(picture, finder.only(picture), size=512)
    reenactor = Reenactor(engine, lambda image: None, avatar, neutral=recording.motions[0])
    at = recording.seconds.searchsorted(MOMENTS)
    images = [avatar.image, *(reenactor.perform(recording.motions[i], float(recording.seconds[i])) for i in at)]
    return np.hstack([cell(image, avatar.face.box) for image in images])


def cell(image: Image, box: Array, reach: float = 2.1) -> Image:
    """A square around a face (4,), so many times as high."""
    side = int((box[3] - box[1]) * reach)
    left, top = np.maximum((box[:2] + box[2:]) / 2 - [side / 2, side * 0.525], 0).astype(int)
    side = min(side, image.shape[1] - left, image.shape[0] - top)
    square = image[top : top + side, left : left + side]
    return np.asarray(cv2.resize(square, (CELL, CELL), interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
