"""Other forms of a float32 graph: typed float16, and int8 with scales in the file. What runs them sets no precision.

float16: TensorRT 11 and RTX take the types that the file states. The convolutions and what lies between them work in
half precision; coordinates, look-ups, statistics, softmax, sigmoid and all that follows the last convolution stay as
they are. int8: only convolutions, in the one way that ONNX Runtime, OpenVINO and TensorRT all take: symmetric, a scale
for each channel, biases not quantised. In neither form is a convolution touched that has a part in where GridSample
looks; nor, in int8, one that is fed by a Concat: OpenVINO 2026.4 gets that wrong, wherever its branches are scaled. It
also is wrong on CPUs without VNNI, so measure a form there too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationDataReader, QuantType

from reenact.backends.registry import REFERENCE, named
from reenact.backends.trial import psnr as of_outputs

Feeds = Sequence[Mapping[str, np.ndarray]]
"""Inputs of a graph by name, one mapping for each run: of real frames, since ranges and differences come from them."""

STARTS = {"Conv"}
FOLLOWS = {
    *("Add", "AveragePool", "Concat", "DepthToSpace", "LeakyRelu", "Mul", "Pad", "Relu", "Reshape", "Resize"),
    *("Slice", "Split", "Transpose"),
}
FIRST_ONLY = {"Pad", "Reshape", "Resize", "Slice", "Split"}
"""Operators whose other inputs are sizes."""
SCALES = {"Mul", "Div", "Add", "Sub"}
"""Operators through which a Concat still counts as what feeds a convolution."""
INT8 = {"ActivationSymmetric": True, "WeightSymmetric": True, "QuantizeBias": False}


def to_half(model: ModelProto) -> ModelProto:
    """A copy in mixed precision, with float32 inputs and outputs."""
    converter = _Converter(model)
    nodes = [new for node in model.graph.node for new in converter.convert(node)]
    nodes += converter.restored_outputs([value.name for value in model.graph.output])
    inputs, outputs = list(model.graph.input), list(model.graph.output)
    graph = helper.make_graph(nodes, model.graph.name, inputs, outputs, converter.initializers())
    half = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    onnx.checker.check_model(half, full_check=True)
    return half


def to_int8(model: ModelProto, feeds: Feeds) -> ModelProto:
    """A copy whose convolutions work in int8, with the ranges that `feeds` show."""
    named, places = ModelProto(), _places(model)
    named.CopyFrom(model)
    for index, node in enumerate(named.graph.node):
        node.name = f"{index}_{node.op_type}"
    joined = _joined(model)
    kept = [
        node.name
        for node in named.graph.node
        if node.op_type == "Conv" and (places.intersection(node.output) or joined.intersection(node.input))
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "int8.onnx"
        quantization.quantize_static(
            named,
            path,
            _Reader(feeds),
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=kept,
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            extra_options=INT8,
        )
        return onnx.load(path)


def psnr(form: ModelProto, reference: ModelProto, feeds: Feeds, backend: str = REFERENCE) -> float:
    """dB by which a form on a backend agrees with another on the CPU, on the frame and output where they differ most.

    Raises:
        BackendError: the backend is not here, or does not take the form.
    """
    ours = named(backend).load(form.SerializeToString(), name="form")
    wanted = named(REFERENCE).load(reference.SerializeToString(), name="reference")
    return min(of_outputs(ours(**inputs), wanted(**inputs)) for inputs in feeds)


def _places(model: ModelProto) -> set[str]:
    """Tensors that have a part in where GridSample looks; a shape is no part."""
    found: set[str] = set()
    for node in reversed(model.graph.node):
        if node.op_type == "GridSample":
            found.add(node.input[1])
        if node.op_type != "Shape" and found.intersection(node.output):
            found.update(node.input)
    return found


def _joined(model: ModelProto) -> set[str]:
    """Tensors that come out of a Concat, scaled or not."""
    found: set[str] = set()
    for node in model.graph.node:
        if node.op_type == "Concat" or (node.op_type in SCALES and found.intersection(node.input)):
            found.update(node.output)
    return found


def _between(model: ModelProto) -> set[str]:
    """Tensors that reach a convolution through nothing but what may work in half precision."""
    found: set[str] = set()
    for node in reversed(model.graph.node):
        if node.op_type in STARTS or (node.op_type in FOLLOWS and found.intersection(node.output)):
            found.update(node.input)
    return found


class _Reader(CalibrationDataReader):
    def __init__(self, feeds: Feeds) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next((dict(inputs) for inputs in self._feeds), None)


class _Converter:
    def __init__(self, model: ModelProto) -> None:
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._places = _places(model)
        self._between = _between(model)
        self._used: dict[str, TensorProto] = {}
        self._half: dict[str, str] = {}
        """Half-precision tensors: name in the old graph -> name in the new one."""
        self._single: set[str] = set()
        """Half-precision tensors that have a float32 copy under their own name."""

    def convert(self, node: NodeProto) -> Iterator[NodeProto]:
        """The node with the casts that it needs before it."""
        yield from self._halved(node) if self._works_in_half(node) else self._kept(node)

    def restored_outputs(self, names: list[str]) -> Iterator[NodeProto]:
        """Casts for those of the graph's outputs that are in half precision."""
        for name in names:
            yield from self._restore(name)

    def initializers(self) -> list[TensorProto]:
        """Of the new graph."""
        return list(self._used.values())

    def _works_in_half(self, node: NodeProto) -> bool:
        if self._places.intersection(node.output):
            return False
        follows = node.op_type in FOLLOWS and self._between.intersection(node.output)
        return node.op_type in STARTS or bool(follows and any(name in self._half for name in self._data(node)))

    def _data(self, node: NodeProto) -> list[str]:
        return list(node.input[:1] if node.op_type in FIRST_ONLY else node.input)

    def _halved(self, node: NodeProto) -> Iterator[NodeProto]:
        new = NodeProto()
        new.CopyFrom(node)
        data = len(self._data(node))
        for index, name in enumerate(node.input):
            if index >= data or not name:
                self._use(name)
                continue
            if name not in self._half:
                yield from self._shrink(name)
            new.input[index] = self._half[name]
        for index, name in enumerate(node.output):
            self._half[name] = new.output[index] = f"{name}_f16"
        yield new

    def _kept(self, node: NodeProto) -> Iterator[NodeProto]:
        for name in node.input:
            yield from self._restore(name)
            self._use(name)
        yield node

    def _shrink(self, name: str) -> Iterator[NodeProto]:
        """Half precision for a float32 tensor: weights are converted, others cast."""
        self._half[name] = f"{name}_f16"
        if name in self._weights:
            values = numpy_helper.to_array(self._weights[name]).astype(np.float16)
            self._used[self._half[name]] = numpy_helper.from_array(values, self._half[name])
            return
        self._single.add(name)
        yield helper.make_node("Cast", [name], [self._half[name]], to=TensorProto.FLOAT16)

    def _restore(self, name: str) -> Iterator[NodeProto]:
        if name in self._half and name not in self._single and name not in self._weights:
            self._single.add(name)
            yield helper.make_node("Cast", [self._half[name]], [name], to=TensorProto.FLOAT)

    def _use(self, name: str) -> None:
        if name in self._weights:
            self._used[name] = self._weights[name]
