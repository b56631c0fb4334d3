"""Builds graphs with TensorRT-RTX ahead of time, which needs no GPU: what it does not take is known before it runs.

Packages: tensorrt-rtx-cu13-bindings and tensorrt-rtx-cu13-libs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

Sizes = Mapping[str, tuple[int, int, int]]
"""Of the free dimensions of a graph, by name: the least, the usual, the most."""

LITE: Sizes = {
    **dict.fromkeys("SH", (64, 600, 2160)),
    **dict.fromkeys("TW", (64, 512, 3840)),
    "N": (64, 295, 512),
    "N_and_3": (67, 298, 515),
    "Kx": (56, 56, 56),
    "Ky": (64, 64, 64),
    **dict.fromkeys("PQEF", (16, 160, 2160)),
}
"""Stages up to 3840 x 2160 px and windows as large; the knots are always `reenact.lite.drawing.KNOTS`."""
FACES: Sizes = {"N": (1, 1, 8)}
"""Pictures at once."""


class BuildError(Exception):
    """TensorRT-RTX is not there, or does not take a graph; says which operator."""


def built(folder: Path, sizes: Sizes | None = None) -> Iterator[str]:
    """Build every graph of a folder; a line for each.

    Raises:
        BuildError: the first that is not taken.
    """
    for path in sorted(folder.glob("*.onnx")):
        size, seconds = build(path, sizes)
        yield f"{path.name:<24} {size / 1e6:8.1f} MB plan in {seconds:.1f} s"


def build(path: Path, sizes: Sizes | None = None) -> tuple[int, float]:
    """Parse and build one graph: bytes of the plan, seconds. sizes: of its free dimensions.

    Raises:
        BuildError
    """
    try:
        import tensorrt_rtx_bindings as trt
    except ImportError as error:
        raise BuildError("TensorRT-RTX is not installed: pip install tensorrt-rtx-cu13-{bindings,libs}") from error
    start, logger = perf_counter(), trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(path.read_bytes()):
        reasons = "; ".join(parser.get_error(index).desc() for index in range(parser.num_errors))
        raise BuildError(f"{path.name}: not taken: {reasons}")
    config = builder.create_builder_config()
    if any(-1 in network.get_input(index).shape for index in range(network.num_inputs)):
        config.add_optimization_profile(_profile(builder, network, sizes or {}, path.name))
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise BuildError(f"{path.name}: parsed, but no plan came of it")
    return plan.nbytes, perf_counter() - start


def _profile(builder: Any, network: Any, sizes: Sizes, name: str) -> Any:
    """The shapes that the plan is to take."""
    profile = builder.create_optimization_profile()
    for tensor in (network.get_input(index) for index in range(network.num_inputs)):
        profile.set_shape(tensor.name, *zip(*_lengths(tensor, sizes, name), strict=True))
    return profile


def _lengths(tensor: Any, sizes: Sizes, name: str) -> Iterator[tuple[int, int, int]]:
    for axis, length in enumerate(tensor.shape):
        free = tensor.get_dimension_name(axis)
        if length == -1 and free not in sizes:
            raise BuildError(f"{name}: {tensor.name} has a free dimension {free!r} whose sizes nobody states")
        yield sizes[free] if length == -1 else (length, length, length)
