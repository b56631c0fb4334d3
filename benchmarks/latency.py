"""python -m benchmarks.latency: how long one frame takes, stage by stage, and from capture to sink in the real loop.

First every frame as fast as it goes, each stage timed (decode apart: a camera does that in its own thread), and again
pipelined, as `reenact render` does it: decoding and tracking of a frame while the one before is drawn; and once more as
it does it in all: marking and encoding, too, while others are drawn. Then the live loop, the film being the camera at
its own pace: latency is what a sink reads off `captured_at` when it gets the frame. In the same run, for comparison, a
performer that only copies the actor's frame: what the loop costs by itself.
The actor is a film with a face (--actor), or, without one, the bundled picture going through the bundled performance.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from benchmarks.actor import film_actor
from benchmarks.budget import allowed, exceeded
from benchmarks.films import Choice
from benchmarks.machine import machine, peak_memory_mb
from benchmarks.offline import WARM_UP, offline, pipelined, rendered
from benchmarks.report import json_line, keep, output_options, table
from benchmarks.studio import first_of
from reenact.backends.onnx import cores
from reenact.bundle import bundled
from reenact.compose import paste_back
from reenact.devices.paced import ClipCamera
from reenact.devices.pictures import read_picture
from reenact.errors import MediaError, ReenactError
from reenact.faces import Tracker, open_finder
from reenact.lite import LiteEngine, open_lite
from reenact.loop import LiveStats, Performer, run
from reenact.pipeline import Reenactor
from reenact.provenance.outgoing import Finished
from reenact.provenance.payload import Payload
from reenact.provenance.watermark import Watermark
from reenact.smoothing import Smoother
from reenact.stopwatch import Stopwatch, TimedEngine, summarise
from reenact.types import Frame, Image

Look = Callable[[Frame], Frame]
COLUMNS = ("median_ms", "p95_ms", "p99_ms", "calls")


class LatencySink:
    """A FrameSink that notes how old each frame is."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, frame: Frame) -> None:
        """Look at the clock."""
        self.seconds.append(time.monotonic() - frame.captured_at)


class Copyist:
    """A performer that does nothing but copy: what the loop costs by itself."""

    face_found = calibrated = True

    def __call__(self, frame: Frame) -> Frame:
        return frame.with_image(frame.image.copy())

    def still(self) -> Image:
        return np.zeros((480, 640, 3), np.uint8)


def main() -> None:
    """Measure, and print."""
    options = parse()
    cv2.setNumThreads(options.threads)
    try:
        with tempfile.TemporaryDirectory() as folder:
            film = options.actor or Path(folder) / "actor.mp4"
            if options.actor is None:
                film_actor(film)
            report(options, film)
    except (ReenactError, subprocess.CalledProcessError) as error:
        sys.exit(f"benchmarks.latency: {error}")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--engine", choices=["lite"], default="lite")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument(
        "--frames", type=int, default=250, help="as fast as it goes; the film starts anew where it ends"
    )
    parser.add_argument("--size", type=int, default=512, help="px: the output's short side")
    parser.add_argument("--threads", type=int, default=cores(), help="of the engine's networks; default: all cores")
    parser.add_argument("--actor", type=Path, help="a film with a face")
    parser.add_argument("--avatar", type=Path, default=bundled("examples", "hopper.jpg"), help="a picture with a face")
    parser.add_argument("--live", type=float, default=10.0, help="seconds of the live loop, each time")
    parser.add_argument(
        "--budget", action="store_true", help="exit with 1 where a stage exceeds benchmarks/budget.toml"
    )
    output_options(parser)
    return parser.parse_args()


