"""python -m export lite: write the graphs of engines/lite from torch, in every form, and check that they agree.

warp.onnx: the geometry alone. lite.onnx: warp, regions, generators and composite in one graph, float32; lite-half.onnx
and lite-int8.onnx: the same with its convolutions in float16 and int8. Without --weights the generators are those of
the lite.onnx that is there. --check changes nothing: what is there must agree with a fresh export.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from export.lite.example import LITE_DIMS, SIZES, WARP_DIMS, Arrays, lite_example, warp_example
from export.lite.frames import frames
from export.lite.manifest import manifest
from export.lite.warp import Warp
from export.lite.weights import filled, of_checkpoint, of_graph
from export.networks import write_onnx
from export.precision import psnr, to_half, to_int8
from export.tensorrt import FACES, LITE, BuildError, built
from reenact.backends.onnx import open_network

ENGINE = Path(__file__).parents[2] / "engines" / "lite"
FORMS = ("lite-half", "lite-int8")
TOLERANCE = 1
"""Grey levels: rounding may fall either way."""
NEAR = 40.0
"""dB that a form must have against float32, on the frame where it is worst."""
CALIBRATED, JUDGED = 8, 3
"""Moments of each bundled picture."""


def main(arguments: list[str]) -> None:
    """Write and check, or only check."""
    parser = argparse.ArgumentParser(
        prog="python -m export lite", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="checkpoint of a training run")
    parser.add_argument("--check", action="store_true", help="change nothing; check that a fresh export agrees")
    parser.add_argument("--check-tensorrt", action="store_true", help="have a TensorRT-RTX plan of every bundled graph")
    options = parser.parse_args(arguments)
    if options.check_tensorrt:
        check_tensorrt()
        return
    weights = of_checkpoint(options.weights) if options.weights else of_graph(ENGINE / "lite.onnx")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        modules = export(weights, fresh)
        if options.check:
            check(ENGINE, modules)
            judge(ENGINE)
        else:
            check(fresh, modules)
            write(fresh)


def export(weights: Mapping[str, Tensor], folder: Path) -> dict[str, nn.Module]:
    """Write warp.onnx and lite.onnx; their modules by name."""
    modules: dict[str, nn.Module] = {"warp": Warp(), "lite": filled(weights)}
    write_onnx(modules["warp"], warp_example(64, 48), WARP_DIMS, folder / "warp.onnx")
    write_onnx(modules["lite"], lite_example(64, 48), LITE_DIMS, folder / "lite.onnx")
    return modules


def write(fresh: Path) -> None:
    """Make the other forms, and put everything in its place."""
    model = onnx.load(fresh / "lite.onnx")
    onnx.save(to_half(model), fresh / "lite-half.onnx")
    onnx.save(to_int8(model, frames(CALIBRATED, 0.0)), fresh / "lite-int8.onnx")
    forms = judge(fresh)
    for name in ("warp", "lite", *FORMS):
        (ENGINE / f"{name}.onnx").write_bytes((fresh / f"{name}.onnx").read_bytes())
    (ENGINE / "engine.toml").write_text(manifest(ENGINE, {"lite": None, **forms}), encoding="utf-8")


def check(folder: Path, modules: Mapping[str, nn.Module]) -> None:
    """Run each float32 graph of a folder beside torch, on stages of several sizes.

    Raises:
        SystemExit: they differ by more than the tolerance.
    """
    examples: dict[str, Callable[[int, int, int], Arrays]] = {"warp": warp_example, "lite": lite_example}
    for name, module in modules.items():
        worst = max(
            _apart(folder / f"{name}.onnx", module, examples[name](*size, seed)) for seed, size in enumerate(SIZES)
        )
        print(f"{name}.onnx: torch and ONNX Runtime differ by {worst} grey levels at most (allowed: {TOLERANCE})")
        if worst > TOLERANCE:
            sys.exit(f"export lite: {name}.onnx differs from torch by {worst} grey levels")


def judge(folder: Path) -> dict[str, float]:
    """dB of each form against float32, on frames that no range was taken from.

    Raises:
        SystemExit: one is not near enough.
    """
    model, feeds = onnx.load(folder / "lite.onnx"), frames(JUDGED, 0.5)
    found = {name: psnr(onnx.load(folder / f"{name}.onnx"), model, feeds) for name in FORMS}
    for name, near in found.items():
        print(f"{name}.onnx: {near:.1f} dB against float32 on the worst of {len(feeds)} frames (wanted: {NEAR:.0f})")
        if near < NEAR:
            sys.exit(f"export lite: {name}.onnx is too far from float32")
    return found


def check_tensorrt() -> None:
    """Build every bundled graph with TensorRT-RTX, which needs no GPU.

    Raises:
        SystemExit: one is not taken.
    """
    try:
        for folder, sizes in ((ENGINE, LITE), (ENGINE.parent / "faces", FACES)):
            print(*built(folder, sizes), sep="\n")
    except BuildError as error:
        sys.exit(f"export: {error}")


@torch.no_grad()
def _apart(path: Path, module: nn.Module, inputs: Arrays) -> int:
    """Grey levels by which a graph and torch differ at most."""
    wanted = module(*(torch.from_numpy(value) for value in inputs.values())).numpy()
    return int(np.abs(open_network(path)(**inputs)["image"].astype(int) - wanted).max())


if __name__ == "__main__":
    main(sys.argv[1:])
