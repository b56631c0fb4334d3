"""Every network and form against the fixtures: in torch as it was trained, rewritten, and through ONNX Runtime."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch

from export.liveportrait.family import Family, from_seed
from export.liveportrait.graphs import OUTPUTS, Graph, graphs, write
from export.liveportrait.judge import Judge, Verdict
from export.liveportrait.widths import OFFICIAL
from reenact.backends.onnx import open_network

HEADS = ("pitch", "yaw", "roll", "t", "exp", "scale", "kp")
"""The fixtures' names of the motion extractor's outputs, in their order."""
SMALL = {"stitching": "retarget_shoulder", "lips": "retarget_mouth", "eyes": "retarget_eye"}

CASES = ("W", "Wwide")
"""Keypoints that move a little; and so far that half of the samples lie outside the volume."""

Outputs = Mapping[str, np.ndarray]
Flows = dict[str, dict[str, Outputs]]
Run = Callable[..., Outputs]
"""Named arrays in, named arrays out."""


def networks(folder: Path) -> Iterator[Verdict]:
    """Every verdict on the networks, as it falls. folder: see `Judge`."""
    judge, family = Judge(folder), from_seed(OFFICIAL)
    yield from as_trained(judge, family)
    flows: Flows = {"spread": {}, "settle": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for graph in graphs(family, OFFICIAL):
            if not graph.half:
                yield from verdicts(judge, graph, "rewritten", in_torch(graph), flows)
            path = write(graph, Path(scratch))
            form = f"onnx {graph.name}"
            yield from verdicts(judge, graph, form, open_network(path), flows)
            path.unlink()


def as_trained(judge: Judge, family: Family) -> Iterator[Verdict]:
    """The plain networks, and all of them in a row from picture to picture."""
    fixtures, chain = judge.fixtures, judge.fixtures.inputs["chain"]
    still, moved = (torch.from_numpy(chain[name]) for name in ("kp_source", "kp_driving"))
    volume = family.appearance_feature_extractor(torch.from_numpy(chain["x"]))
    yield judge("appearance", "torch", "F.F_feature", volume.numpy())
    for case in ("M", "Mdrv"):
        heads = family.motion_extractor(torch.from_numpy(fixtures.inputs[case]["x"]))
        yield from (judge("motion", "torch", f"{case}.{h}", v.numpy()) for h, v in zip(HEADS, heads, strict=True))
    for case in CASES:
        values = [torch.from_numpy(fixtures.inputs[case][n]) for n in ("feature_3d", "kp_source", "kp_driving")]
        yield judge("warping", "torch", f"{case}.W_out", family.warping_module(*values).numpy())
        parts = family.warping_module.dense_motion_network(*values)
        names = ("W_deformation", "W_mask", "W_occlusion") if case == "W" else ("W_deformation", "", "W_occlusion")
        named = zip(names, parts, strict=True)
        yield from (judge("warping", "torch", f"{case}.{n}", part.numpy()) for n, part in named if n)
    image = family.spade_generator(torch.from_numpy(fixtures.inputs["G"]["feature"]))
    yield judge("generator", "torch", "G.G_image", image.numpy())
    feature = family.warping_module(volume, still, moved)
    yield judge("chain", "torch", "chain.W_out", feature.numpy())
    image = family.spade_generator(feature).numpy()
    yield judge("chain", "torch", "chain.G_image", image)
    yield judge.picture("chain", "torch", image)
    for role, name in SMALL.items():
        out = getattr(family, name)(torch.from_numpy(fixtures.inputs["R"][name]))
        yield judge(role, "torch", f"R.{name}", out.numpy())


def in_torch(graph: Graph) -> Run:
    """A graph's module, called by names."""

    def run(**inputs: np.ndarray) -> Outputs:
        out = graph.module(*(torch.from_numpy(inputs[name]) for name in graph.inputs))
        values = out if isinstance(out, tuple) else (out,)
        return {name: value.numpy() for name, value in zip(graph.outputs, values, strict=True)}

    return run


def verdicts(judge: Judge, graph: Graph, form: str, run: Run, flows: Flows) -> Iterator[Verdict]:
    """What one graph puts out in all cases that it has. flows: what `spread` and `settle` put out last, by case."""
    inputs, say = judge.fixtures.inputs, lambda output, value: judge(graph.role, form, output, value)
    if graph.role == "appearance":
        yield say("F.F_feature", run(image=inputs["F"]["x"])["volume"])
    elif graph.role == "motion":
        for case in ("M", "Mdrv"):
            out = run(image=inputs[case]["x"])
            named = zip(HEADS, OUTPUTS["motion"], strict=True)
            yield from (say(f"{case}.{head}", out[name]) for head, name in named)
    elif graph.role == "spread":
        flows["spread"] = {case: run(**volume_and_points(inputs[case])) for case in CASES}
    elif graph.role in ("settle", "flow"):
        for case in CASES:
            given = volume_and_points(inputs[case])
            if graph.role == "settle":
                given["features"] = flows["spread"][case]["features"]
                del given["volume"]
            out = run(**given)
            if not graph.half:
                flows["settle"][case] = out
            yield from (say(f"{case}.W_{name}", out[name]) for name in OUTPUTS["flow"])
    elif graph.role == "warp":
        for case in CASES:
            yield say(f"{case}.W_out", run(volume=inputs[case]["feature_3d"], **flows["settle"][case])["feature"])
    elif graph.role == "generator":
        yield say("G.G_image", run(feature=inputs["G"]["feature"])["image"])
    else:
        rows = inputs["R"][SMALL[graph.role]]
        yield say(f"R.{SMALL[graph.role]}", np.concatenate([run(features=row[None])["out"] for row in rows]))


def volume_and_points(given: Outputs) -> dict[str, np.ndarray]:
    """The fixtures' inputs of the warping network under our names."""
    names = {"volume": "feature_3d", "still": "kp_source", "moved": "kp_driving"}
    return {ours: given[theirs] for ours, theirs in names.items()}
