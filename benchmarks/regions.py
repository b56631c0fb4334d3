"""The mouth and the eyes of a face, cut out of a true frame and of what is drawn: how near, how steady."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.films import RUN
from benchmarks.metrics import Scores, average
from reenact.lite.features import EYES
from reenact.lite.regions import EYE_SIDE, MOUTH_SIDE, Square, eye_marks, eye_squares, mouth_marks, mouth_square
from reenact.types import Array, Image, Motion
from training.perceptual import Features, apart, weighed

ORIGIN = np.zeros(2)
PX = "_px"
"""After the name of an area: how large it is, on average."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A region of a true face."""

    name: str
    square: Square
    side: int
    areas: Mapping[str, Array]
    """(R, R) 0..1, by name. inner: between the outer lips or the lids; open: between the inner lips."""

    def cut(self, image: Image) -> Array:
        """(R, R, 3) float32: the square of a picture."""
        step = self.square.axes * (2 / self.side)
        first = self.square.center + step @ np.full(2, 0.5 - self.side / 2)
        to_image = np.column_stack([step, first])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(image, to_image, (self.side, self.side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cut, np.float32)


class Trembling:
    """Second differences of each region over three frames in a row."""

    def __init__(self) -> None:
        self._past: dict[str, list[Array]] = {}

    def __call__(self, cuts: Mapping[str, Array], index: int) -> dict[str, Array]:
        """Grey levels, by region; nothing before the third of a run."""
        if index % RUN == 0:
            self._past = {}
        for name, cut in cuts.items():
            self._past.setdefault(name, []).append(cut)
        return {name: past[0] - 2 * past[1] + past[2] for name, past in self._past.items() if len(past) == RUN}


def crops_of(rest: Motion, motion: Motion) -> Iterator[Crop]:
    """The mouth and both eyes, where they truly are."""
    around = mouth_square(rest, motion, ORIGIN)
    gap, lips = mouth_marks(rest, motion, ORIGIN, around)[:2]
    yield Crop("mouth", around, MOUTH_SIDE, {"inner": gap + lips, "open": gap})
    for index, (eye, square) in enumerate(zip(EYES, eye_squares(rest, motion, ORIGIN), strict=True)):
        between = eye_marks(eye, rest, motion, ORIGIN, square)[0]
        yield Crop(f"eyes.{index}", square, EYE_SIDE, {"inner": between})


def nearness(crops: list[Crop], cuts: Mapping[str, Array], truth: Mapping[str, Array], features: Features) -> Scores:
    """How far each region is from the truth, in all and in its areas, with the px of each; both eyes are one score."""
    found: list[Scores] = []
    for crop in crops:
        kind, pair = crop.name.split(".")[0], (cuts[crop.name], truth[crop.name])
        off, looks = np.abs(pair[0] - pair[1]).mean(2), _looks(features, *pair)
        for name, area in {"": np.ones_like(off), **crop.areas}.items():
            key = f"{kind}_{name}".rstrip("_")
            if (px := float(area.sum())) > 1:
                look = float(weighed(looks, torch.from_numpy(area[None, None])))
                found.append({f"{key}_l1": float((off * area).sum() / px), f"{key}_look": look, f"{key}{PX}": px})
    return pooled(found)


def pooled(rows: Sequence[Scores]) -> Scores:
    """The mean of each score, every px of its area counting alike; scores that have none, every row."""
    means = average(rows)
    for area in [name.removesuffix(PX) for name in means if name.endswith(PX)]:
        for key in (f"{area}_l1", f"{area}_look"):
            values, px = zip(*((row[key], row[f"{area}{PX}"]) for row in rows if key in row), strict=True)
            means[key] = float(np.average(values, weights=px))
    return means


def flicker(shown: Mapping[str, Array], filmed: Mapping[str, Array]) -> Scores:
    """How much regions tremble, and by how much that is not what the film does; both eyes are one score."""
    found: dict[str, list[float]] = {}
    for name, jerk in shown.items():
        kind = name.split(".")[0]
        found.setdefault(f"{kind}_flicker", []).append(float(np.abs(jerk).mean()))
        found.setdefault(f"{kind}_flicker_off", []).append(float(np.abs(jerk - filmed[name]).mean()))
    return {name: float(np.mean(values)) for name, values in found.items()}


@torch.no_grad()
def _looks(features: Features, a: Array, b: Array) -> list[Tensor]:
    return apart(features, *(torch.from_numpy(one.transpose(2, 0, 1)[None] / np.float32(255)) for one in (a, b)))
