"""The driving algorithm against the reference's own numbers.

Three of the 36 combinations of flags in the fixtures subtract a constant, an expression at rest, that lies in a data
file of the reference. It is worked out of one of them, by undoing the stitching, and tried on the other two.
Two things are done otherwise on purpose; the fixtures' way is checked all the same:
`driving_option=expression-friendly` with relative motion multiplies by one, so there is no such option; and eye and lip
retargeting keeps the motion (live) where the reference throws it away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from export.liveportrait.family import empty, load
from export.liveportrait.filling import filled
from export.liveportrait.judge import Verdict, within
from export.liveportrait.layers import Retargeting
from export.liveportrait.widths import OFFICIAL
from reenact.liveportrait import points
from reenact.liveportrait.directions import Directions, Region
from reenact.liveportrait.finish import Finish
from reenact.types import Array, Motion

KEYPOINTS = 2e-6
"""Allowed in a keypoint; -1..1 is the crop."""
ROUNDS = 50
"""Of undoing the stitching: every one leaves a small part of the difference."""
RESTED = "image_rel_all"
"""The case that the expression at rest is worked out of."""
SKIPPED = {RESTED: "gives the constant that image_rel_exp (the same numbers) and image_rel_lip are checked with"}
CHANGED = {
    f"rel_{parts}": "agrees where the motion is thrown away, as the reference does; the engine keeps it"
    for parts in ("reteye", "retlip", "reteye_retlip", "reteye_retlip_nostitch")
}
"""What is done otherwise on purpose."""
REGIONS = {"exp": Region.EXPRESSION, "lip": Region.LIPS}
"""The reference's names of regions where they are not ours."""
Arrays = Mapping[str, np.ndarray]


class Small:
    """A retargeting network of the fixtures: filled without gains, everything scaled down."""

    def __init__(self, name: str, network: Retargeting, scale: float) -> None:
        shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
        load(network, {k: torch.from_numpy(v) * scale for k, v in filled(name, shapes).items()}, name)
        self._network = network.double()

    def __call__(self, features: np.ndarray) -> Arrays:
        return {"out": self._network(torch.from_numpy(features).double()).numpy()}


def driving(folder: Path) -> Iterator[Verdict]:
    """A verdict for each combination of flags."""
    fixtures = folder / "fixtures"
    table = dict(np.load(fixtures / "motion.npz"))
    cases = json.loads((fixtures / "motion_cases.json").read_text(encoding="utf-8"))
    family = empty(OFFICIAL)
    small = {
        role: Small(name, getattr(family, name), cases["mlp_fill_scale"])
        for role, name in (("stitching", "retarget_shoulder"), ("lips", "retarget_mouth"), ("eyes", "retarget_eye"))
    }
    avatar = source(table)
    yield within("points", "numpy", "x_s", points.points(avatar), table["x_s"][0], KEYPOINTS)
    rest = expression_at_rest(table, avatar, Finish(**small, directions=Directions()))
    for name, flags in cases["cases"].items():
        if name not in SKIPPED:
            frames = [template(table, index) for index in range(len(table["tmpl.scale"]))]
            neutral = frames[0]
            if name.startswith("image_"):
                frames = frames[:1]
                neutral = replace(neutral, expression=0 * rest if name == "image_rel_eyes" else rest)
            moved = case(avatar, frames, neutral, {**cases["defaults"], **flags}, small)
            yield within("driving", "numpy", name, moved, table[f"xd.{name}"], KEYPOINTS)


def source(table: Arrays) -> Motion:
    """The fixtures' avatar."""
    names = {"translation": "t", "expression": "exp", "keypoints": "kp"}
    names |= {name: name for name in ("pitch", "yaw", "roll", "scale")}
    marks = table["src.lmk203"].astype(np.float64)
    ring = ((0, 6, 12, 18), (24, 30, 36, 42), (48, 90, 66, 102))
    openness = np.array([_height(*marks[list(r)]) for r in ring])
    return points.decode({name: table[f"src.{key}"] for name, key in names.items()}, openness)


def template(table: Arrays, index: int) -> Motion:
    """The fixtures' actor in one frame."""
    eyes, lips = table["tmpl.c_eyes"][index], table["tmpl.c_lip"][index]
    scale, turn, expression = (table[f"tmpl.{k}"][index].astype(np.float64) for k in ("scale", "R", "exp"))
    openness = np.array([eyes[0], eyes[0], lips[0]], np.float64)  # the reference asks the left eye alone
    keypoints = np.zeros((points.KEYPOINTS, 3))
    return points.motion_of(keypoints, expression, turn.T, table["tmpl.t"][index], float(scale[0]), openness)


def expression_at_rest(table: Arrays, avatar: Motion, finish: Finish) -> Array:
    """(22, 3): what the reference subtracts from the expression of an actor of whom there is one picture only."""
    stitched, still = table[f"xd.{RESTED}"][0].astype(np.float64), points.points(avatar)
    moved, shut = stitched, np.zeros(3)
    for _ in range(ROUNDS):
        moved = moved + stitched - finish(still, moved, shut, shut)
    posed = avatar.keypoints[: points.KEYPOINTS] @ avatar.rotation.T
    seen = (moved - avatar.translation) / avatar.scale - posed
    rest = avatar.expression + template(table, 0).expression
    rest[: points.KEYPOINTS] -= seen
    rest[points.KEYPOINTS] = 0
    return rest


def case(
    avatar: Motion, frames: Sequence[Motion], neutral: Motion, flags: Mapping[str, object], small: Mapping[str, Small]
) -> Array:
    """(T, 21, 3): the keypoints that a combination of flags gives."""
    region = str(flags["animation_region"])
    directions = Directions(
        region=REGIONS.get(region) or Region(region),
        stitching=bool(flags["flag_stitching"]),
        retarget_eyes=bool(flags["flag_eye_retargeting"]),
        retarget_lips=bool(flags["flag_lip_retargeting"]),
        close_lips=bool(flags["flag_normalize_lip"]),
        multiplier=float(str(flags["driving_multiplier"])),
    )
    finish, relative = Finish(**small, directions=directions), bool(flags["flag_relative_motion"])
    return np.stack([_frame(finish, avatar, actor, neutral, relative=relative) for actor in frames])


def _frame(finish: Finish, avatar: Motion, actor: Motion, neutral: Motion, *, relative: bool) -> Array:
    still, chosen = points.points(avatar), finish.directions
    if relative:
        motion = points.transfer(avatar, actor, neutral, chosen.region)
    else:
        motion = points.adopt(avatar, actor, chosen.region)
    thrown_away = relative and (chosen.retarget_eyes or chosen.retarget_lips)  # as in the reference
    start = still if thrown_away else points.points(motion)
    return finish(still, start, points.openness(avatar), points.openness(actor))


def _height(start: Array, upper: Array, end: Array, lower: Array) -> float:
    return float(np.linalg.norm(upper - lower) / (np.linalg.norm(start - end) + 1e-6))
