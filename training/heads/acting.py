"""What the heads do: shapes of mouths, eyes and glances, mixed anew for every clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.types import Array

MOUTHS: dict[str, dict[str, float]] = {
    "neutral": {},
    "m": {"mouthPress": 0.5, "mouthRollLower": 0.15},
    "pucker": {"mouthPucker": 0.9},
    "smile": {"mouthSmile": 0.4},
    "a": {"jawOpen": 0.55, "mouthLowerDown": 0.3, "mouthUpperUp": 0.25},
    "e": {"jawOpen": 0.28, "mouthStretch": 0.4, "mouthSmile": 0.25, "mouthUpperUp": 0.25, "mouthLowerDown": 0.3},
    "i": {"jawOpen": 0.14, "mouthStretch": 0.4, "mouthSmile": 0.45, "mouthUpperUp": 0.4, "mouthLowerDown": 0.5},
    "o": {"jawOpen": 0.45, "mouthFunnel": 0.55, "mouthPucker": 0.35},
    "u": {"jawOpen": 0.2, "mouthPucker": 0.65, "mouthFunnel": 0.45},
    "f": {"jawOpen": 0.12, "mouthRollLower": 0.4, "mouthUpperUp": 0.5},
    "l": {"jawOpen": 0.35, "mouthUpperUp": 0.3, "mouthLowerDown": 0.25},
    "wide": {"jawOpen": 0.95, "mouthUpperUp": 0.2},
    "shout": {"jawOpen": 0.85, "mouthUpperUp": 0.6, "mouthLowerDown": 0.7, "mouthStretch": 0.3},
    "round": {"jawOpen": 0.8, "mouthFunnel": 0.45, "mouthPucker": 0.3},
    "laugh": {"jawOpen": 0.5, "mouthSmile": 0.75, "mouthUpperUp": 0.5, "mouthLowerDown": 0.4, "cheekSquint": 0.5},
    "grin": {"jawOpen": 0.1, "mouthSmile": 0.75, "mouthUpperUp": 0.75, "mouthLowerDown": 0.6, "cheekSquint": 0.4},
    "grimace": {"jawOpen": 0.1, "mouthStretch": 0.8, "mouthLowerDown": 0.9, "mouthUpperUp": 0.4},
}
SHUT = ("neutral", "m", "pucker", "smile")
TALK = ("a", "e", "i", "o", "u", "f", "l", "wide", "shout", "round", "laugh", "grin", "grimace")
PAIRED = {
    "mouthPress",
    "mouthSmile",
    "mouthLowerDown",
    "mouthUpperUp",
    "mouthStretch",
    "cheekSquint",
    "eyeBlink",
    "eyeSquint",
}
PAIRED |= {"eyeWide", "eyeLookUp", "eyeLookDown", "browOuterUp", "browDown"}
RIGHT, UP, DOWN = 30.0, 16.0, 22.0
"""Degrees of the widest glances."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a head does in one frame."""

    expression: dict[str, float]
    """Face unit -> 0..1"""
    gaze: tuple[float, float]
    """Degrees right and down of where the portrait looks."""
    turn: Array
    """(3, 3) of the head, on top of the portrait's pose."""
    tongue: float = 0.0
    """How far its tip is lifted, 0..1."""


def looking(right: float, down: float) -> Array:
    """(3, 3) that takes the straight gaze (0, 0, -1) to one that looks so many degrees right and down."""
    a, b = np.radians(right), np.radians(down)
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return about_y @ about_x


def performance(frames: int, rng: np.random.Generator) -> list[Moment]:
    """A third of the frames with shut mouth, the first one at rest."""
    mouths = _mouths(frames, rng)
    eyes = _eyes(frames, rng)
    yaw, pitch, roll = (width * _wander(frames, rng) for width in (13.0, 8.0, 5.0))
    strength = rng.uniform(0.8, 1.15)
    return [
        _moment(mouths[k], eyes[k], strength, (yaw[k], pitch[k], roll[k]), rng) if k else Moment({}, (0, 0), np.eye(3))
        for k in range(frames)
    ]


def _mouths(frames: int, rng: np.random.Generator) -> list[str]:
    shut = [SHUT[k % len(SHUT)] for k in range(frames // 3)]
    talk = [*TALK, *rng.choice(TALK, max(0, frames - len(shut) - len(TALK)))][: frames - len(shut)]
    return list(rng.permutation(shut + talk))


def _eyes(frames: int, rng: np.random.Generator) -> list[str]:
    """About half of the frames look at the viewer with open eyes."""
    some = ["blink", "blink", "half", "half", "squint", "wide", "left", "right", "left", "right", "up", "down", "down"]
    return list(rng.permutation((some + ["open"] * frames)[:frames]))


def _wander(frames: int, rng: np.random.Generator) -> Array:
    """(frames,) a smooth walk from 0 within -1..1."""
    knots = np.concatenate([[0], rng.uniform(-1, 1, 6)])
    return np.interp(np.linspace(0, 6, frames), np.arange(7), knots)


def _moment(
    mouth: str, eyes: str, strength: float, turn: tuple[float, float, float], rng: np.random.Generator
) -> Moment:
    expression: dict[str, float] = {}
    more = rng.uniform(0.7, 1.2) * strength
    tilt = rng.normal(0, 0.1)
    for name, value in MOUTHS[mouth].items():
        _add(expression, name, value * more * rng.uniform(0.8, 1.2), tilt)
    for name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        expression[name] = max(0.0, rng.normal(-0.1, 0.12))
    _add(expression, rng.choice(["browOuterUp", "browDown"]), max(0.0, rng.normal(0, 0.35)), tilt)
    gaze = _glance(expression, eyes, rng)
    tongue = rng.uniform(0.6, 1.0) if mouth == "l" else rng.uniform(0, 0.3)
    yaw, pitch, roll = turn
    about = np.radians(roll)
    tipped = np.array([[np.cos(about), -np.sin(about), 0], [np.sin(about), np.cos(about), 0], [0, 0, 1]])
    return Moment({k: min(v, 1.1) for k, v in expression.items()}, gaze, looking(yaw, pitch) @ tipped, tongue)


def _glance(expression: dict[str, float], eyes: str, rng: np.random.Generator) -> tuple[float, float]:
    """What the eyes add to the expression; degrees right and down."""
    much = rng.uniform(0.6, 1.0)
    right, down = rng.normal(0, 4), rng.normal(0, 3)
    if eyes in ("left", "right"):
        right = RIGHT * much * (1 if eyes == "right" else -1)
    if eyes == "up":
        down = -UP * much
        _add(expression, "eyeLookUp", much, 0.0)
    if eyes == "down":
        down = DOWN * much
        _add(expression, "eyeLookDown", 1.3 * much, 0.0)
    lids = {
        "blink": ("eyeBlink", 1.1),
        "half": ("eyeBlink", rng.uniform(0.2, 0.6)),
        "squint": ("eyeSquint", much),
        "wide": ("eyeWide", much),
    }
    if eyes in lids:
        _add(expression, *lids[eyes], 0.0)
    return right, down


def _add(expression: dict[str, float], name: str, value: float, tilt: float) -> None:
    sides = ((name + "Left", 1 + tilt), (name + "Right", 1 - tilt)) if name in PAIRED else ((name, 1.0),)
    for full, share in sides:
        expression[full] = expression.get(full, 0.0) + value * share
