"""python -m benchmarks.painting DATA: what the generators of `lite` add to its geometry, both in one run.

Self-reenactment of every film of DATA (or DATA/clips), by the warp alone and by the whole engine. Mouth and eyes are
cut out of the true frame and of what is drawn, in the squares that the true landmarks give. l1: grey levels in the
square; look: perceptual distance (EfficientNet-Lite0); inner: between the outer lips or the lids only; open: between
the inner lips only. In a film every px of an area counts alike, and then every film. flicker: grey levels of the second
difference over three frames in a row, off: by how much it is not the film's own. The actor is the film itself, so what
the generators glimpse of mouth and eyes is in the light of the truth; --dim: it is not. Needs '.[train]'.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.films import Choice, films_in
from benchmarks.identity import DEFAULT
from benchmarks.machine import machine
from benchmarks.metrics import Scores, average, cosine, landmark_distance
from benchmarks.quality import each
from benchmarks.regions import PX, Crop, Trembling, crops_of, flicker, nearness, pooled
from benchmarks.report import json_line, table
from benchmarks.studio import Studio, Watched, open_studio, opening
from reenact.errors import ReenactError
from reenact.lite import LiteEngine, open_lite
from reenact.pipeline import Reenactor
from reenact.types import Array, Face, Frame, Image
from training.perceptual import Features, open_features

GAINS = {"mouth_inner_l1": 0.25, "mouth_inner_look": 0.25, "eyes_inner_l1": 0.15, "eyes_inner_look": 0.15}
"""By what part an error must at least be lower with the generators."""
NOT_HIGHER = ("akd", "mouth_flicker_off", "eyes_flicker_off")
DIM = np.array([0.8, 0.7, 0.55])
"""Of what a bright room's light is, RGB."""

Light = Callable[[Image], Image]


class Follower:
    """One engine that does what the actor of a film does."""

    def __init__(self, studio: Studio, engine: LiteEngine, first: Frame, face: Face, light: Light) -> None:
        self._studio, self._light = studio, light
        avatar = engine.prepare(first.image, face)
        self._reenact = Reenactor(engine, studio.tracker(), avatar, neutral=avatar.motion)
        self._follow = studio.tracker()
        self._trembling = Trembling()
        self.rows: list[Scores] = []

    def see(
        self,
        frame: Frame,
        crops: list[Crop],
        truth: Mapping[str, Array],
        filmed: Mapping[str, Array],
        actor: Watched,
        features: Features,
    ) -> None:
        """Draw a frame, and hold it against the truth. filmed: how the film itself trembles."""
        shown = self._reenact(frame.with_image(self._light(frame.image))).image
        cuts = {crop.name: crop.cut(shown) for crop in crops}
        row = nearness(crops, cuts, truth, features)
        row |= flicker(self._trembling(cuts, frame.index), filmed)
        assert actor.face is not None
        if (seen := self._follow(shown)) is not None:
            row["akd"] = landmark_distance(seen.landmarks, actor.face.landmarks)
            who, wanted = self._studio.identity(shown, seen), self._studio.identity(frame.image, actor.face)
            row["identity"] = cosine(who, wanted)
        self.rows.append(row)


def main() -> None:
    """Measure, and print."""
    options = parse()
    try:
        studio, features = open_studio(options.identity), open_features()
        engines = {"geometry": open_lite(paints=False), "painted": open_lite(paints=True)}
        choice = Choice(options.every, options.seconds)
        films = films_in(options.data)[: options.clips]
        light = dim if options.dim else np.asarray
        clips = each(films, lambda film: imitate(studio, engines, film, choice, features, light))
    except (ReenactError, ModuleNotFoundError) as error:
        sys.exit(f"benchmarks.painting: {error}")
    rows = {name: average([_of(name, clip) for clip in clips.values()]) for name in ("film", *engines)}
    gains = {key: 1 - rows["painted"][key] / rows["geometry"][key] for key in rows["painted"] if not key.endswith(PX)}
    table("self-reenactment, by the warp alone and with the generators", rows | {"lower by": gains}, sorted(gains))
    json_line(rows | {"lower_by": gains, "clips": len(clips), "per_clip": clips} | machine())
    if options.check and (complaints := missed(rows, gains)):
        sys.exit(f"benchmarks.painting: {'; '.join(complaints)}")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.painting", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder of films, or one with clips/ in it")
    parser.add_argument("--every", type=int, default=8, help="measure three frames in a row out of every 3 x EVERY")
    parser.add_argument("--clips", type=int, help="only the first so many films")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="only the beginning of each film")
    parser.add_argument("--identity", type=Path, default=DEFAULT, help="dlib's face network, ONNX")
    parser.add_argument("--dim", action="store_true", help="the actor sits in a dim, warm light; the truth does not")
    parser.add_argument("--check", action="store_true", help="exit 1 unless the generators gain what they must")
    return parser.parse_args()


def imitate(
    studio: Studio, engines: Mapping[str, LiteEngine], film: Path, choice: Choice, features: Features, light: Light
) -> Scores:
    """Means over a film, as ENGINE.SCORE. light: in which the actor is seen."""
    first, face = opening(studio, film, calm=False)
    rest, actor = studio.engine.motion(first.image, face), studio.tracker()
    followers = {name: Follower(studio, engine, first, face, light) for name, engine in engines.items()}
    trembling, own = Trembling(), []
    for frame in choice.frames(film):
        if actor(frame.image) is None or actor.face is None or frame.index == first.index:
            continue
        crops = list(crops_of(rest, studio.engine.motion(frame.image, actor.face)))
        truth = {crop.name: crop.cut(frame.image) for crop in crops}
        filmed = trembling(truth, frame.index)
        own.append(flicker(filmed, filmed))
        for follower in followers.values():
            follower.see(frame, crops, truth, filmed, actor, features)
    rows = {"film": own, **{name: follower.rows for name, follower in followers.items()}}
    return {f"{name}.{key}": value for name, seen in rows.items() for key, value in pooled(seen).items()}


def dim(image: Image) -> Image:
    """The picture in a dim, warm light."""
    return np.asarray((image / 255) ** 1.3 * DIM * 255, np.uint8)


def missed(rows: Mapping[str, Scores], gains: Scores) -> list[str]:
    """What must show, and does not."""
    short = [
        f"{key} is lower by {gains[key]:.1%}, wanted {most:.0%}" for key, most in GAINS.items() if gains[key] < most
    ]
    higher = [f"{key} is higher by {-gains[key]:.1%}" for key in NOT_HIGHER if gains[key] < 0]
    return short + higher + (["identity is lower"] if gains["identity"] > 0 else [])


def _of(engine: str, clip: Scores) -> Scores:
    return {key.removeprefix(f"{engine}."): value for key, value in clip.items() if key.startswith(f"{engine}.")}


if __name__ == "__main__":
    main()
