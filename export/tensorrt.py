"""Builds graphs with TensorRT-RTX ahead of time, which needs no GPU: what it does not take is known before it runs.

Packages: tensorrt-rtx-cu13-bindings and tensorrt-rtx-cu13-libs.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter


class BuildError(Exception):
    """TensorRT-RTX is not there, or does not take a graph; says which operator."""


def build(path: Path) -> tuple[int, float]:
    """Parse and build one graph: bytes of the plan, seconds.

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
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    if plan is None:
        raise BuildError(f"{path.name}: parsed, but no plan came of it")
    return plan.nbytes, perf_counter() - start
