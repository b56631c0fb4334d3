"""Self-reenactment: a film's own frame follows the film, so that every frame has a truth to be held against."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.films import Choice
from benchmarks.metrics import Scores, average, change, cosine, cut, jitter, landmark_distance, psnr, ssim
from benchmarks.studio import Studio, opening
from reenact.pipeline import Reenactor
from reenact.types import Array, Avatar, Face, Frame, Image

NAN = float("nan")


def imitate(studio: Studio, film: Path, choice: Choice, *, calm: bool = False) -> Scores:
    """Means over the frames of a film but the avatar's own. Scores ending in _still are those of the avatar unmoved.

    Raises:
        NoFaceError: not one frame with a face. MediaError.
    """
    rest, face = opening(studio, film, calm=calm)
    judge = Judge(studio, studio.engine.prepare(rest.image, face), rest.image, face)
    track, follow = studio.tracker(), studio.tracker()
    neutral = studio.engine.motion(rest.image, face)
    reenact = Reenactor(studio.engine, track, judge.avatar, neutral=neutral)
    for frame in choice.frames(film):
        shown = reenact(frame).image
        if frame.index != rest.index:
            judge.see(frame, track.face, shown, follow(shown))
    return judge.scores()


class Judge:
    """Holds what is shown against what was filmed."""

    def __init__(self, studio: Studio, avatar: Avatar, image: Image, face: Face) -> None:
        self.avatar = avatar
        self._studio = studio
        self._who = studio.identity(image, face)
        self._empty = studio.background(avatar.image, avatar.face)
        self._rows: list[Scores] = []
        self._indices: list[int] = []
        self._faces: tuple[list[Array | None], list[Array | None]] = ([], [])

    def see(self, frame: Frame, actor: Face | None, shown: Image, seen: Face | None) -> None:
        """One frame: the actor's picture and face, the avatar's picture and face."""
        self._indices.append(frame.index)
        for faces, face in zip(self._faces, (actor, seen), strict=True):
            faces.append(None if face is None else face.landmarks)
        if actor is not None:
            self._rows.append(self._pixels(frame.image, actor, shown) | self._look(frame.image, actor, shown, seen))
            if seen is not None:
                empty = self._empty & self._studio.background(shown, seen)
                self._rows[-1] |= change(shown, self.avatar.image, empty)

    def scores(self) -> Scores:
        """The mean of every score, and how many frames had a face."""
        actor, shown = (jitter(faces, self._indices) for faces in self._faces)
        worst = {"background_max": max((row.get("background_max", NAN) for row in self._rows), default=NAN)}
        counts = {
            "frames": len(self._indices),
            "actor_lost": sum(face is None for face in self._faces[0]),
            "avatar_lost": sum(face is None and a is not None for a, face in zip(*self._faces, strict=True)),
        }
        tremble = {"jitter": shown - actor, "jitter_avatar": shown, "jitter_actor": actor}
        return average(self._rows) | worst | tremble | counts

    def _pixels(self, image: Image, actor: Face, shown: Image) -> Scores:
        """In the actor's face box."""
        truth, now, still = (cut(picture, actor.box) for picture in (image, shown, self.avatar.image))
        if min(truth.shape[:2]) <= 11:
            return {}
        return {
            "psnr": psnr(now, truth),
            "psnr_still": psnr(still, truth),
            "ssim": ssim(now, truth),
            "ssim_still": ssim(still, truth),
        }

    def _look(self, image: Image, actor: Face, shown: Image, seen: Face | None) -> Scores:
        """Where the features are, and whose they are."""
        truth = self._studio.identity(image, actor)
        still = {
            "akd_still": landmark_distance(self.avatar.face.landmarks, actor.landmarks),
            "identity_still": cosine(self._who, truth),
            "identity_distance_still": float(np.linalg.norm(self._who - truth)),
        }
        if seen is None:
            return still
        who = self._studio.identity(shown, seen)
        return still | {
            "akd": landmark_distance(seen.landmarks, actor.landmarks),
            "identity": cosine(who, truth),
            "identity_distance": float(np.linalg.norm(who - truth)),
        }
