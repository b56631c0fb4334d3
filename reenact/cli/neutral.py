"""Which moment of an actor's film is their neutral."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from reenact.engine import Engine
from reenact.errors import MediaError, NoFaceError
from reenact.motion import calmest
from reenact.types import Face, Frame, Image, Motion

CALM_SECONDS = 3.0
"""From the first face on, the calmest frame is looked for in these."""

Track = Callable[[Image], Face | None]


def find_neutral(engine: Engine, track: Track, frames: Iterable[Frame], film: Path, at: float | None = None) -> Motion:
    """The actor's neutral in `frames` of `film`: the one shown `at` seconds, or the calmest soon after the first face.

    Raises NoFaceError where no face is found, MediaError where the film ends before `at`.
    """
    return calmest_motion(engine, track, frames, film) if at is None else motion_at(engine, track, frames, film, at)


def calmest_motion(engine: Engine, track: Track, frames: Iterable[Frame], film: Path) -> Motion:
    """The calmest motion within `CALM_SECONDS` of the first face. Raises NoFaceError where there is none at all."""
    motions: list[Motion] = []
    until = float("inf")
    for frame in frames:
        if frame.captured_at >= until:
            break
        face = track(frame.image)
        if face is not None:
            until = min(until, frame.captured_at + CALM_SECONDS)
            motions.append(engine.motion(frame.image, face))
    if not motions:
        raise NoFaceError(f"{film}: wanted an actor, found no face in the whole film; choose another film.")
    return motions[calmest(motions, engine.effort)]


def motion_at(engine: Engine, track: Track, frames: Iterable[Frame], film: Path, at: float) -> Motion:
    """The motion of the frame shown `at` seconds after the first."""
    frame = frame_at(frames, film, at)
    face = track(frame.image)
    if face is None:
        raise NoFaceError(
            f"{film}: wanted the actor at {at:g} s (--neutral), found no face there; choose another moment."
        )
    return engine.motion(frame.image, face)


def frame_at(frames: Iterable[Frame], film: Path, at: float) -> Frame:
    """The last frame that begins no later than `at` seconds after the first. Raises MediaError past the film's end."""
    start = gap = 0.0
    shown: Frame | None = None
    for frame in frames:
        if shown is None:
            start = frame.captured_at
        elif frame.captured_at - start > at:
            return shown
        else:
            gap = frame.captured_at - shown.captured_at
        shown = frame
    if shown is None or at > shown.captured_at - start + gap:
        length = 0.0 if shown is None else shown.captured_at - start + gap
        raise MediaError(
            f"{film}: wanted the actor at {at:g} s (--neutral), the film is {length:.2f} s long; choose less."
        )
    return shown
