"""Motions of the LivePortrait networks: from their heads, from the actor to the avatar, to keypoints. Pure.

A `Motion` here has 22 rows: 21 keypoints and, last, no point but how far the left eye, the right eye and the lips are
open, so that whatever smooths, averages and eases motions does it to the openness too. Posed keypoints span -1..1 over
the crop: points = scale * (keypoints @ rotation.T + expression) + translation; the expression is added after turning.
Keypoints and expression are in about centimetres, as everywhere in the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from reenact.liveportrait.directions import Region
from reenact.network import Tensor
from reenact.types import Array, Motion

KEYPOINTS = 21
CENTIMETRES = 20.0
"""One canonical unit of the networks, about."""
LIPS = (6, 12, 14, 17, 19, 20)
EYES = (11, 13, 15, 16, 18)
"""Keypoints whose expression moves them."""
ADOPTED = {**dict.fromkeys((1, 2, 6, *range(11, 21)), "xyz"), 3: "y", 4: "y", 5: "z", 8: "z", 9: "yz"}
"""Keypoint -> axes of its expression that no identity speaks through: what absolute motion takes over."""
SMALLEST = 0.05
"""Scales below this are nonsense (of faces the networks say 1.1 to 1.7), and none may be zero or negative."""
BINS = 66
"""Of an angle, three degrees each; the middle of them all is straight ahead."""


def decode(heads: Mapping[str, Tensor], openness: Array) -> Motion:
    """heads: the motion network's outputs, (1, n) each. openness: (3,) of the left eye, the right eye and the lips."""
    keypoints, expression = (heads[name].astype(np.float64).reshape(-1, 3) for name in ("keypoints", "expression"))
    return motion_of(
        keypoints,
        expression,
        rotation(*(degrees(heads[name][0]) for name in ("pitch", "yaw", "roll"))),
        heads["translation"][0].astype(np.float64),
        float(heads["scale"][0, 0]),
        openness,
    )


def motion_of(
    keypoints: Array, expression: Array, turn: Array, translation: Array, scale: float, openness: Array
) -> Motion:
    """From the networks' own units: (21, 3), (21, 3), (3, 3), (3,) whose depth is never used, and scale; (3,) open."""
    return Motion(
        keypoints=CENTIMETRES * np.vstack([keypoints, np.zeros(3)]),
        expression=CENTIMETRES * np.vstack([expression, openness]),
        rotation=turn,
        translation=np.array([translation[0], translation[1], 0.0]),
        scale=max(scale, SMALLEST) / CENTIMETRES,
    )


def degrees(bins: Array) -> float:
    """The angle that (66,) logits expect."""
    weights = np.exp(bins.astype(np.float64) - bins.max())
    return float(3 * (weights @ np.arange(BINS)) / weights.sum() - 97.5)


def rotation(pitch: float, yaw: float, roll: float) -> Array:
    """(3, 3) from degrees: pitch first, then yaw, then roll."""
    (cx, cy, cz), (sx, sy, sz) = (f(np.deg2rad([pitch, yaw, roll])) for f in (np.cos, np.sin))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def points(motion: Motion) -> Array:
    """(21, 3) posed keypoints, -1..1 over the crop."""
    turned = motion.keypoints[:KEYPOINTS] @ motion.rotation.T
    return np.asarray(motion.scale * (turned + motion.expression[:KEYPOINTS]) + motion.translation)


def openness(motion: Motion) -> Array:
    """(3,) left eye, right eye, lips: how far open, in parts of their width; never negative."""
    return np.asarray(np.maximum(motion.expression[KEYPOINTS] / CENTIMETRES, 0))


def transfer(avatar: Motion, actor: Motion, neutral: Motion, region: Region) -> Motion:
    """Relative motion: move the avatar as far as the actor has moved from neutral."""
    moved = avatar.expression + actor.expression - neutral.expression
    moved[KEYPOINTS] = CENTIMETRES * _opened(*(openness(motion) for motion in (avatar, actor, neutral)))
    out = replace(avatar, expression=np.where(_mask(region, adopted=False), moved, avatar.expression))
    if region in (Region.ALL, Region.POSE):
        turn = avatar.rotation @ neutral.rotation.T @ actor.rotation
        out = replace(out, rotation=turn, translation=avatar.translation + actor.translation - neutral.translation)
    return replace(out, scale=avatar.scale * actor.scale / neutral.scale) if region is Region.ALL else out


def adopt(avatar: Motion, actor: Motion, region: Region) -> Motion:
    """Absolute motion: the actor's pose, and of their expression what is nobody's identity."""
    expression = np.where(_mask(region, adopted=True), actor.expression, avatar.expression)
    out = replace(avatar, expression=expression)
    if region in (Region.ALL, Region.POSE):
        out = replace(out, rotation=actor.rotation, translation=actor.translation)
    return out


def hold(motion: Motion, avatar: Motion, *, eyes: bool, lips: bool) -> Motion:
    """The motion with the avatar's own expression where retargeting takes over."""
    rows = [*(EYES if eyes else ()), *(LIPS if lips else ())]
    expression = motion.expression.copy()
    expression[rows] = avatar.expression[rows]
    return replace(motion, expression=expression)


def _opened(avatar: Array, actor: Array, neutral: Array) -> Array:
    """(3,) eyes open in proportion, since a neutral eye is open; lips by difference, since neutral lips are shut."""
    eyes = avatar[:2] * actor[:2] / np.maximum(neutral[:2], 0.05)
    return np.append(eyes, max(avatar[2] + actor[2] - neutral[2], 0.0))


def _mask(region: Region, *, adopted: bool) -> Array:
    """(22, 3) bool: what of the expression follows the actor. The openness always does."""
    mask = np.zeros((KEYPOINTS + 1, 3), bool)
    mask[KEYPOINTS] = True
    if region in (Region.LIPS, Region.EYES):
        mask[list(LIPS if region is Region.LIPS else EYES)] = True
    elif region is not Region.POSE and not adopted:
        mask[:] = True
    elif region is not Region.POSE:
        for keypoint, axes in ADOPTED.items():
            mask[keypoint, ["xyz".index(axis) for axis in axes]] = True
    return mask
