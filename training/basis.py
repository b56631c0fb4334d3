"""python -m training.basis DATA: fit what each of the 52 blendshapes does to a face, for absolute motion.

DATA holds `clips/` and `stills/` (../shared/data/train: the licence-clean tier only). Every face is brought to
canonical space; within a clip the mean is taken out (identity stays the same), across the stills identity averages
out. Offsets are then a linear function of the blendshapes, by ridge regression. Writes engines/lite/basis.npz; run
`python -m export lite` afterwards, which renews engine.toml.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.progress import track as progress

from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.faces import Tracker, open_blendshapes, open_finder
from reenact.faces.blendshapes import NAMES
from reenact.lite import LiteEngine, open_lite
from reenact.motion import posed
from reenact.types import Array, Face, Image

OUT = Path(__file__).parent.parent / "engines" / "lite" / "basis.npz"
RIDGE = 1.0
"""In the blendshapes' own squared units, per sample kept: small movements must not be read as large ones."""
STRIDE = 3
"""Every third frame of a clip says all that the clip says."""
LONGEST = 1500
"""Frames of a clip that are read."""

MIRRORED = [NAMES.index(name.replace("Left", "#").replace("Right", "Left").replace("#", "Right")) for name in NAMES]
"""The blendshape that each blendshape becomes in a mirror."""


def main() -> None:
    """Read, fit, say how well it fits, write."""
    parser = argparse.ArgumentParser(prog="python -m training.basis", description=__doc__)
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    engine, blendshapes = open_lite(), open_blendshapes()
    groups = []
    for images in [_stills(data / "stills"), *(_frames(path) for path in sorted((data / "clips").iterdir()))]:
        shapes, weights = [], []
        for image, face in images:
            shapes.append(canonical_shape(engine, image, face))
            weights.append(blendshapes(face.landmarks))
        groups.append((np.array(shapes), np.array(weights)))
    mirrored = mirror(engine.canonical)
    twins = [(s[:, mirrored] * [-1, 1, 1], w[:, MIRRORED]) for s, w in groups]
    stills = tuple(np.concatenate(pair) for pair in zip(groups[0], twins[0], strict=True))
    groups = [stills, *groups[1:], *twins[1:]]
    mean, offsets = fit(groups)
    print(f"explained variance over {sum(len(s) for s, _ in groups)} faces: {explained(groups, offsets):.3f}")
    np.savez_compressed(OUT, mean=mean.astype(np.float32), offsets=offsets.astype(np.float32))


def fit(groups: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Ridge regression. groups: the stills, then each clip: shapes (n, 478, 3), blendshapes (n, 52).

    Returns the mean (478, 3) and the offsets (52, 478, 3). `mean` is nobody's face at rest: all blendshapes 0.
    """
    shapes = np.concatenate([s - s.mean(0) for s, _ in groups]).reshape(-1, 478 * 3)
    weights = np.concatenate([w - w.mean(0) for _, w in groups])
    gram = weights.T @ weights + RIDGE * np.eye(weights.shape[1])
    offsets = np.linalg.solve(gram, weights.T @ shapes).reshape(-1, 478, 3)
    stills, worn = groups[0]
    return stills.mean(0) - np.tensordot(worn.mean(0), offsets, 1), offsets


def explained(groups: list[tuple[Array, Array]], offsets: Array) -> float:
    """Part of the movement within clips that the blendshapes account for."""
    left = total = 0.0
    for shapes, weights in groups[1:]:
        moved = shapes - shapes.mean(0)
        left += float(((moved - np.tensordot(weights - weights.mean(0), offsets, 1)) ** 2).sum())
        total += float((moved**2).sum())
    return 1 - left / total


def mirror(canonical: Array) -> Array:
    """(478,) the landmark that each landmark becomes in a mirror."""
    flipped = canonical * [-1, 1, 1]
    return np.asarray(((canonical[:, None] - flipped[None]) ** 2).sum(-1).argmin(1))


def canonical_shape(engine: LiteEngine, image: Image, face: Face) -> Array:
    """(478, 3) cm: the face with its pose taken out."""
    motion = engine.motion(image, face)
    assert np.isfinite(posed(motion)).all()
    return np.asarray(motion.shape)


def _stills(folder: Path) -> Iterator[tuple[Image, Face]]:
    finder = open_finder()
    for path in progress(sorted(folder.iterdir()), description="stills"):
        image = read_picture(path)
        for face in finder(image)[:1]:
            yield image, finder.settle(image, face)


def _frames(path: Path) -> Iterator[tuple[Image, Face]]:
    tracker = Tracker(open_finder())
    with VideoSource(path) as source:
        for frame in progress(source, description=path.name):
            face = tracker(frame.image)
            if face is not None and frame.index % STRIDE == 0:
                yield frame.image, face
            if frame.index >= LONGEST:
                return


if __name__ == "__main__":
    main()
