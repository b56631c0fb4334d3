"""Where the generators' weights come from: a training run's checkpoint, or the graph that is bundled already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from export.lite.graph import Lite

KINDS = ("mouth", "eyes")


def filled(weights: Mapping[str, Tensor]) -> Lite:
    """The graph's module with weights, by their names in it.

    Raises:
        RuntimeError: one is missing, unknown or of another shape.
    """
    module = Lite()
    module.load_state_dict(dict(weights))
    return module.eval()


def of_checkpoint(path: Path) -> dict[str, Tensor]:
    """The moving averages of a training run."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {f"{kind}.generator.{name}": value for kind in KINDS for name, value in state[kind]["average"].items()}


def of_graph(path: Path) -> dict[str, Tensor]:
    """What a float32 graph holds: exporting keeps the names."""
    wanted = set(Lite().state_dict())
    initializers = onnx.load(path).graph.initializer
    return {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in initializers if one.name in wanted}
