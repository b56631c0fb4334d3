"""A graph in float16 and int8: sampled, painted by convolutions, sampled back; coordinates keep their precision."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from needs import needs
from onnx import ModelProto, TensorProto, helper, numpy_helper

from export.precision import psnr, to_half, to_int8
from export.tensorrt import build
from reenact.backends.processor import cpu_flags
from reenact.errors import BackendError
from reenact.network import Tensor

GRAPH = """
<ir_version: 10, opset_import: ["": 20]>
painted (float[1, 4, 64, 64] picture, float[1, 32, 32, 2] there, float[1, H, W, 2] back) => (uint8[1, 4, H, W] image) {
    region = GridSample <mode = "linear", padding_mode = "zeros"> (picture, there)
    scaled = Mul (region, scale)
    first = Conv <pads = [1, 1, 1, 1]> (scaled, first_weight, first_bias)
    low = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (first, low_weight, low_bias)
    bent = LeakyRelu <alpha = 0.2> (low)
    high = Resize <mode = "nearest"> (bent, , doubled)
    joined = Concat <axis = 1> (high, first)
    last = Conv <pads = [1, 1, 1, 1]> (joined, last_weight, last_bias)
    bright = Sigmoid (last)
    painted = Mul (bright, white)
    turned = Conv (region, place_weight)
    pooled = GlobalAveragePool (turned)
    shift = Transpose <perm = [0, 2, 3, 1]> (pooled)
    places = Add (back, shift)
    moved = GridSample <mode = "linear", padding_mode = "zeros"> (painted, places)
    round = Round (moved)
    image = Cast <to = 2> (round)
}
"""
SHAPES = {
    "first_weight": (8, 4, 3, 3),
    "first_bias": (8,),
    "low_weight": (16, 8, 3, 3),
    "low_bias": (16,),
    "last_weight": (4, 24, 3, 3),
    "last_bias": (4,),
}


@pytest.fixture(scope="module")
def model() -> ModelProto:
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape) for name, shape in SHAPES.items()}
    weights |= {"scale": np.full((1, 4, 1, 1), 1 / 128), "white": np.full((), 255.0), "doubled": np.array([1, 1, 2, 2])}
    weights |= {"place_weight": np.full((2, 4, 1, 1), 1e-3)}
    made = onnx.parser.parse_model(GRAPH)
    made.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in weights.items()
    )
    return made


@pytest.fixture(scope="module")
def feeds() -> list[dict[str, Tensor]]:
    """Smooth pictures, looked at around the middle, laid back in another size."""
    rng, made = np.random.default_rng(1), []
    for _ in range(4):
        coarse = rng.uniform(0, 255, (1, 4, 8, 8)).astype(np.float32)
        grids = {"there": grid(32, 0.5), "back": grid(48, 2.0)}
        made.append({"picture": coarse.repeat(8, axis=2).repeat(8, axis=3), **grids})
    return made


def grid(size: int, reach: float) -> Tensor:
    """(1, size, size, 2) from -reach to reach."""
    steps = np.linspace(-reach, reach, size, dtype=np.float32)
    return np.stack(np.meshgrid(steps, steps), axis=-1)[None]


Forms = dict[str, ModelProto]


@pytest.fixture(scope="module")
def forms(model: ModelProto, feeds: list[dict[str, Tensor]]) -> Forms:
    return {"float16": to_half(model), "int8": to_int8(model, feeds)}


@pytest.mark.parametrize(("name", "least"), [("float16", 60), ("int8", 38)])
def test_a_form_draws_nearly_the_same(
    forms: Forms, model: ModelProto, feeds: list[dict[str, Tensor]], name: str, least: float
) -> None:
    assert least < psnr(forms[name], model, feeds) < 120
    assert psnr(model, model, feeds) == 120


@needs("openvino")
@pytest.mark.parametrize("name", ["float16", "int8"])
def test_openvino_takes_every_form(forms: Forms, model: ModelProto, feeds: list[dict[str, Tensor]], name: str) -> None:
    """Without VNNI OpenVINO computes int8 wrongly, and `auto` then passes it over."""
    exact = any("vnni" in flag for flag in cpu_flags())
    least = {"float16": 60, "int8": 38 if exact else 0}[name]
    assert psnr(forms[name], model, feeds, backend="openvino") > least


@needs("tensorrt_rtx_bindings")
@pytest.mark.parametrize("name", ["float16", "int8"])
def test_tensorrt_takes_every_form(forms: Forms, name: str) -> None:
    plan = build(forms[name].SerializeToString(), name, {"H": (16, 48, 96), "W": (16, 48, 96)})
    assert len(plan) > 10_000


def test_forms_take_and_give_what_the_graph_does(forms: Forms, model: ModelProto) -> None:
    for form in forms.values():
        assert list(form.graph.input) == list(model.graph.input)
        assert list(form.graph.output) == list(model.graph.output)
        assert len(form.SerializeToString()) < len(model.SerializeToString())


def test_half_precision_ends_with_the_last_convolution_and_never_makes_coordinates(forms: Forms) -> None:
    kinds = types(forms["float16"])
    half = {name for name, kind in kinds.items() if kind == TensorProto.FLOAT16}
    assert {f"{name}_f16" for name in ("first", "low", "bent", "high", "joined", "last")} <= half
    for name in ("region", "scaled", "bright", "painted", "turned", "pooled", "places", "moved"):
        assert kinds[name] == TensorProto.FLOAT, name


def test_only_convolutions_that_make_no_coordinates_are_quantised(forms: Forms) -> None:
    graph = forms["int8"].graph
    kinds = {tensor.name: tensor.data_type for tensor in graph.initializer}
    for name in ("first_weight", "low_weight"):
        assert kinds[f"{name}_quantized"] == TensorProto.INT8
    for name in ("first_bias", "place_weight", "last_weight"):  # the last one is fed by a Concat
        assert kinds[name] == TensorProto.FLOAT
    zeros = [tensor for tensor in graph.initializer if tensor.name.endswith("zero_point")]
    assert zeros
    assert not any(numpy_helper.to_array(tensor).any() for tensor in zeros)


def test_a_convolution_whose_shape_alone_is_used_makes_no_coordinates(model: ModelProto) -> None:
    """What GridSample is told about sizes is not what it is told about places."""
    sized = ModelProto()
    sized.CopyFrom(model)
    nodes = [
        helper.make_node("Shape", ["last"], ["size"]),
        helper.make_node("Cast", ["size"], ["sizes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["sizes"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "none"], ["nothing"]),
        helper.make_node("Add", ["back", "nothing"], ["exact"]),
    ]
    place = next(index for index, node in enumerate(sized.graph.node) if "places" in node.output)
    sized.graph.node[place].input[0] = "exact"
    for node in reversed(nodes):
        sized.graph.node.insert(place, node)
    sized.graph.initializer.append(numpy_helper.from_array(np.zeros((), np.float32), "none"))
    assert types(to_half(sized))["last_f16"] == TensorProto.FLOAT16


def test_a_backend_that_is_not_there_is_an_error_and_no_number(
    forms: Forms, model: ModelProto, feeds: list[dict[str, Tensor]]
) -> None:
    with pytest.raises(BackendError, match="backend soup is unknown"):
        psnr(forms["int8"], model, feeds, backend="soup")


def types(model: ModelProto) -> dict[str, int]:
    """Of every tensor that a node makes."""
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    return {value.name: value.type.tensor_type.elem_type for value in inferred.graph.value_info}
