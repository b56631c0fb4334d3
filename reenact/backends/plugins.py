"""Providers that plug into plain ONNX Runtime, each a wheel and an extra of its own. They differ in names only."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import onnxruntime as ort

from reenact.backends.onnx import OnnxNetwork, cores, first_line, on_the_cpu, session_options, start
from reenact.backends.protocol import Availability
from reenact.errors import BackendError
from reenact.extras import how_to_install

KINDS = (ort.OrtHardwareDeviceType.GPU, ort.OrtHardwareDeviceType.CPU)
"""Of devices, the best first. NPUs are left out: they take no free dimensions."""

Options = dict[str, str]


@dataclass(frozen=True, slots=True)
class PluginBackend:
    """A `protocol.Backend`: the best device of one plug-in."""

    name: str
    """Also of the extra that brings it."""
    module: str
    """What the wheel installs."""
    provider: str
    """ONNX Runtime's name of it."""
    options: Callable[[int, bool], Options] = lambda threads, bfloat16: {}
    """Threads of the CPU, whether bfloat16 will do -> what the provider is told."""

    def probe(self) -> Availability:
        """Whether it is installed and finds a device; only then its library is loaded."""
        try:
            device = self._device()
        except BackendError as error:
            return Availability(False, "", "", str(error))
        version = device.ep_metadata.get("version", "of unknown version")
        return Availability(True, f"{version} in ONNX Runtime {ort.__version__}", _described(device), "")

    def load(self, model: bytes, *, name: str, threads: int | None = None, bfloat16: bool = False) -> OnnxNetwork:
        """As `protocol.Backend.load`. What the plug-in does not take runs on the CPU, as long as it takes something."""
        device, options = self._device(), session_options(threads)
        try:
            options.add_provider_for_devices([device], self.options(threads or cores(), bfloat16))
        except Exception as error:
            raise BackendError(f"{name}: {self.provider} cannot be set up: {first_line(error)}") from error
        session = start(model, options, name=name, backend=self.name)
        left = on_the_cpu(session, self.provider, name)
        return OnnxNetwork(session, name, f"{self.provider} on {_described(device)}{left}")

    def _device(self) -> ort.OrtEpDevice:
        if not _installed(self.module):
            raise BackendError(
                f"backend {self.name} is not installed: {how_to_install(self.name)}, or use backend cpu."
            )
        _register(self.module, self.name)
        mine = [device for device in _devices(self.name) if device.ep_name == self.provider]
        for kind in KINDS:
            for device in mine:
                if device.device.type == kind:
                    return device
        raise BackendError(
            f"backend {self.name} finds no device on this machine that it could run on; use backend cpu."
        )


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # half of it is
        return False


def _devices(name: str) -> Sequence[ort.OrtEpDevice]:
    """All that ONNX Runtime finds; looking runs the code of every driver."""
    try:
        return list(ort.get_ep_devices())
    except Exception as error:
        raise BackendError(f"backend {name} cannot look for devices: {first_line(error)}.") from error


def _openvino(threads: int, bfloat16: bool) -> Options:
    """Left to itself it rounds coordinates too."""
    exact = {} if bfloat16 else {"INFERENCE_PRECISION_HINT": "f32"}
    return {"load_config": json.dumps({"CPU": {"INFERENCE_NUM_THREADS": str(threads), **exact}, "GPU": exact})}


PLUGINS = (
    PluginBackend("openvino-ep", "onnxruntime_ep_openvino", "OpenVINOExecutionProvider", _openvino),
    PluginBackend("tensorrt-rtx", "onnxruntime_ep_nv_tensorrt_rtx", "NvTensorRTRTXExecutionProvider"),
    PluginBackend("webgpu", "onnxruntime_ep_webgpu", "WebGpuExecutionProvider"),
)


@cache
def _register(module: str, name: str) -> None:
    """Make a plug-in known to ONNX Runtime, which wants to hear of it once."""
    try:
        ort.register_execution_provider_library(name, import_module(module).get_library_path())
    except Exception as error:
        raise BackendError(f"backend {name} does not start: {first_line(error)}; see `reenact doctor`.") from error


def _described(device: ort.OrtEpDevice) -> str:
    about = device.device
    return f"{about.metadata.get('Description', about.vendor)} ({about.type.name})"
