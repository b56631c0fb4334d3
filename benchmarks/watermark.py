"""python -m benchmarks.watermark DATA [DATA ...]: what the watermark costs, what it survives, and when it errs.

Films and pictures of every DATA (clips/ and stills/ in it) are brought to 512 px on the shorter side, marked, attacked
and judged as `reenact verify` judges. bits: share of the 64 that are right as read, before the checksum corrects any.
exact: share of the films whose 64 bits are all right as read. read: share whose payload is right after correction.
delay: from capture to sink in the live loop at 512 x 512, every other frame marked. False alarms: every unmarked
picture with the full search, one by one, and every unmarked film. One core.
"""

from __future__ import annotations

import argparse
import logging
import math
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from benchmarks.attacks import FILM_ATTACKS, STILL_ATTACKS, Change, FilmAttack, short_side
from benchmarks.films import avatars_in, films_in
from benchmarks.machine import machine
from benchmarks.marking import added_delay
from benchmarks.metrics import Scores, average, psnr
from benchmarks.report import json_line, table
from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.errors import ReenactError
from reenact.provenance.detector import SURE_ANYWHERE, SURE_IN_PLACE, Detector, Finding
from reenact.provenance.payload import Payload
from reenact.provenance.watermark import Watermark
from reenact.types import Image

SIDE = 512
"""px"""
PAYLOAD = Payload(session=0x2A5C_93D1, signed=True)
FRAMES = 50
"""Of each film."""
ALONE = 10
"""Of each film, judged one by one."""
ROUNDS = 300
T = TypeVar("T")
to_side = short_side(SIDE)


def main() -> None:
    """Measure, and print."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    options = parse()
    cv2.setNumThreads(1)
    began = time.monotonic()
    try:
        films = spread([film for data in options.data for film in films_in(data)], options.clips)
        pictures = spread([picture for data in options.data for picture in avatars_in(data)], options.stills)
        cost = costs([to_side(read_picture(path)) for path in pictures])
        stills = {name: still_attack(change, pictures) for name, change in STILL_ATTACKS.items()}
        clips = film_attacks(films)
        alarms = false_alarms(options.data, options.unmarked)
    except ReenactError as error:
        sys.exit(f"benchmarks.watermark: {error}")
    show(cost, clips, stills, alarms)
    json_line(
        {"cost": cost, "films": len(films), "frames_of_each": FRAMES, "stills": len(pictures)}
        | {"film_attacks": clips, "still_attacks": stills, "unmarked": alarms}
        | {"seconds": time.monotonic() - began}
        | machine()
    )


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watermark", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders with clips/ and stills/ in them")
    parser.add_argument("--clips", type=int, default=24, help="films that are attacked")
    parser.add_argument("--stills", type=int, default=60, help="pictures that are attacked")
    parser.add_argument("--unmarked", type=int, default=2000, help="unmarked pictures that are judged")
    return parser.parse_args()


def costs(pictures: Sequence[Image]) -> Scores:
    """Milliseconds of processor time for a 512 x 512 frame, the live delay it adds, and how far off pictures get."""
    mark, frame = Watermark(PAYLOAD), np.ascontiguousarray(pictures[0][:SIDE, :SIDE])
    taken = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        mark(frame)
        taken.append(1e3 * (time.thread_time() - began))
    delays = added_delay(mark, frame)
    apart = [psnr(picture, mark(picture)) for picture in pictures]
    return {
        "ms_p50": statistics.median(taken),
        "ms_p95": statistics.quantiles(taken, n=20)[-1],
        "psnr_min": min(apart),
        "psnr_mean": statistics.fmean(apart),
        **delays,
    }


def film_attacks(films: Sequence[Path]) -> dict[str, Scores]:
    """Every attack on every film; a score is the mean over the films, `z_min` the least."""
    rows: dict[str, list[Scores]] = {name: [] for name in FILM_ATTACKS}
    for film in films:
        began = time.monotonic()
        mark = Watermark(PAYLOAD)
        frames = [mark(to_side(image)) for image in images_of(film, FRAMES)]
        for name, attack in FILM_ATTACKS.items():
            rows[name].append(film_attack(attack, frames))
        print(f"{film.name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    return {name: summary(scores) for name, scores in rows.items()}


def film_attack(attack: FilmAttack, frames: Sequence[Image]) -> Scores:
    """One film after one attack: judged as a whole, and some frames alone."""
    seen = list(attack(frames))
    began = time.perf_counter()
    scores = judged(judge(seen))
    scores["judge_s"] = time.perf_counter() - began
    scores["frame_bits"] = (
        statistics.fmean(right(judge([image], everywhere=False)) for image in seen[:: -(-len(seen) // ALONE)])
        if attack.whole
        else math.nan
    )
    return scores


def still_attack(change: Change, pictures: Sequence[Path]) -> Scores:
    """One attack on every picture."""
    mark = Watermark(PAYLOAD)
    return summary([judged(judge([change(mark(to_side(read_picture(path))))])) for path in pictures])


def false_alarms(data: Sequence[Path], wanted: int) -> dict[str, float]:
    """How often unmarked pictures and films are said to be marked."""
    films = [film for folder in data for film in films_in(folder)]
    stills = [picture for folder in data for picture in avatars_in(folder)]
    of_each = max(1, -(-(wanted - len(stills)) // len(films)))
    pictures = [judge([read_picture(path)]) for path in islice(stills, wanted)]
    clips = []
    for film in films:
        images = images_of(film, max(of_each, FRAMES))
        pictures += [judge([image]) for image in spread(images, of_each)]
        clips.append(judge(images))
        print(f"unmarked {film.name}: {len(pictures)} pictures", file=sys.stderr, flush=True)
    return alarm_rates(pictures) | {f"film_{name}": value for name, value in alarm_rates(clips).items()}


def alarm_rates(findings: Sequence[Finding]) -> dict[str, float]:
    """Counted; the bound that holds with 95 % confidence; and where Gumbel's law of largest values puts the rate."""
    z = [finding.z for finding in findings]
    count, alarms = len(z), sum(finding.marked for finding in findings)
    spread_of = statistics.stdev(z) * math.sqrt(6) / math.pi
    mode = statistics.fmean(z) - 0.5772 * spread_of
    return {
        "judged": count,
        "alarms": alarms,
        "payloads": sum(finding.payload is not None for finding in findings),
        "z_mean": statistics.fmean(z),
        "z_max": max(z),
        "rate_below_with_95_percent": (3 if alarms == 0 else alarms + 1.65 * math.sqrt(alarms) + 1.35) / count,
        "rate_by_gumbel": -math.expm1(-math.exp(-(SURE_ANYWHERE - mode) / spread_of)),
    }


