"""Writes graphs: torch module -> ONNX -> checked against torch -> engine.toml."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

Arrays = Mapping[str, np.ndarray]


def write_onnx(
    module: nn.Module,
    inputs: Arrays,
    dims: Mapping[str, Mapping[int, str]],
    path: Path,
    *,
    outputs: Sequence[str] = ("image",),
    opset: int = 20,
) -> None:
    """Export with named inputs, outputs and free dimensions."""
    torch.onnx.export(
        module,
        tuple(torch.from_numpy(value) for value in inputs.values()),
        str(path),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={name: dict(axes) for name, axes in dims.items()},
        opset_version=opset,
        dynamo=False,
    )


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
