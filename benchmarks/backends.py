"""python -m benchmarks.backends: every installed backend on every form of every network, given a real frame.

Median and p95 of one run, and how many dB the outcome agrees with ONNX Runtime's float32 on the CPU. Networks are those
of `lite` and of the faces, drawing the bundled picture, or with --folder those of one engine: a `lite` draws it too,
others are fed with numbers from a seed. A backend that is not here or not right is a line that says why, and so is a
network that cannot be fed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.machine import machine, peak_memory_mb
from benchmarks.report import json_line, keep, output_options, table
from reenact.backends.auto import Form, load
from reenact.backends.protocol import Backend
from reenact.backends.registry import REFERENCE, backends
from reenact.backends.remembered import TOLERANCE
from reenact.backends.trial import psnr
from reenact.bundle import Bundle, Shape, bundled, open_bundle
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
    output_options(parser)
    options = parser.parse_args()
    try:
        jobs = work(options.folder, options.size)
    except ReenactError as error:
        sys.exit(f"benchmarks.backends: {error}")
    rows = dict(measured(jobs, options))
    right = {name: row for name, row in rows.items() if "median_ms" in row}
    table(f"one run; right is {TOLERANCE:.0f} dB or more", right, COLUMNS, markdown=options.markdown)
    for complaint, names in complaints(rows).items():
        print(f"{complaint} ({', '.join(names)})")
    engine = " and ".join(bundle.manifest.name for bundle, _ in jobs)
    result = {"networks": rows, "engine": engine, "threads": options.threads, "peak_memory_mb": peak_memory_mb()}
    result |= machine()
    json_line(result)
    if options.keep:
        print(keep("backends", result))


def complaints(rows: Mapping[str, Mapping[str, object]]) -> dict[str, list[str]]:
    """Why rows hold no times -> their names."""
    found: dict[str, list[str]] = {}
    for name, row in rows.items():
        if "complaint" in row:
            found.setdefault(str(row["complaint"]), []).append(name)
    return found


def measured(
    jobs: Iterable[tuple[Bundle, Feeds]], options: argparse.Namespace
) -> Iterator[tuple[str, dict[str, object]]]:
    """A row for each form of each network on each backend that it suits; one for a network that cannot be fed."""
    for bundle, feeds in jobs:
        for role, inputs in feeds.items():
            try:
                forms = bundle.forms(role)
                wanted = bundle.form(forms[0].name, backend=REFERENCE, threads=options.threads)(**inputs)
            except ReenactError as error:
                yield role, {"complaint": f"cannot be fed: {error}"}
                continue
            for form in forms:
                for backend in filter(lambda one: form.suits(one.name), backends()):
                    yield f"{form.name}, {backend.name}", row(form, backend, inputs, wanted, options)


def row(
    form: Form,
    backend: Backend,
    inputs: Mapping[str, Tensor],
    wanted: Mapping[str, Tensor],
    options: argparse.Namespace,
) -> dict[str, object]:
    """One form on one backend, or why not."""
    here = backend.probe()
    if not here.ok:
        return {"complaint": here.reason}
    try:
        session = load(form, backend, options.threads)
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
    """What to run, and with what. Raises BundleError."""
    if folder is None:
        faces, lite = (open_bundle(bundled("engines", name)) for name in ("faces", "lite"))
        heard, tensors = performed(size)
        return [(faces, heard), (lite, drawn(lite, tensors))]
    bundle = open_bundle(folder)
    return [(bundle, drawn(bundle, performed(size)[1]) if bundle.manifest.name == "lite" else noise(bundle))]


def performed(size: int) -> tuple[Feeds, Mapping[str, Tensor]]:
    """What the networks of the faces are given, and what lite draws from, while the bundled picture performs."""
    picture = read_picture(bundled("examples", "hopper.jpg"))
    motions = load_recording(bundled("examples", "performance.npz")).motions
    finder, engine = open_finder(), open_lite()
    landmarks = heard_by(finder)
    engine._person = person = Listener(engine._person)
    engine._draw = draw = Listener(engine._draw)
    avatar = engine.prepare(picture, finder.only(picture), size=size)
    engine.animate(avatar, engine.transfer(avatar.motion, motions[40], motions[0]))
    return {"landmarks": landmarks.heard, "person": person.heard}, draw.heard


def drawn(bundle: Bundle, tensors: Mapping[str, Tensor]) -> Feeds:
    """To each role of lite what it takes: the warp alone takes less."""
    return {role: {name: tensors[name] for name in shapes if name in tensors} for role, shapes in roles(bundle).items()}


def noise(bundle: Bundle) -> Feeds:
    """-1..1 of every shape; free dimensions are 1."""
    rng = np.random.default_rng(0)

    def filled(shape: Shape) -> Tensor:
        return rng.uniform(-1, 1, [length if isinstance(length, int) else 1 for length in shape]).astype(np.float32)

    return {role: {name: filled(shape) for name, shape in shapes.items()} for role, shapes in roles(bundle).items()}


def roles(bundle: Bundle) -> dict[str, dict[str, Shape]]:
    """Role -> the inputs of its form for the reference."""
    entries = bundle.manifest.networks.items()
    return {entry.role or name: entry.inputs for name, entry in entries if REFERENCE in (entry.backends or [REFERENCE])}


def heard_by(finder: Finder) -> Listener:
    """Listen in on a finder's landmarks."""
    listener = Listener(finder.landmarker._network)
    finder.landmarker._network = listener
    return listener


if __name__ == "__main__":
    main()
