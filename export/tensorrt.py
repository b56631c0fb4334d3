"""Builds graphs with TensorRT-RTX ahead of time, which needs no GPU: what it does not take is known before it runs.

Packages: tensorrt-rtx-cu13-bindings and tensorrt-rtx-cu13-libs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from export.plans import Key, Sizes, fetched

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


TARGETS = "compute capability 8.0 and up"
"""What TensorRT-RTX builds for unless told otherwise; no GPU is needed, and which one is here makes no difference."""


class BuildError(Exception):
    """There is no graph, TensorRT-RTX is not there, or it does not take a graph; says which operator."""


def built(folder: Path, sizes: Sizes | None = None) -> Iterator[str]:
    """Have a plan of every graph of a folder, built or kept from an earlier time; a line for each.

    Raises:
        BuildError: there is no graph; the first that is not taken.
    """
    paths = sorted(folder.glob("*.onnx"))
    if not paths:
        raise BuildError(f"{folder}: wanted a folder of graphs, found no *.onnx; name one that an export wrote")
    for path in paths:
        start, graph = perf_counter(), path.read_bytes()
        key = Key(sha256(graph).hexdigest(), _runtime().__version__, TARGETS, sizes or {})
        plan, kept = fetched(key, partial(build, graph, path.name, sizes))
        how = "kept from an earlier time" if kept else f"built in {perf_counter() - start:.1f} s"
        yield f"{path.name:<24} {len(plan) / 1e6:8.1f} MB plan {how}"


def build(graph: bytes, name: str, sizes: Sizes | None = None) -> bytes:
    """Parse a graph and build its plan. name: for messages. sizes: of its free dimensions.

    Raises:
        BuildError
    """
    trt = _runtime()
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(graph):
        reasons = "; ".join(parser.get_error(index).desc() for index in range(parser.num_errors))
        raise BuildError(f"{name}: not taken: {reasons}")
    config = builder.create_builder_config()
    if any(-1 in network.get_input(index).shape for index in range(network.num_inputs)):
        config.add_optimization_profile(_profile(builder, network, sizes or {}, name))
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise BuildError(f"{name}: parsed, but no plan came of it")
    return bytes(plan)


def _runtime() -> Any:
    try:
        import tensorrt_rtx_bindings
    except ImportError as error:
        raise BuildError("TensorRT-RTX is not installed: pip install tensorrt-rtx-cu13-{bindings,libs}") from error
    return tensorrt_rtx_bindings


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
