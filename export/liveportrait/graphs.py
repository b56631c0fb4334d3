"""Which graphs an engine of this family is made of, and how they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from torch import nn

from export.liveportrait.family import Family
from export.liveportrait.motion import HEADS
from export.liveportrait.rewrites import Flow, Paint, Settle, Spread, Warp, fold_norms
from export.liveportrait.sampling import FORMS
from export.liveportrait.widths import KEYPOINTS, Widths
from export.networks import write_onnx
from export.precision import to_half

CPU = ("cpu", "openvino", "openvino-ep", "coreml", "directml", "webgpu")
GPU = ("tensorrt-rtx", "tensorrt", "cuda")
SUITS = {"native": ("tensorrt-rtx", "cuda"), "gather": ("tensorrt",), "tiled": CPU}
"""Form of sampling -> the backends that have its operators and run it fastest."""
OUTPUTS = {
    "motion": ("pitch", "yaw", "roll", "translation", "expression", "scale", "keypoints"),
    "spread": ("features",),
    "settle": ("deformation", "occlusion"),
    "flow": ("deformation", "occlusion"),
    "appearance": ("volume",),
    "warp": ("feature",),
    "generator": ("image",),
}
"""Role -> its outputs by name; the small networks have one, `out`."""
assert len(OUTPUTS["motion"]) == len(HEADS)

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Graph:
    """One file of an engine."""

    name: str
    role: str
    """What the engine uses it for; graphs of one role differ in form or precision."""
    module: nn.Module
    inputs: Arrays
    """An example of each, float32."""
    backends: tuple[str, ...]
    opset: int = 17
    """17 is what TensorRT 8.5 reads; sampling of rank 5 needs 20."""
    half: bool = False
    bfloat16: bool = False
    """Whether a CPU may compute it in bfloat16: heavy, and no place among its numbers."""

    @property
    def outputs(self) -> tuple[str, ...]:
        return OUTPUTS.get(self.role, ("out",))


def graphs(family: Family, widths: Widths) -> Iterator[Graph]:
    """Every graph in float32, then those that are worth it in float16."""
    full = list(_float32(family, widths))
    yield from full
    whole = Graph("flow", "flow", Flow(family.warping_module), examples(widths)["spread"], GPU)
    for graph in (whole, *full):
        suits = SUITS.get(graph.name.removeprefix("warp-"), GPU)
        if graph.role in ("flow", "warp", "generator") and suits != CPU:
            yield replace(graph, name=f"{graph.name}-f16", backends=suits, half=True)


def _float32(family: Family, widths: Widths) -> Iterator[Graph]:
    example = examples(widths)
    everywhere = CPU + GPU
    warping = family.warping_module
    yield Graph(
        "appearance", "appearance", fold_norms(family.appearance_feature_extractor), example["image"], everywhere
    )
    yield Graph("motion", "motion", family.motion_extractor, example["image"], everywhere)
    yield Graph("spread", "spread", Spread(warping), example["spread"], everywhere)
    yield Graph("settle", "settle", Settle(warping), example["settle"], everywhere, bfloat16=True)
    for form in FORMS:
        opset = 20 if form == "native" else 17
        yield Graph(f"warp-{form}", "warp", Warp(warping, form), example["warp"], SUITS[form], opset)
    yield Graph(
        "generator", "generator", Paint(family.spade_generator), example["generator"], everywhere, bfloat16=True
    )
    small = {"stitching": family.retarget_shoulder, "lips": family.retarget_mouth, "eyes": family.retarget_eye}
    for name, network in small.items():
        features = {"features": np.zeros((1, network.mlp[0].in_features), np.float32)}
        yield Graph(name, name, network, features, everywhere)


def examples(widths: Widths, seed: int = 0) -> Mapping[str, Arrays]:
    """Inputs of the sizes and about the ranges that each role gets."""
    rng, side, (channels, depth) = np.random.default_rng(seed), widths.side, widths.volume
    volume = rng.normal(0, 1, (1, channels, depth, side, side))
    still = rng.normal(0, 0.25, (1, KEYPOINTS, 3))
    keypoints = {"still": still, "moved": still + rng.normal(0, 0.05, still.shape)}
    inputs = (KEYPOINTS + 1) * (widths.compressed + 1)
    tensors = {
        "image": {"image": rng.uniform(0, 1, (1, 3, widths.image, widths.image))},
        "spread": {"volume": volume, **keypoints},
        "settle": {"features": rng.normal(0, 0.3, (1, inputs, depth, side, side)), **keypoints},
        "warp": {
            "volume": volume,
            "deformation": rng.uniform(-1.1, 1.1, (1, depth, side, side, 3)),
            "occlusion": rng.uniform(0, 1, (1, 1, side, side)),
        },
        "generator": {"feature": rng.normal(0, 0.5, (1, widths.feature, side, side))},
    }
    return {role: {name: value.astype(np.float32) for name, value in t.items()} for role, t in tensors.items()}


def write(graph: Graph, folder: Path) -> Path:
    """Write one graph; gives the file."""
    path = folder / f"{graph.name}.onnx"
    write_onnx(graph.module, graph.inputs, {}, path, outputs=graph.outputs, opset=graph.opset)
    if graph.half:
        onnx.save(to_half(onnx.load(path)), path)
    return path