def judge(images: Iterable[Image], *, everywhere: bool = True) -> Finding:
    """As `reenact verify` does."""
    detector = Detector()
    for image in images:
        detector.add(image)
    return detector.find(everywhere=everywhere)


def judged(finding: Finding) -> Scores:
    """What of it is right."""
    return {
        "marked": float(finding.marked),
        "bits": right(finding),
        "exact": float(right(finding) == 1),
        "read": float(finding.payload == PAYLOAD),
        "z": finding.z,
    }


def right(finding: Finding) -> float:
    """Share of the 64 bits."""
    return float(np.mean(finding.bits == PAYLOAD.bits()))


def summary(scores: Sequence[Scores]) -> Scores:
    """Means, and the least z."""
    return average(scores) | {"z_min": min(score["z"] for score in scores)}


def images_of(film: Path, count: int) -> list[Image]:
    """The first frames, at most 1080 px high or wide as they are shown."""
    with VideoSource(film) as source:
        return [frame.image for frame in islice(source, count)]


def spread(items: Sequence[T], count: int) -> list[T]:
    """`count` of them, evenly."""
    if count >= len(items):
        return list(items)
    return [items[index * len(items) // count] for index in range(count)]


def show(cost: Scores, clips: dict[str, Scores], stills: dict[str, Scores], alarms: dict[str, float]) -> None:
    """Tables for people."""
    table(f"cost of a {SIDE} x {SIDE} frame, one core", {"watermark": cost}, list(cost))
    table(f"films, {FRAMES} frames each", clips, "marked frame_bits bits exact read z z_min judge_s".split())
    table("pictures, one by one", stills, "marked bits exact read z z_min".split())
    for what, prefix in (("pictures", ""), ("films", "film_")):
        print(
            f"Unmarked {what}: {alarms[prefix + 'alarms']:.0f} false alarms among {alarms[prefix + 'judged']:.0f} "
            f"(largest z {alarms[prefix + 'z_max']:.2f}; marked from {SURE_ANYWHERE}, in place from {SURE_IN_PLACE}). "
            f"With 95 % confidence fewer than {100 * alarms[prefix + 'rate_below_with_95_percent']:.2f} %; "
            f"extrapolated {alarms[prefix + 'rate_by_gumbel']:.1e}."
        )


if __name__ == "__main__":
    main()
