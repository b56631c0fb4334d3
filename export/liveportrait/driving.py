"""The driving algorithm and the crop against the reference's own numbers.

Of the 36 combinations of flags in the fixtures, three cannot be run: they subtract a constant that lies in a data file
of the reference. Two things are done otherwise on purpose; the fixtures' way is checked all the same:
`driving_option=expression-friendly` with relative motion multiplies by one, so there is no such option; and eye and lip
retargeting keeps the motion (live) where the reference throws it away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch

from export.liveportrait.family import empty, load
from export.liveportrait.filling import filled
from export.liveportrait.judge import Verdict, judge_module
from export.liveportrait.layers import Retargeting
from export.liveportrait.widths import OFFICIAL
from reenact.crop import sample, to_image
from reenact.liveportrait import framing, points
from reenact.liveportrait.directions import Directions, Region
from reenact.liveportrait.finish import Finish
from reenact.types import Array, Motion

KEYPOINTS = 2e-6
"""Allowed in a keypoint; -1..1 is the crop."""
PIXELS = 1e-3
"""Allowed in a matrix or box; the reference computes them in float32."""
SKIPPED = {
    f"image_rel_{region}": "needs a constant from a data file of the reference" for region in ("all", "exp", "lip")
}
REGIONS = {"exp": Region.EXPRESSION, "lip": Region.LIPS}
"""The reference's names of regions where they are not ours."""
MARKS = {
    106: ((33, 35, 40, 39), (87, 89, 94, 93), 52, 61),
    203: ((0, 6, 12, 18), (24, 30, 36, 42), 48, 66),
    101: ((39, 42, 45, 48), (51, 54, 57, 60), 75, 81),
    68: ((36, 39), (42, 45), 48, 54),
    5: ((0,), (1,), 3, 4),
}
"""Landmarks of a scheme -> which are the eyes and the mouth's corners."""

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
    """A verdict for each combination of flags, then for the crops."""
    fixtures = folder / "fixtures"
    table = dict(np.load(fixtures / "motion.npz"))
    cases = json.loads((fixtures / "motion_cases.json").read_text(encoding="utf-8"))
    family = empty(OFFICIAL)
    small = {
        role: Small(name, getattr(family, name), cases["mlp_fill_scale"])
        for role, name in (("stitching", "retarget_shoulder"), ("lips", "retarget_mouth"), ("eyes", "retarget_eye"))
    }
    avatar = source(table)
    yield _within("points", "numpy", "x_s", points.points(avatar), table["x_s"][0], KEYPOINTS)
    for name, flags in cases["cases"].items():
        if name not in SKIPPED:
            moved = case(table, avatar, {**cases["defaults"], **flags}, small, image=name.startswith("image_"))
            yield _within("driving", "numpy", name, moved, table[f"xd.{name}"], KEYPOINTS)
    table = dict(np.load(fixtures / "crop.npz"))
    yield from crops(table)
    yield from pictures(table, judge_module(fixtures, "detfill").image(480, 640, "crop_image"))


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


def case(
    table: Arrays, avatar: Motion, flags: Mapping[str, object], small: Mapping[str, Small], *, image: bool
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
    frames = [template(table, index) for index in range(1 if image else len(table["tmpl.scale"]))]
    neutral = replace(frames[0], expression=frames[0].expression * 0) if image else frames[0]
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


def crops(table: Arrays) -> Iterator[Verdict]:
    """The squares around faces."""
    for key, wanted in table.items():
        kind, _, rest = key.partition(".")
        count = int(rest.split(".")[0]) if kind in ("M_o2c_rot", "drv_bbox") else 0
        if count not in MARKS:
            continue
        outline = _outline(table[f"lmk.{rest}"].astype(np.float64), count)
        if kind == "M_o2c_rot":
            affine = to_image(framing.face_square(outline, *framing.AVATAR), 512, 512)
            back = np.linalg.inv(np.vstack([affine, [0, 0, 1]]))
            yield _within("crop", "numpy", key, back[:2], wanted[:2], PIXELS)
        else:
            square = framing.face_square(outline, *framing.ACTOR)
            corners = square.center + square.size[0] / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
            yield _within("crop", "numpy", key, corners, wanted, PIXELS)


def pictures(table: Arrays, image: np.ndarray) -> Iterator[Verdict]:
    """What is cut out of a picture, and the small picture that the networks get; error: mean levels."""
    avatar = framing.face_square(_outline(table["lmk.106.0"].astype(np.float64), 106), *framing.AVATAR)
    actor = framing.face_square(_outline(table["lmk.203.2"].astype(np.float64), 203), *framing.ACTOR)
    upright = framing.Box(actor.center, float(actor.size[0])).region
    for name, region, how in (("src", avatar, cv2.INTER_AREA), ("drv", upright, cv2.INTER_LINEAR)):
        large = sample(image, region, 512, outside=cv2.BORDER_CONSTANT).image
        small = cv2.resize(large, (256, 256), interpolation=how)
        for key, got in ((f"{name}.crop_s8", large[::8, ::8]), (f"{name}.crop256_s4", small[::4, ::4])):
            error = float(np.abs(got.astype(int) - table[key]).mean())
            yield Verdict("crop", "pixels", key, error, 0.01, error <= 0.01)


def _outline(marks: Array, count: int) -> framing.Outline:
    left, right, *corners = MARKS[count]
    eyes = (marks[list(left)].mean(0) + marks[list(right)].mean(0)) / 2
    return framing.Outline(marks, eyes, marks[corners].mean(0))


def _height(start: Array, upper: Array, end: Array, lower: Array) -> float:
    return float(np.linalg.norm(upper - lower) / (np.linalg.norm(start - end) + 1e-6))


def _within(network: str, form: str, output: str, got: Array, wanted: np.ndarray, allowed: float) -> Verdict:
    error = float(np.abs(got - wanted).max())
    return Verdict(network, form, output, error, allowed, error <= allowed)
