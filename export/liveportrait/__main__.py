"""python -m export liveportrait: official weights -> engines/liveportrait/, every graph checked against torch.

--check-fixtures DIR changes nothing: it compares the code with what the reference put out, a line for each network
and form, and one JSON line last.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import torch

from export.liveportrait.cropping import cropping
from export.liveportrait.driving import CHANGED, SKIPPED, driving
from export.liveportrait.engine import About, ExportError, write_engine
from export.liveportrait.family import from_files, from_seed
from export.liveportrait.parity import networks
from export.liveportrait.widths import OFFICIAL, TINY
from export.tensorrt import BuildError, built
from reenact.errors import WeightsError

ROOT = Path(__file__).parents[2]
OFFICIAL_ENGINE = ROOT / "engines" / "liveportrait"
TINY_ENGINE = ROOT / "tests" / "engines" / "liveportrait-tiny"
WEIGHTS = About("liveportrait", "1", "MIT", "LivePortrait with its makers' weights (KwaiVGI, MIT).")
NOISE = About("liveportrait-filled", "1", "Apache-2.0", "LivePortrait's networks filled from a seed: paints noise.")
SMALL = About("liveportrait-tiny", "1", "Apache-2.0", "A test fixture: LivePortrait's make, tiny, filled from a seed.")


def main(arguments: list[str]) -> None:
    """What was asked for; exits with 1 where something does not agree."""
    parser = argparse.ArgumentParser(prog="python -m export liveportrait", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--weights", type=Path, metavar="DIR", help="the official files, as `reenact pull` fetches them")
    what.add_argument("--filled", action="store_true", help="no weights: full size, filled from the seed; for timing")
    what.add_argument("--tiny", action="store_true", help="the test fixture, under tests/engines")
    what.add_argument("--check-tiny", action="store_true", help="change nothing; check a fresh tiny engine")
    what.add_argument("--check-fixtures", type=Path, metavar="DIR", help="change nothing; compare with the reference")
    what.add_argument("--check-tensorrt", type=Path, metavar="DIR", help="build every graph of a folder")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder to write, instead of the engine's own")
    options = parser.parse_args(arguments)
    quiet()
    try:
        run(options)
    except (WeightsError, ExportError, BuildError) as error:
        sys.exit(f"export: {error}")


def run(options: argparse.Namespace) -> None:
    """One of these."""
    if options.check_fixtures is not None:
        check_fixtures(options.check_fixtures)
    elif options.check_tensorrt is not None:
        report(built(options.check_tensorrt))
    elif options.check_tiny:
        with tempfile.TemporaryDirectory() as folder:
            report(write_engine(from_seed(TINY), TINY, SMALL, Path(folder)))
    elif options.tiny:
        report(write_engine(from_seed(TINY), TINY, SMALL, options.out or TINY_ENGINE))
    elif options.filled:
        if options.out is None:
            sys.exit("export: --filled makes 850 MB of noise; say where with --out DIR")
        report(write_engine(from_seed(OFFICIAL), OFFICIAL, NOISE, options.out))
    else:
        report(write_engine(from_files(OFFICIAL, options.weights), OFFICIAL, WEIGHTS, options.out or OFFICIAL_ENGINE))


def report(lines: Iterable[str]) -> None:
    """A line as each graph is done."""
    for line in lines:
        print(line, flush=True)


def check_fixtures(folder: Path) -> None:
    """Compare everything with the reference's outputs; exit with 1 on any miss."""
    verdicts = []
    for verdict in chain(driving(folder), cropping(folder), networks(folder)):
        print(verdict, flush=True)
        verdicts.append(verdict)
    for how, cases in (("not checked", SKIPPED), ("changed on purpose", CHANGED)):
        for name, reason in cases.items():
            print(f"driving      {how:<22} {name:<24} {reason}")
    missed = [verdict.json() for verdict in verdicts if not verdict.agrees]
    counts = {"checked": len(verdicts), "agree": len(verdicts) - len(missed)}
    print(json.dumps({**counts, "missed": missed, "skipped": SKIPPED, "changed": CHANGED}))
    sys.exit(1 if missed else 0)


def quiet() -> None:
    """Keep the exporter's own worries out of the report: it is old, and traces on purpose."""
    torch.set_grad_enabled(False)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=UserWarning, module="torch")
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
