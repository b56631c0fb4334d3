"""python -m benchmarks.grimaces [-o docs/painting.jpg]: bundled avatars make faces, with and without the generators.

For each picture two rows, by the warp alone and by the whole engine: mouth wide open, round, a toothy smile, speech,
shut eyes, a look aside. The faces are blendshapes worn by nobody: no actor's picture is in it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.showcase import cell
from reenact.bundle import bundled
from reenact.compose import paste_back
from reenact.devices.pictures import read_picture, write_picture
from reenact.faces import Finder, open_finder
from reenact.lite import LiteEngine, open_lite
from reenact.types import Image

AVATARS = ("hopper", "tanguy", "collins")
FACES: tuple[Mapping[str, float], ...] = (
    {"jawOpen": 0.75},
    {"jawOpen": 0.45, "mouthFunnel": 0.6, "mouthPucker": 0.5},
    {"jawOpen": 0.2, "mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "mouthUpperUpLeft": 0.5, "mouthUpperUpRight": 0.5},
    {"jawOpen": 0.25, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3},
    {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    {"eyeLookOutLeft": 0.9, "eyeLookInRight": 0.9},
)


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grimaces", description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/painting.jpg"))
    out: Path = parser.parse_args().out
    finder, engines = open_finder(), (open_lite(paints=False), open_lite())
    rows = [row(engine, finder, name) for name in AVATARS for engine in engines]
    write_picture(out, np.ascontiguousarray(np.vstack(rows)))


def row(engine: LiteEngine, finder: Finder, name: str) -> Image:
    """The picture as it is, then every face."""
    picture = read_picture(bundled("examples", f"{name}.jpg"))
    avatar = engine.prepare(picture, finder.only(picture), size=512)
    drawn = (paste_back(engine.animate(avatar, engine.acting(avatar.motion, face)), avatar) for face in FACES)
    return np.hstack([cell(image, avatar.face.box, 1.3) for image in (avatar.image, *drawn)])


if __name__ == "__main__":
    main()
