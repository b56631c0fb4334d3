"""Typed float16: convolutions and what follows them in half precision, all that needs range or places in float32.

TensorRT 11 and RTX take the types that the file states. A node works in half precision if its operator may and one of
its inputs does; so the heavy part does, and coordinates, look-ups, statistics, softmax and sigmoid stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

STARTS = {"Conv"}
FOLLOWS = {
    *("Add", "AveragePool", "Concat", "DepthToSpace", "LeakyRelu", "Mul", "Pad", "Relu", "Reshape", "Resize"),
    *("Slice", "Split", "Transpose"),
}
FIRST_ONLY = {"Pad", "Reshape", "Resize", "Slice", "Split"}
"""Operators whose other inputs are sizes."""


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


class _Converter:
    def __init__(self, model: ModelProto) -> None:
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._used: dict[str, TensorProto] = {}
        self._half: dict[str, str] = {}
        """Half-precision tensors: name in the old graph -> name in the new one."""
        self._single: set[str] = set()
        """Half-precision tensors that have a float32 copy under their own name."""

    def convert(self, node: NodeProto) -> Iterator[NodeProto]:
        """The node with the casts that it needs before it."""
        works_in_half = node.op_type in STARTS or (
            node.op_type in FOLLOWS and any(name in self._half for name in self._data(node))
        )
        yield from self._halved(node) if works_in_half else self._kept(node)

    def restored_outputs(self, names: list[str]) -> Iterator[NodeProto]:
        """Casts for those of the graph's outputs that are in half precision."""
        for name in names:
            yield from self._restore(name)

    def initializers(self) -> list[TensorProto]:
        """Of the new graph."""
        return list(self._used.values())

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
