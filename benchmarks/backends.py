"""python -m benchmarks.backends: every installed backend on every network, with the inputs of a real frame.

Median and p95 of one run, and the difference from ONNX Runtime's float32 on the CPU: root mean square as part of the
reference's. Networks are those of `lite` and of the faces, drawing the bundled picture; with --folder those of another
engine, fed with numbers from a seed. A backend that is not here, or is not right, is a line that says why.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.machine import machine, peak_memory_mb
from benchmarks.report import json_line, table
from reenact.backends.protocol import Backend
from reenact.backends.registry import REFERENCE, backends
from reenact.backends.trial import TOLERANCE, psnr
from reenact.bundle import Bundle, bundled, open_bundle
from reenact.devices.pictures import read_picture
from reenact.errors import ReenactError
from reenact.faces import Finder, open_finder
from reenact.lite import open_lite
from reenact.network import Network, Tensor
from reenact.recording import load_recording
from reenact.stopwatch import summarise

COLUMNS = ("median_ms", "p95_ms", "psnr", "calls")
Feeds = Mapping[str, Mapping[str, Tensor]]
"""Network -> its inputs."""


class Listener:
    """A Network that remembers what it was last given."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.heard: dict[str, Tensor] = {}

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        self.heard = inputs
        return self._network(**inputs)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backends", description=__doc__)
    parser.add_argument("--folder", type=Path, help="an engine folder; default: lite and faces")
    parser.add_argument("--size", type=int, default=512, help="px: the short side that lite draws")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--threads", type=int, help="default: one per core")
    options = parser.parse_args()
    rows = dict(measured(options))
    right = {name: row for name, row in rows.items() if "median_ms" in row}
    table(f"one run; right is {TOLERANCE:.0f} dB or more", right, COLUMNS)
    for name, row in rows.items():
        if "complaint" in row:
            print(f"{name}: {row['complaint']}")
    json_line({"networks": rows, "peak_memory_mb": peak_memory_mb(), "threads": options.threads} | machine())


def measured(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, object]]]:
    """A row for each network on each backend that its form suits."""
    for bundle, feeds in work(options.folder, options.size):
        for name, inputs in feeds.items():
            entry = bundle.manifest.networks[name]
            wanted = bundle.form(name, backend=REFERENCE, threads=options.threads)(**inputs)
            for backend in backends():
                if not entry.backends or backend.name in entry.backends:
                    yield f"{name}, {backend.name}", row(bundle, name, backend, inputs, wanted, options)


def row(
    bundle: Bundle,
    name: str,
    backend: Backend,
    inputs: Mapping[str, Tensor],
    wanted: Mapping[str, Tensor],
    options: argparse.Namespace,
) -> dict[str, object]:
    """One network on one backend, or why not."""
    here = backend.probe()
    if not here.ok:
        return {"complaint": here.reason}
    try:
        session = bundle.form(name, backend=backend.name, threads=options.threads)
        near = psnr(session(**inputs), wanted)
        taken = durations(session, inputs, options.runs)
    except ReenactError as error:
        return {"complaint": str(error)}
    about = {"psnr": near, "right": bool(near >= TOLERANCE), "version": here.version, "provider": session.provider}
    return asdict(summarise(taken)) | about


def durations(network: Network, inputs: Mapping[str, Tensor], runs: int) -> list[float]:
    """Seconds per run, after three to warm up."""
    taken = []
    for _ in range(runs + 3):
        start = time.perf_counter()
        network(**inputs)
        taken.append(time.perf_counter() - start)
    return taken[3:]


def work(folder: Path | None, size: int) -> list[tuple[Bundle, Feeds]]:
    """What to run, and with what."""
    if folder is None:
        return real(size)
    bundle, rng = open_bundle(folder), np.random.default_rng(0)
    names = [name for name, entry in bundle.manifest.networks.items() if REFERENCE in entry.backends]
    return [(bundle, {name: noise(bundle.manifest.networks[name].inputs, rng) for name in names})]


def noise(shapes: Mapping[str, list[int | str]], rng: np.random.Generator) -> dict[str, Tensor]:
    """-1..1 of every shape; free dimensions are 1."""
    sizes = {name: [length if isinstance(length, int) else 1 for length in shape] for name, shape in shapes.items()}
    return {name: rng.uniform(-1, 1, size).astype(np.float32) for name, size in sizes.items()}


def real(size: int) -> list[tuple[Bundle, Feeds]]:
    """What the networks are given while the bundled picture performs."""
    faces, lite = (open_bundle(bundled("engines", name)) for name in ("faces", "lite"))
    picture = read_picture(bundled("examples", "hopper.jpg"))
    finder, engine = open_finder(), open_lite()
    landmarks, person = heard_by(finder), Listener(engine._person)
    engine._person, warp = person, Listener(engine._warp)
    engine._warp = warp
    avatar = engine.prepare(picture, finder.only(picture), size=size)
    motions = load_recording(bundled("examples", "performance.npz")).motions
    engine.animate(avatar, engine.transfer(avatar.motion, motions[40], motions[0]))
    return [
        (faces, {"landmarks": landmarks.heard, "person": person.heard}),
        (lite, {"warp": warp.heard}),
    ]


def heard_by(finder: Finder) -> Listener:
    """Listen in on a finder's landmarks."""
    listener = Listener(finder.landmarker._network)
    finder.landmarker._network = listener
    return listener


if __name__ == "__main__":
    main()
