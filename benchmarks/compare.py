"""python -m benchmarks.compare: LivePortrait's networks as we run them beside the same networks as they were written.

One frame is motion, warping and generator, at full size, filled from the seed: the numbers are noise, the work is the
real one. The peer is torch in float32 with the reference's own operators; ours goes through a backend of this package.
Both take turns in one run, with the same number of threads, and their pictures are compared. Prints a table, then one
JSON line. Needs the group `export`, and an engine that `python -m export liveportrait --filled --out DIR` wrote.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import torch

from benchmarks.machine import machine
from benchmarks.report import json_line, keep, output_options, table
from export.liveportrait.family import Family, from_seed
from export.liveportrait.widths import KEYPOINTS, OFFICIAL
from reenact.bundle import Bundle, open_bundle
from reenact.errors import ReenactError
from reenact.liveportrait.engine import Flow

STAGES = ("motion", "warping", "generator")
FORMS = ("ours", "torch")

Arrays = Mapping[str, np.ndarray]
Frame = Callable[[Arrays], tuple[np.ndarray, dict[str, float]]]
"""Inputs -> the picture (1, 3, H, W) 0..1 and the seconds of each stage."""


def inputs(seed: int = 0) -> dict[str, np.ndarray]:
    """An actor's picture, an avatar's volume, and keypoints that move a little."""
    rng, (channels, depth) = np.random.default_rng(seed), OFFICIAL.volume
    still = rng.normal(0, 0.25, (1, KEYPOINTS, 3))
    values = {
        "image": rng.uniform(0, 1, (1, 3, OFFICIAL.image, OFFICIAL.image)),
        "volume": rng.normal(0, 1, (1, channels, depth, OFFICIAL.side, OFFICIAL.side)),
        "still": still,
        "moved": still + rng.normal(0, 0.05, still.shape),
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def as_written(family: Family) -> Frame:
    """torch, float32, the reference's operators."""

    def frame(given: Arrays) -> tuple[np.ndarray, dict[str, float]]:
        tensors = {name: torch.from_numpy(value) for name, value in given.items()}
        start = perf_counter()
        family.motion_extractor(tensors["image"])
        seen = perf_counter()
        feature = family.warping_module(tensors["volume"], tensors["still"], tensors["moved"])
        moved = perf_counter()
        picture = family.spade_generator(feature).numpy()
        return picture, dict(zip(STAGES, (seen - start, moved - seen, perf_counter() - moved), strict=True))

    return frame


def as_we_run_it(bundle: Bundle, backend: str, threads: int) -> Frame:
    """Through a backend, in the forms that suit it."""
    roles = ("motion", "spread", "settle", "warp", "generator")
    networks = {role: bundle.network(role, backend=backend, threads=threads) for role in roles}
    flow = Flow(networks["spread"], networks["settle"])

    def frame(given: Arrays) -> tuple[np.ndarray, dict[str, float]]:
        keypoints = {name: given[name] for name in ("still", "moved")}
        start = perf_counter()
        networks["motion"](image=given["image"])
        seen = perf_counter()
        feature = networks["warp"](volume=given["volume"], **flow(volume=given["volume"], **keypoints))["feature"]
        moved = perf_counter()
        picture = networks["generator"](feature=feature)["image"]
        return picture, dict(zip(STAGES, (seen - start, moved - seen, perf_counter() - moved), strict=True))

    return frame


def compare(frames: Mapping[str, Frame], rounds: int) -> tuple[dict[str, dict[str, float]], float]:
    """Median seconds by form and stage, and of processor time over all threads; PSNR of the two pictures, dB."""
    given, taken, pictures = inputs(), {form: [] for form in frames}, {}
    for number in range(rounds + 1):
        for form, frame in frames.items():
            worked = process_time()
            pictures[form], seconds = frame(given)
            seconds["processor"] = process_time() - worked
            if number:  # the first one warms up
                taken[form].append(seconds)
    times = {form: {name: median(t[name] for t in rows) for name in rows[0]} for form, rows in taken.items()}
    for row in times.values():
        row["frame"] = sum(row[stage] for stage in STAGES)
    first, second = (pictures[form].astype(np.float64) for form in FORMS)
    return times, float(-10 * np.log10(((first - second) ** 2).mean()))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--engine", type=Path, required=True, metavar="DIR", help="what --filled wrote")
    parser.add_argument("--backend", default="openvino")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    output_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    try:
        bundle = open_bundle(options.engine)
        ours = as_we_run_it(bundle, options.backend, options.threads)
    except ReenactError as error:
        sys.exit(f"benchmarks: {error}")
    times, psnr = compare({"ours": ours, "torch": as_written(from_seed(OFFICIAL))}, options.rounds)
    ratios = {name: times["ours"][name] / times["torch"][name] for name in ("frame", "processor")}
    title = f"seconds a frame, {options.threads} threads: {options.backend} beside torch, median of {options.rounds}"
    table(title, times, (*STAGES, "frame", "processor"), markdown=options.markdown)
    print(f"ours takes {ratios['frame']:.2f} x the time of torch, {ratios['processor']:.2f} x its processor time")
    print(f"the pictures agree to {psnr:.1f} dB; processor time is what other programs on the machine do not change")
    result = {"seconds": times, "ratio": ratios, "psnr_db": psnr, "engine": bundle.manifest.name} | machine()
    result |= {"backend": options.backend, "threads": options.threads}
    json_line(result)
    if options.keep:
        print(keep("compare", result))


if __name__ == "__main__":
    main()
