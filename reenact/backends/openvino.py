"""OpenVINO: the one home of its import, which is an extra.

In bfloat16, where the CPU has it, it is as fast as it can be; but only for graphs whose manifest says that they bear
it: OpenVINO would round coordinates too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from reenact.backends.fitted import Fitted
from reenact.backends.onnx import cores, first_line
from reenact.backends.processor import processor
from reenact.backends.protocol import Availability, check_names
from reenact.errors import BackendError
from reenact.extras import how_to_install
from reenact.network import Tensor


@dataclass(frozen=True, slots=True)
class OpenVinoBackend:
    """A `protocol.Backend`: OpenVINO on the CPU."""

    name: str = "openvino"

    def probe(self) -> Availability:
        """Whether it is installed; it is not imported."""
        try:
            if find_spec("openvino") is None:
                return Availability(False, "", "", "openvino is not installed")
            return Availability(True, version("openvino"), processor(), "")
        except (ImportError, ValueError) as error:
            return Availability(False, "", "", f"openvino is not installed as it should be: {error}")

    def load(self, model: bytes, *, name: str, threads: int | None = None, bfloat16: bool = False) -> OpenVinoNetwork:
        """As `open_openvino`."""
        return open_openvino(model, threads=threads, bfloat16=bfloat16, name=name)


class OpenVinoNetwork:
    """A compiled graph on the CPU. Tensors go by name; unknown or missing names raise."""

    def __init__(self, graph: Any, compiled: Callable[[Any], Any], name: str) -> None:
        """graph: as it was read; a compiled one has names of OpenVINO's own making beside those of the file."""
        self.name = name
        self.provider = "OpenVINO on the CPU"
        self.inputs: dict[str, list[int | str]] = {_name(port): _shape(port) for port in graph.inputs}
        self.outputs: dict[str, list[int | str]] = {_name(port): _shape(port) for port in graph.outputs}
        self._types = {_name(port): port.get_element_type().to_dtype() for port in graph.inputs}
        self._one_at_a_time = Lock()  # a request is no place for two threads
        free = any("?" in shape for shape in self.inputs.values())
        request = compiled(graph).create_infer_request()
        self._request = Fitted(request, lambda shapes: _fitted(graph, compiled, shapes)) if free else lambda _: request

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        """Run once.

        Raises:
            BackendError: the inputs do not fit the graph, or the runtime failed.
        """
        check_names(self, inputs)
        try:
            whole = {name: self._whole(name, value) for name, value in inputs.items()}
            request = self._request(whole)
            with self._one_at_a_time:
                results = request.infer(whole, share_inputs=True, share_outputs=True)
                return {name: results[index].copy() for index, name in enumerate(self.outputs)}
        except Exception as error:
            raise BackendError(f"{self.name}: OpenVINO failed: {_reason(error)}") from error

    def _whole(self, name: str, value: Tensor) -> Tensor:
        """In one piece. OpenVINO itself would convert other numbers in silence."""
        if value.dtype != self._types[name]:
            raise TypeError(f"wanted {self._types[name]} for {name}, got {value.dtype}")
        return np.ascontiguousarray(value)


def open_openvino(
    model: Path | bytes, *, threads: int | None = None, bfloat16: bool = False, name: str = "graph"
) -> OpenVinoNetwork:
    """Load a graph on the CPU.

    Args:
        model: a file, or the bytes of one.
        threads: None: as many as this process has cores.
        bfloat16: allow it where the CPU computes in it; everything else is float32.

    Raises:
        BackendError: OpenVINO is not installed, or the graph does not load on it.
    """
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise BackendError(
            f"backend openvino is not installed: {how_to_install('openvino')}, or use backend cpu."
        ) from error
    except Exception as error:
        raise BackendError(f"backend openvino does not start: {first_line(error)}; see `reenact doctor`.") from error
    try:
        core = openvino.Core()
        low = bfloat16 and "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        options = {"INFERENCE_PRECISION_HINT": "bf16" if low else "f32", "INFERENCE_NUM_THREADS": threads or cores()}
        graph = core.read_model(model)
        return OpenVinoNetwork(graph, lambda graph: core.compile_model(graph, "CPU", options), name)
    except Exception as error:
        raise BackendError(f"{name}: cannot load on backend openvino: {_reason(error)}") from error


def _fitted(graph: Any, compiled: Callable[[Any], Any], shapes: Mapping[str, tuple[int, ...]]) -> Any:
    """A request to the graph for these shapes only."""
    still = graph.clone()
    still.reshape({port: list(shapes[_name(port)]) for port in still.inputs})
    return compiled(still).create_infer_request()


def _reason(error: Exception) -> str:
    """The last line of what OpenVINO says: the ones before name its source files."""
    return str(error).strip().splitlines()[-1].strip() if str(error).strip() else first_line(error)


def _name(port: Any) -> str:
    """The shortest: runtimes add names of their own making to those of the file."""
    return min(map(str, port.get_names()), key=lambda name: (not name.isidentifier(), len(name), name))


def _shape(port: Any) -> list[int | str]:
    return [length.get_length() if length.is_static else "?" for length in port.get_partial_shape()]
