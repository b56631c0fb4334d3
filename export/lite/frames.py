"""Real frames for the `lite` graphs: the bundled pictures do what the bundled performance does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from reenact.bundle import bundled
from reenact.devices.pictures import read_picture
from reenact.faces import open_finder
from reenact.lite import open_lite
from reenact.lite.appearance import Appearance
from reenact.lite.drawing import region_tensors, warp_tensors
from reenact.lite.glimpse import FEATURES, INSIDE, KNOWN, parts
from reenact.recording import load_recording
from reenact.types import Motion

AVATARS = ("hopper.jpg", "tanguy.jpg", "collins.jpg")
BLIND = 0.25
"""Of the frames, how many have no glimpse of the actor."""
SIZE = 384
"""px, the output's short side."""

Arrays = dict[str, np.ndarray]


def frames(count: int, offset: float) -> list[Arrays]:
    """What the graph is given at `count` moments of each avatar; offset 0..1: how far from one to the next."""
    rng = np.random.default_rng(count)
    return [frame for avatar in AVATARS for frame in _of(avatar, count, offset, rng)]


def _of(avatar: str, count: int, offset: float, rng: np.random.Generator) -> Iterator[Arrays]:
    engine, picture = open_lite(paints=False), read_picture(bundled("examples", avatar))
    ready = engine.prepare(picture, open_finder().only(picture), size=SIZE)
    performance = load_recording(bundled("examples", "performance.npz"))
    neutral, look = performance.motions[0], ready.appearance
    assert isinstance(look, Appearance)
    for at in (np.arange(count) + offset) * len(performance.motions) / count:
        motion = engine.transfer(ready.motion, performance.motions[int(at)], neutral)
        seen = None if rng.random() < BLIND else any_mouth(ready.motion, rng)
        yield warp_tensors(look, motion) | region_tensors(look, replace(motion, glimpse=seen))


def any_mouth(motion: Motion, rng: np.random.Generator) -> np.ndarray:
    """(points, FEATURES) the glimpse of a face, but between its lips rows of teeth, tongue and darkness."""
    assert motion.glimpse is not None
    seen = motion.glimpse.copy()
    rows = next(parts(seen))[INSIDE]
    rows[...] = rng.uniform(0, 1, (len(rows), 1, FEATURES))
    rows[..., KNOWN] = 1
    return seen
