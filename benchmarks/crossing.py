"""Cross-reenactment: other people's pictures follow an actor. The only truth: who they are, and how the actor looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.films import Choice
from benchmarks.metrics import Scores, angle_between, average, cosine
from benchmarks.studio import Studio, first_of, picture_with_face
from reenact.compose import paste_back
from reenact.types import Array, Avatar, Face, Image, Motion


@dataclass(frozen=True, slots=True)
class Moment:
    """What an actor does."""

    motion: Motion
    blendshapes: Array
    """(51,) without the neutral one."""


@dataclass(frozen=True, slots=True)
class Performance:
    """An actor's film, seen once for all avatars."""

    neutral: Moment
    moments: tuple[Moment, ...]


def performance(studio: Studio, film: Path, count: int, choice: Choice) -> Performance:
    """`count` moments of the chosen frames, evenly. Raises NoFaceError, MediaError."""
    frame, face = first_of(studio.finder, film, choice.frames(film))
    track = studio.tracker()
    seen = [_moment(studio, f.image, found) for f in choice.frames(film) if (found := track(f.image)) is not None]
    picked = np.unique(np.linspace(0, len(seen) - 1, count).astype(int))
    return Performance(_moment(studio, frame.image, face), tuple(seen[index] for index in picked))


def avatar_of(studio: Studio, picture: Path) -> tuple[Avatar, Array]:
    """An avatar, from a picture or a film's first frame, and who it is. Raises NoFaceError, MediaError."""
    image, face = picture_with_face(studio.finder, picture)
    return studio.engine.prepare(image, face), studio.identity(image, face)


def cross(studio: Studio, avatar: Avatar, who: Array, actor: Performance) -> Scores:
    """Means over the performance. *_still: the avatar unmoved, which is the avatar's identity exactly."""
    track = studio.tracker()
    rest = _moment(studio, avatar.image, avatar.face)
    rows = []
    for moment in actor.moments:
        motion = studio.engine.transfer(avatar.motion, moment.motion, actor.neutral.motion)
        shown = paste_back(studio.engine.animate(avatar, motion), avatar)
        face = track(shown)
        seen = {} if face is None else dict(_judge(studio, shown, face, rest, who, moment, actor.neutral))
        rows.append(_still(moment, actor.neutral) | {"lost": float(face is None)} | seen)
    return average(rows)


def _judge(
    studio: Studio, shown: Image, face: Face, rest: Moment, who: Array, wanted: Moment, neutral: Moment
) -> Iterator[tuple[str, float]]:
    now, is_now = _moment(studio, shown, face), studio.identity(shown, face)
    moved, asked = now.blendshapes - rest.blendshapes, wanted.blendshapes - neutral.blendshapes
    turned, turn = (_turn(a.motion, b.motion) for a, b in ((now, rest), (wanted, neutral)))
    yield "identity", cosine(is_now, who)
    yield "identity_distance", float(np.linalg.norm(is_now - who))
    yield "expression", float(np.abs(moved - asked).mean())
    yield "pose", angle_between(turned, turn)


def _still(wanted: Moment, neutral: Moment) -> Scores:
    return {
        "expression_still": float(np.abs(wanted.blendshapes - neutral.blendshapes).mean()),
        "pose_still": angle_between(_turn(wanted.motion, neutral.motion), np.eye(3)),
    }


def _turn(now: Motion, rest: Motion) -> Array:
    return np.asarray(now.rotation @ rest.rotation.T)


def _moment(studio: Studio, image: Image, face: Face) -> Moment:
    return Moment(studio.engine.motion(image, face), studio.blendshapes(face.landmarks)[1:])
