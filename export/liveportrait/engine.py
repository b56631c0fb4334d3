"""Writes an engine folder: every graph, checked against torch, and the manifest that names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.liveportrait.family import Family
from export.liveportrait.graphs import Graph, graphs, write
from export.liveportrait.parity import in_torch
from export.liveportrait.widths import Widths
from export.networks import sha256
from reenact.backends.onnx import OnnxNetwork, open_network

SINGLE, HALF = 2e-4, 2e-2
"""Relative L2 by which ONNX Runtime and torch may differ, in float32 and float16."""


class ExportError(Exception):
    """A graph does not do what its torch module does."""


@dataclass(frozen=True, slots=True)
class About:
    """What the manifest says of the whole engine."""

    name: str
    version: str
    licence: str
    description: str


def write_engine(family: Family, widths: Widths, about: About, folder: Path) -> Iterator[str]:
    """Write all graphs and `engine.toml` into a folder; gives a line for each.

    Raises:
        ExportError: a graph differs from torch by more than rounding.
    """
    folder.mkdir(parents=True, exist_ok=True)
    head = [f'{field} = "{getattr(about, field)}"' for field in ("name", "version", "licence", "description")]
    entries: dict[bool, list[str]] = {True: [], False: []}
    for graph in graphs(family, widths):
        path = write(graph, folder)
        network = open_network(path)
        error = difference(graph, network)
        entries[graph.half] += ["", *entry(graph, path, network)]
        yield f"{path.name:<24} {path.stat().st_size / 1e6:8.1f} MB   differs from torch by {error:.1e}"
    lines = [*head, *entries[True], *entries[False]]  # of those that suit a backend the first one is taken
    (folder / "engine.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def difference(graph: Graph, network: OnnxNetwork) -> float:
    """The largest relative L2 difference of an output.

    Raises:
        ExportError: more than allowed.
    """
    wanted, got = in_torch(graph)(**graph.inputs), network(**graph.inputs)
    errors = [np.linalg.norm(got[name] - value) / np.linalg.norm(value) for name, value in wanted.items()]
    worst, allowed = float(max(errors)), HALF if graph.half else SINGLE
    if not worst <= allowed:
        raise ExportError(f"{graph.name}: differs from torch by {worst:.1e}, allowed is {allowed:.0e}")
    return worst


def entry(graph: Graph, path: Path, network: OnnxNetwork) -> list[str]:
    """The manifest's lines about one graph."""
    backends = ", ".join(f'"{name}"' for name in graph.backends)
    return [
        f"[networks.{graph.name}]",
        f'file = "{path.name}"',
        f'sha256 = "{sha256(path)}"',
        f'role = "{graph.role}"',
        f"backends = [{backends}]",
        *(["bfloat16 = true"] if graph.bfloat16 else []),
        *(f"inputs.{name} = {shape}" for name, shape in network.inputs.items()),
        *(f"outputs.{name} = {shape}" for name, shape in network.outputs.items()),
    ]
