"""Which moment of an actor's film is taken for their neutral."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from reenact.cli.neutral import calmest_motion, find_neutral, frame_at
from reenact.devices.synthetic import Synthetic
from reenact.engine import Engine
from reenact.errors import MediaError, NoFaceError
from reenact.types import Face, Image, Motion

FILM = Path("actor.mp4")


def numbered(index: int) -> Image:
    """A frame that carries its index in its first pixel."""
    image = np.zeros((4, 4, 3), np.uint8)
    image[0, 0, 0] = index
    return image


class Mime:
    """An engine for which a frame's number is all the motion there is; frame `calm` is the one at rest."""

    def __init__(self, calm: int) -> None:
        self.calm = calm
        self.seen: list[int] = []

    def motion(self, image: Image, face: Face) -> Motion:
        self.seen.append(int(image[0, 0, 0]))
        return Motion(np.zeros((2, 3)), np.zeros((2, 3)), np.eye(3), np.full(3, float(image[0, 0, 0])), 1.0)

    def effort(self, motion: Motion) -> float:
        return abs(float(motion.translation[0]) - self.calm)


def faces(first: int, last: int = 255) -> Callable[[Image], Face | None]:
    """A tracker that sees a face from frame `first` to frame `last`."""
    face = Face(np.zeros((478, 3)), np.zeros(4), 1.0)
    return lambda image: face if first <= image[0, 0, 0] <= last else None


def film(count: int) -> Synthetic:
    return Synthetic(count, fps=10, picture=numbered)


def moment(motion: Motion) -> int:
    return int(motion.translation[0])


def test_the_calmest_frame_within_three_seconds_is_neutral() -> None:
    engine = Mime(calm=17)
    assert moment(calmest_motion(cast(Engine, engine), faces(0), film(100), FILM)) == 17
    assert engine.seen == list(range(30))


def test_an_actor_who_comes_late_is_waited_for() -> None:
    engine = Mime(calm=0)
    assert moment(calmest_motion(cast(Engine, engine), faces(50), film(100), FILM)) == 50
    assert engine.seen == list(range(50, 80))


def test_a_film_without_any_face_is_named() -> None:
    with pytest.raises(NoFaceError, match=r"actor\.mp4.*whole film"):
        calmest_motion(cast(Engine, Mime(0)), faces(300), film(40), FILM)


@pytest.mark.parametrize(("at", "index"), [(0, 0), (0.05, 0), (0.1, 1), (1.85, 18), (1.99, 19)])
def test_a_moment_is_the_frame_shown_then(at: float, index: int) -> None:
    assert frame_at(film(20), FILM, at).index == index
    assert moment(find_neutral(cast(Engine, Mime(0)), faces(0), film(20), FILM, at)) == index


def test_a_moment_past_the_end_is_refused() -> None:
    with pytest.raises(MediaError, match=r"2\.00 s long"):
        frame_at(film(20), FILM, 2.1)


def test_a_moment_without_a_face_is_refused() -> None:
    with pytest.raises(NoFaceError, match="--neutral"):
        find_neutral(cast(Engine, Mime(0)), faces(10), film(20), FILM, 0.5)
