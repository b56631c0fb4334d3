"""Makes training samples: what the warp shows of a mouth and two eyes, what is where in them, and the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor

from export.lite.generator import eye_generator, mouth_generator
from export.lite.regions import Region
from export.lite.warp import Warp
from reenact.crop import scaled, scaled_face
from reenact.faces import open_finder
from reenact.lite import LiteEngine, open_lite
from reenact.lite.appearance import Appearance
from reenact.lite.drawing import region_tensors, warp_tensors
from reenact.lite.features import TOUCH, mouth_gap
from reenact.lite.regions import EYE_SIDE, MOUTH_SIDE, Square, eye_squares, mouth_square, place
from reenact.motion import turn
from reenact.types import Avatar, Image, Motion
from training.alter import altered, any_change
from training.config import Data
from training.glimpses import any_actor
from training.sources import Library, Shots, open_library

TARGETS = 3
"""Targets in a row that one source of a clip is used for: making an avatar costs as much as a sample."""
PASSED_OVER = 0.7
"""Of the stills with a shut mouth, which has little to teach."""
AWAKE, ASLEEP = 0.7, 0.25
"""A source's eyes are at least so open, in parts of how open they mostly are; but in this part of the samples any
source will do, that eyes which a picture shows shut can be opened."""
TURN = 0.6
"""Radians by which the heads of a pair may be turned from each other."""
NEAR = {MOUTH_SIDE: 17, EYE_SIDE: 9}
"""px around lips and lids beyond which a still's own skin is the truth and what the warp shows too."""


Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Views:
    """Regions of one kind; uint8, 255 is 1. Arrays, since each tensor that a process sends holds a file open."""

    shown: Bytes
    """(B, 3, R, R) by the warp alone."""
    marks: Bytes
    """(B, MARKS, R, R)"""
    truth: Bytes
    """(B, 3, R, R)"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair of pictures."""

    mouth: Views
    """B = 1"""
    eyes: Views
    """B = 2"""


Maker = Callable[[LiteEngine, Shots, np.random.Generator], Iterator[Sample]]


def samples(data: Data, seed: int) -> Iterator[Sample]:
    """Endless. The same seed gives the same samples."""
    rng = np.random.default_rng(seed)
    engine = open_lite(background=False, paints=False, threads=1)
    finder = open_finder(threads=1)
    libraries = [open_library(engine, finder, folder, data) for folder in data.folders]
    shares = np.array(list(data.folders.values())) / sum(data.folders.values())
    while True:
        library = libraries[rng.choice(len(libraries), p=shares)]
        shots, make = _drawn(library, data.stills, rng)
        if shots.seen:
            yield from make(engine, shots, rng)


def _drawn(library: Library, stills: float, rng: np.random.Generator) -> tuple[Shots, Maker]:
    still = bool(library.stills) and (not library.clips or rng.random() < stills)
    shelf = library.stills if still else library.clips
    return shelf[rng.integers(len(shelf))], of_still if still else of_clip


def of_still(engine: LiteEngine, shots: Shots, rng: np.random.Generator) -> Iterator[Sample]:
    """The still is the truth; its source is itself, altered."""
    (seen,) = shots.seen
    if mouth_gap(seen.motion.shape) < TOUCH and rng.random() < PASSED_OVER:
        return
    image = scaled(seen.image, float(rng.uniform(0.6, 1.0)))
    target = engine.prepare(image, scaled_face(seen.face, seen.image, image))
    source = altered(engine, target, any_change(rng))
    motion = seen_of_another(target.motion, rng)
    yield sample(engine.prepare(source.image, source.face), motion, target.image, sharp=True)


def of_clip(engine: LiteEngine, shots: Shots, rng: np.random.Generator) -> Iterator[Sample]:
    """A frame that becomes an avatar, and others of the clip that it is to follow; none where nobody looks up."""
    sources = np.flatnonzero(shots.awake > (0 if rng.random() < ASLEEP else AWAKE))
    if not len(sources):
        return
    source = shots.seen[rng.choice(sources)]
    avatar = engine.prepare(source.image, source.face)
    for index in rng.choice(len(shots.seen), TARGETS, p=shots.appeal):
        target = shots.seen[index]
        if turn(source.motion.rotation @ target.motion.rotation.T) < TURN:
            motion = engine.transfer(avatar.motion, target.motion, avatar.motion)
            yield sample(avatar, seen_of_another(motion, rng), target.image, sharp=False)


def seen_of_another(motion: Motion, rng: np.random.Generator) -> Motion:
    """The same motion, with the glimpse that somebody else would give who does the same."""
    return motion if motion.glimpse is None else replace(motion, glimpse=any_actor(motion.glimpse, rng))


def sample(avatar: Avatar, motion: Motion, truth: Image, *, sharp: bool) -> Sample:
    """What the graph would see, and the same squares of the true picture; sharp: they are equal away from the lips."""
    look = avatar.appearance
    assert isinstance(look, Appearance)
    tensors = warp_tensors(look, motion) | region_tensors(look, motion)
    given = {name: torch.from_numpy(value) for name, value in tensors.items()}
    warped = Warp().planes(**{name: given[name] for name in PLANES})
    origin, size = np.zeros(2), (truth.shape[1], truth.shape[0])
    rest = look.controls.rest
    squares = {"mouth": [mouth_square(rest, motion, origin)], "eyes": list(eye_squares(rest, motion, origin))}
    views = {}
    for name, region in regions().items():
        shown, _ = region.seen(given["picture"], warped, given["opening"], given["tint"], given[f"{name}_place"])
        views[name] = _views(shown, given[f"{name}_marks"], cut(truth, squares[name], size, region.side), sharp=sharp)
    return Sample(**views)


PLANES = (
    "centers",
    "weights",
    "knots_x",
    "knots_y",
    "upsample_x",
    "upsample_y",
    "fade",
    "gaze",
    "gain",
    "bias",
)


@cache
def regions() -> dict[str, Region]:
    """Of every kind one, to look through."""
    return {"mouth": Region(mouth_generator(), MOUTH_SIDE), "eyes": Region(eye_generator(), EYE_SIDE)}


def cut(image: Image, squares: list[Square], size: tuple[int, int], side: int) -> Tensor:
    """(B, 3, R, R) 0..255: squares of a picture."""
    places = torch.from_numpy(np.stack([place(square, size) for square in squares]).astype(np.float32))
    grid = functional.affine_grid(places, [len(squares), 3, side, side], align_corners=False)
    picture = torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1)[None]).expand(len(squares), -1, -1, -1)
    return functional.grid_sample(picture, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _views(shown: Tensor, marks: Tensor, truth: Tensor, *, sharp: bool) -> Views:
    if sharp:
        near = torch.stack([_near(one) for one in marks])
        shown = truth + (shown - truth) * near
    return Views(_bytes(shown), _bytes(marks * 255), _bytes(truth))


def _near(marks: Tensor) -> Tensor:
    """(1, R, R) 1 around the lips or lids, 0 away from them."""
    about = marks[:3].amax(0).numpy()
    reach = NEAR[about.shape[0]]
    wide = cv2.dilate((about > 0.1).astype(np.float32), np.ones((reach, reach), np.uint8))
    return torch.from_numpy(cv2.GaussianBlur(wide, (reach, reach), 0))[None]


def _bytes(values: Tensor) -> Bytes:
    return values.clamp(0, 255).round().to(torch.uint8).numpy()
