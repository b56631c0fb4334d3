"""python -m benchmarks.quality DATA: how well the avatar does what the actor does.

Self-reenactment of every film of DATA (or DATA/clips): the film's first frame with a face (--calmest: the calmest of
the first seconds) is the avatar and the neutral. Pixels are compared in the box of the actor's landmarks; landmarks in
% of the inter-ocular distance; identity by dlib's network, between output and actor frame. Background: grey levels
between output and avatar where the person network sees nobody in either. Cross-reenactment: the pictures of DATA/stills
follow some of the actors; identity between output and avatar, expression in blendshapes, pose in degrees, all relative
to rest. *_still: the avatar unmoved, which is what doing nothing gets.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from benchmarks.crossing import avatar_of, cross, performance
from benchmarks.films import Choice, avatars_in, films_in
from benchmarks.identity import DEFAULT
from benchmarks.imitation import imitate
from benchmarks.machine import machine
from benchmarks.metrics import Scores, average
from benchmarks.report import json_line, table
from benchmarks.studio import Studio, open_studio
from reenact.errors import NoFaceError, ReenactError

AKD_RATIO = 0.2
"""--check: AKD may be at most this part of the still picture's ..."""
IDENTITY_LOSS = 0.02
"""... and identity at most so much lower."""
MOMENTS = 8
"""Of every actor, for every avatar."""
FOLLOWS = "akd akd_still psnr psnr_still ssim ssim_still frames actor_lost avatar_lost".split()
KEEPS = (
    "identity identity_still identity_distance identity_distance_still jitter background_mean background_p99 "
    "background_max"
).split()
CROSSING = "identity identity_distance expression expression_still pose pose_still lost".split()

T = TypeVar("T")


def main() -> None:
    """Measure, and print."""
    options = parse()
    try:
        studio = open_studio(options.identity, backend=options.backend, threads=options.threads)
        films = films_in(options.data)[: options.clips]
        choice = Choice(options.every, options.seconds)
        began = time.monotonic()
        clips = each(films, lambda film: imitate(studio, film, choice, calm=options.calmest))
        crossed = crossing(studio, options.data, films, choice, options) if options.actors else {}
    except ReenactError as error:
        sys.exit(f"benchmarks.quality: {error}")
    summary = {"clips": len(clips), "seconds": time.monotonic() - began, **summarise(clips)}
    if not options.json:
        show(clips, crossed)
    settings = {"every": options.every, "avatar": "calmest frame" if options.calmest else "first frame"}
    complaints = missed(summary) if options.check else []
    json_line(
        summary | {"cross": averaged(crossed)} | settings | machine() | {"per_clip": clips, "per_avatar": crossed}
    )
    if complaints:
        sys.exit(f"benchmarks.quality: {'; '.join(complaints)}")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder of films, or one with clips/ and stills/ in it")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    parser.add_argument("--every", type=int, default=1, help="measure three frames in a row out of every 3 x EVERY")
    parser.add_argument("--clips", type=int, help="only the first so many films (and avatars)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="only the beginning of each film")
    parser.add_argument("--actors", type=int, default=3, help="films that every avatar follows; 0: no crossing")
    parser.add_argument("--calmest", action="store_true", help="the avatar is the calmest early frame, not the first")
    parser.add_argument("--check", action="store_true", help="exit 1 unless AKD and identity are as they must be")
    parser.add_argument("--identity", type=Path, default=DEFAULT, help="dlib's face network, ONNX")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--threads", type=int)
    return parser.parse_args()


def crossing(
    studio: Studio, data: Path, films: list[Path], choice: Choice, options: argparse.Namespace
) -> dict[str, Scores]:
    """Every avatar after every actor; a score is the mean over the actors."""
    actors = [performance(studio, film, MOMENTS, choice) for film in films[:: -(-len(films) // options.actors)]]

    def follow(picture: Path) -> Scores:
        avatar, who = avatar_of(studio, picture)
        return average([cross(studio, avatar, who, actor) for actor in actors])

    return each(avatars_in(data)[: options.clips], follow)


def each(paths: Iterable[Path], measure: Callable[[Path], Scores]) -> dict[str, Scores]:
    """Measure every file; one without a face is named on stderr and left out."""
    measured = {}
    for path in paths:
        began = time.monotonic()
        try:
            measured[path.stem] = measure(path)
            print(f"{path.name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
        except NoFaceError as error:
            print(f"left out: {error}", file=sys.stderr, flush=True)
    return measured


def summarise(clips: dict[str, Scores]) -> Scores:
    """The mean over the clips, each with one vote; frames and losses added up; the ratio of the means."""
    mean = averaged(clips)
    for count in ("frames", "actor_lost", "avatar_lost"):
        mean[count] = sum(int(clip[count]) for clip in clips.values())
    mean["background_max"] = max((clip["background_max"] for clip in clips.values()), default=float("nan"))
    if "akd" in mean:
        mean["akd_ratio"] = mean["akd"] / mean["akd_still"]
    return mean


def missed(summary: Scores) -> list[str]:
    """What must show, and does not."""
    ratio, lost = summary.get("akd_ratio", 1.0), summary.get("identity_still", 1.0) - summary.get("identity", 0.0)
    far = [f"AKD is {ratio:.3f} of the still picture's, wanted at most {AKD_RATIO}"] if ratio > AKD_RATIO else []
    return far + ([f"identity is lower by {lost:.3f}, wanted at most {IDENTITY_LOSS}"] if lost > IDENTITY_LOSS else [])


def averaged(rows: dict[str, Scores]) -> Scores:
    """The mean of every column."""
    return average(list(rows.values()))


def show(clips: dict[str, Scores], crossed: dict[str, Scores]) -> None:
    """Tables for people."""
    with_mean = clips | {"mean": averaged(clips)}
    table("self-reenactment: does as the actor does (still: the avatar unmoved)", with_mean, FOLLOWS)
    table("self-reenactment: what must stay", with_mean, KEEPS)
    if crossed:
        table("cross-reenactment", crossed | {"mean": averaged(crossed)}, CROSSING)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    main()