def report(options: argparse.Namespace, film: Path) -> None:
    """Measure everything on one film and one avatar."""
    watch, engine = Stopwatch(), opened(options)
    reenactor = assemble(options, film, watch, engine)
    began = time.perf_counter()
    stages = offline(reenactor, film, options.frames, watch)
    seconds = time.perf_counter() - began
    bare = Stopwatch()
    warping = assemble(options, film, bare, opened(options, paints=False))
    stages["total, warp alone"] = offline(warping, film, options.frames, bare)["total"]
    stages["pipelined, a frame"] = pipelined(reenactor, film, options.frames, lambda _: None)
    stages["rendered, a frame"] = rendered(reenactor, film, options.frames)
    live = {name: loop(film, each, options.live, look) for name, (each, look) in performers(reenactor).items()}
    height, width = reenactor.still().shape[:2]
    title = f"{options.engine} on {options.backend}: {width} x {height} px, {options.frames} frames"
    table(f"{title}, as fast as it goes", stages, COLUMNS, markdown=options.markdown)
    table("live: from capture to sink", live, (*COLUMNS, "fps", "captured", "dropped"), markdown=options.markdown)
    total = stages["total"]
    ahead, film_made = (1000 / stages[f"{how}, a frame"]["mean_ms"] for how in ("pipelined", "rendered"))
    print(f"frames a second: {ahead:.1f} pipelined, with decoding; {film_made:.1f} marked and encoded too")
    print(f"{total['median_ms'] / stages['total, warp alone']['median_ms']:.2f} times what the warp alone takes")
    print(f"drawn by {engine._draw.provider}; load average {load()}")
    result = (
        {"median_ms": total["median_ms"], "p95_ms": total["p95_ms"], "p99_ms": total["p99_ms"]}
        | {
            "fps": 1000 / total["mean_ms"],
            "fps_with_decoding": options.frames / seconds,
            "fps_pipelined_with_decoding": ahead,
            "fps_rendered": film_made,
            "stages": stages,
            "live": live,
        }
        | {"peak_memory_mb": peak_memory_mb(), "size": [width, height]}
        | what_ran(options, engine)
        | machine()
    )
    json_line(result)
    if options.keep:
        print(keep("latency", result))
    if options.budget and (over := list(exceeded(stages, allowed(options.engine)))):
        sys.exit("\n".join(over))


def what_ran(options: argparse.Namespace, engine: LiteEngine) -> dict[str, object]:
    """What was asked for, and, once frames are drawn, what really draws them: `auto` is no answer."""
    return {
        "engine": options.engine,
        "backend": options.backend,
        "provider": engine._draw.provider,
        "threads": options.threads,
        "frames": options.frames,
        "actor": options.actor.name if options.actor else "bundled performance",
    }


def performers(reenactor: Reenactor) -> dict[str, tuple[Performer, Look | None]]:
    """What the loop runs, by name; and how it looks ahead."""
    marked = Finished(reenactor, Watermark(Payload(session=0, signed=False)))
    return {
        "engine, marked": (marked, reenactor.look),
        "engine": (reenactor, reenactor.look),
        "engine, one thread": (reenactor, None),
        "copy only": (Copyist(), None),
    }


def opened(options: argparse.Namespace, *, paints: bool = True) -> LiteEngine:
    """The engine on the backend that was asked for."""
    return open_lite(backend=options.backend, threads=options.threads, paints=paints)


def assemble(options: argparse.Namespace, film: Path, watch: Stopwatch, engine: LiteEngine) -> Reenactor:
    """As `reenact live` does, with every stage timed; the film's first face is neutral, so that every frame counts."""
    finder = open_finder(threads=1)
    picture = read_picture(options.avatar)
    avatar = engine.prepare(picture, finder.only(picture), size=options.size)
    frame, face = first_of(finder, film, Choice().frames(film))
    return Reenactor(
        TimedEngine(engine, watch),
        watch.timed("track", Tracker(finder)),
        avatar,
        neutral=engine.motion(frame.image, face),
        smooth=Smoother(),
        compose=watch.timed("compose", paste_back),
    )


def load() -> str:
    """How busy the machine is, by now and in the last minutes: whatever is above 0 is in the times."""
    return ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def loop(film: Path, performer: Performer, seconds: float, look: Look | None) -> dict[str, float]:
    """The real live loop, the film being the camera. look: see `reenact.loop.run`."""
    sink = LatencySink()
    clip = ClipCamera(film, loop=True)
    stats: LiveStats = run(clip, performer, {"measure": sink}, seconds=seconds, look=look)
    if len(sink.seconds) <= WARM_UP:
        raise MediaError(f"{film}: wanted over {WARM_UP} live frames, got {len(sink.seconds)}; raise --live.")
    counts = {"fps": stats.fps, "captured": stats.captured, "dropped": stats.dropped}
    return asdict(summarise(sink.seconds[WARM_UP:])) | counts


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    main()
