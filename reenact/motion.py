"""The arithmetic of motions, whatever engine they are of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from reenact.types import Array, Motion


def posed(motion: Motion) -> Array:
    """(K, 3) px of the image: the keypoints as the motion puts them."""
    return placed(motion, motion.shape)


def placed(motion: Motion, points: Array) -> Array:
    """(..., 3) canonical units -> px of the image, as the motion's head is held."""
    return np.asarray(motion.scale * points @ motion.rotation.T + motion.translation)


def transfer(avatar: Motion, actor: Motion, neutral: Motion) -> Motion:
    """Relative motion: move the avatar as far as the actor has moved from neutral.

    Distances are measured in heads: an actor far from the camera moves an avatar as far as one close to it.
    """
    return Motion(
        keypoints=avatar.keypoints,
        expression=avatar.expression + actor.expression - neutral.expression,
        rotation=actor.rotation @ neutral.rotation.T @ avatar.rotation,
        translation=avatar.translation + (actor.translation - neutral.translation) * (avatar.scale / neutral.scale),
        scale=avatar.scale * actor.scale / neutral.scale,
    )


def turn(rotation: Array) -> float:
    """Radians, 0..pi, by which a rotation (3, 3) turns."""
    return float(np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1)))


def mean(motions: Sequence[Motion]) -> Motion:
    """The average of motions of one face.

    Raises:
        ValueError: none given.
    """
    if not motions:
        raise ValueError("the mean of no motion")
    return Motion(
        keypoints=motions[0].keypoints,
        expression=np.mean([m.expression for m in motions], axis=0),
        rotation=nearest_rotation(np.mean([m.rotation for m in motions], axis=0)),
        translation=np.mean([m.translation for m in motions], axis=0),
        scale=float(np.mean([m.scale for m in motions])),
    )


def ease(start: Motion, end: Motion, part: float) -> Motion:
    """Between two motions of one face; part 0: start, 1: end."""
    return Motion(
        keypoints=end.keypoints,
        expression=start.expression + part * (end.expression - start.expression),
        rotation=nearest_rotation(start.rotation + part * (end.rotation - start.rotation)),
        translation=start.translation + part * (end.translation - start.translation),
        scale=start.scale * (end.scale / start.scale) ** part,
        glimpse=_eased(start.glimpse, end.glimpse, part),
    )


def _eased(start: Array | None, end: Array | None, part: float) -> Array | None:
    """Between two glimpses; one that is not known counts as zeros."""
    if start is None and end is None:
        return None
    first, last = (0 if one is None else one for one in (start, end))
    return np.asarray(first * (1 - part) + last * part)


def nearest_rotation(matrix: Array) -> Array:
    """The rotation (3, 3) closest to a matrix that nearly is one."""
    u, _, vt = np.linalg.svd(matrix)
    return np.asarray((u * [1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt)


def calmest(motions: Sequence[Motion], effort: Callable[[Motion], float]) -> int:
    """Index of the motion nearest to rest: little effort (0 is rest, 1 plainly not), and hardly moving.

    Raises:
        ValueError: none given.
    """
    points = np.array([posed(m) / m.scale for m in motions])
    steps = np.pad(np.abs(np.diff(points, axis=0)).mean((1, 2)), 1)
    speed = np.maximum(steps[:-1], steps[1:])
    return int(np.argmin([effort(m) + 4 * s for m, s in zip(motions, speed, strict=True)]))


def smoothstep(part: float) -> float:
    """0..1 -> 0..1, level at both ends; clipped outside."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)
