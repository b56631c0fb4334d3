"""engines/lite/engine.toml: what lies in the folder, and how good each form is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from export.networks import sha256
from reenact.backends.onnx import open_network
from reenact.bundle import Shape

HEAD = """name = "lite"
version = "2"
licence = "Apache-2.0"
description = "Landmarks drive a thin-plate warp of the avatar's picture; small generators paint its mouth and eyes."
"""
ROLE = "lite"


def manifest(folder: Path, forms: Mapping[str, float | None]) -> str:
    """forms: names of the graphs that draw a frame, the float32 one first -> dB against it."""
    graphs = [_graph(folder, "warp", ())]
    graphs += [_graph(folder, name, _quality(name, psnr)) for name, psnr in forms.items()]
    basis = f'[data.basis]\nfile = "basis.npz"\nsha256 = "{sha256(folder / "basis.npz")}"\n'
    return "\n".join([HEAD, *graphs, basis])


def _quality(name: str, psnr: float | None) -> tuple[str, ...]:
    """Lines on a form."""
    return (f'role = "{ROLE}"', *(() if psnr is None else (f"psnr = {psnr:.1f}",)))


def _graph(folder: Path, name: str, more: tuple[str, ...]) -> str:
    path = folder / f"{name}.onnx"
    network = open_network(path)
    lines = [f"[networks.{name}]", f'file = "{path.name}"', f'sha256 = "{sha256(path)}"', *more]
    lines += [f"[networks.{name}.inputs]", *_shapes(network.inputs)]
    lines += [f"[networks.{name}.outputs]", *_shapes(network.outputs), ""]
    return "\n".join(lines)


def _shapes(tensors: Mapping[str, Shape]) -> list[str]:
    return [f"{name} = [{', '.join(_length(d) for d in shape)}]" for name, shape in tensors.items()]


def _length(dimension: int | str) -> str:
    return str(dimension) if isinstance(dimension, int) else f'"{dimension}"'
