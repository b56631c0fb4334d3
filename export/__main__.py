"""python -m export ENGINE: write an engine's graphs from torch and check that the two agree.

lite [--check | --check-tensorrt]: engines/lite/warp.onnx. liveportrait: see `python -m export liveportrait --help`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from export.lite.example import SIZES, WARP_DIMS, warp_example
from export.lite.warp import Warp
from export.networks import sha256, write_onnx
from export.tensorrt import FACES, LITE, BuildError, built
from reenact.backends.onnx import open_network
from reenact.bundle import Shape

ENGINE = Path(__file__).parent.parent / "engines" / "lite"
TOLERANCE = 1
"""Grey levels: rounding may fall either way."""


def check(path: Path) -> float:
    """Grey levels by which ONNX Runtime and torch differ at most, over several sizes.

    Raises:
        SystemExit: more than the tolerance.
    """
    network, worst = open_network(path), 0.0
    for seed, (height, width) in enumerate(SIZES):
        inputs = warp_example(height, width, seed)
        with torch.no_grad():
            wanted = Warp()(*(torch.from_numpy(value) for value in inputs.values())).numpy().astype(int)
        got = network(**inputs)["image"].astype(int)
        worst = max(worst, float(np.abs(got - wanted).max()))
    print(f"{path.name}: torch and ONNX Runtime differ by {worst:.0f} grey levels at most (allowed: {TOLERANCE})")
    if worst > TOLERANCE:
        sys.exit(f"{path}: differs from torch by {worst:.0f} grey levels")
    return worst


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


def write_manifest() -> None:
    """engines/lite/engine.toml, from the files that are there."""
    network = open_network(ENGINE / "warp.onnx")
    lines = [
        'name = "lite"',
        'version = "1"',
        'licence = "Apache-2.0"',
        'description = "Reenactment by geometry: landmarks drive a thin-plate warp of the avatar\'s picture."',
        "",
        "[networks.warp]",
        'file = "warp.onnx"',
        f'sha256 = "{sha256(ENGINE / "warp.onnx")}"',
        *_shapes("inputs", network.inputs),
        *_shapes("outputs", network.outputs),
        "",
        "[data.basis]",
        'file = "basis.npz"',
        f'sha256 = "{sha256(ENGINE / "basis.npz")}"',
    ]
    (ENGINE / "engine.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _shapes(kind: str, tensors: dict[str, Shape]) -> list[str]:
    quoted = (
        f"{name} = [{', '.join(repr(d).replace(chr(39), chr(34)) for d in shape)}]" for name, shape in tensors.items()
    )
    return [f"[networks.warp.{kind}]", *quoted]


def main() -> None:
    """The engine that was named."""
    if sys.argv[1:2] == ["liveportrait"]:
        from export.liveportrait.__main__ import main as liveportrait

        liveportrait(sys.argv[2:])
    else:
        lite()


def lite() -> None:
    """Write and check, or with --check only check what is there."""
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    parser.add_argument("engine", choices=["lite", "liveportrait"])
    parser.add_argument("--check", action="store_true", help="change nothing; check that a fresh export agrees")
    parser.add_argument("--check-tensorrt", action="store_true", help="build every bundled graph, keep nothing")
    options = parser.parse_args()
    if options.check_tensorrt:
        check_tensorrt()
        return
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "warp.onnx"
        write_onnx(Warp(), warp_example(64, 48), WARP_DIMS, fresh)
        check(fresh)
        if options.check:
            check(ENGINE / "warp.onnx")
            return
        (ENGINE / "warp.onnx").write_bytes(fresh.read_bytes())
    write_manifest()


if __name__ == "__main__":
    main()
