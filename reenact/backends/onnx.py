"""ONNX Runtime and the providers that are built into it.

What was asked for is what runs: a provider that ONNX Runtime drops in silence is an error here.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import onnxruntime as ort

from reenact.backends.processor import processor
from reenact.backends.protocol import Availability
from reenact.errors import BackendError
from reenact.network import Tensor

logger = logging.getLogger(__name__)

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Backend name -> ONNX Runtime's name of it."""


def available() -> list[str]:
    """Backends that this build of ONNX Runtime was made with; whether one really runs, only a session tells."""
    built = set(ort.get_available_providers())
    return [name for name, provider in PROVIDERS.items() if provider in built]


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class OnnxBackend:
    """A `protocol.Backend`: one provider of ONNX Runtime."""

    name: str
    """A key of `PROVIDERS`."""

    def probe(self) -> Availability:
        """Whether this ONNX Runtime was built with it."""
        if self.name not in available():
            return Availability(False, "", "", "not in this ONNX Runtime")
        return Availability(True, ort.__version__, processor() if self.name == "cpu" else self.name, "")

    def load(self, model: bytes, *, name: str, threads: int | None = None, bfloat16: bool = False) -> OnnxNetwork:
        """As `open_network`; computes in the graph's own precision whatever `bfloat16` allows."""
        return open_network(model, backend=self.name, threads=threads, name=name)


class OnnxNetwork:
    """A graph in an ONNX Runtime session. Tensors go by name; unknown or missing names raise."""

    def __init__(self, session: ort.InferenceSession, name: str, provider: str) -> None:
        self.name = name
        self.provider = provider
        self.inputs: dict[str, list[int | str]] = {i.name: i.shape for i in session.get_inputs()}
        self.outputs: dict[str, list[int | str]] = {o.name: o.shape for o in session.get_outputs()}
        self._session = session

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        """Run once.

        Raises:
            BackendError: the inputs do not fit the graph, or the runtime failed.
        """
        try:
            results = self._session.run(list(self.outputs), inputs)
        except Exception as error:
            raise BackendError(f"{self.name}: {self.provider} failed: {first_line(error)}") from error
        return dict(zip(self.outputs, results, strict=True))


def open_network(
    model: Path | bytes, *, backend: str = "cpu", threads: int | None = None, name: str = "graph"
) -> OnnxNetwork:
    """Load a graph on the backend that was asked for, and no other.

    Args:
        model: a file, or the bytes of one.
        backend: a key of `PROVIDERS`.
        threads: for the CPU; None: as many as this process has cores.
        name: of a graph in bytes, for messages.

    Raises:
        BackendError: no such backend here, or the graph does not load on it.
    """
    name = model.name if isinstance(model, Path) else name
    provider = _provider(backend)
    if backend == "cuda":
        _load_cuda()
    session = start(model, session_options(threads), providers=[provider], name=name, backend=backend)
    return OnnxNetwork(session, name, provider + on_the_cpu(session, provider, name))


def start(
    model: Path | bytes, options: ort.SessionOptions, *, name: str, backend: str, providers: list[str] | None = None
) -> ort.InferenceSession:
    """A session, which never falls back to the CPU on its own. providers: None: as `options` say.

    Raises:
        BackendError: the graph does not load.
    """
    content = str(model) if isinstance(model, Path) else model
    try:
        return ort.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:
        raise BackendError(f"{name}: cannot load on backend {backend}: {first_line(error)}") from error


def on_the_cpu(session: ort.InferenceSession, provider: str, name: str) -> str:
    """How much of a graph its provider leaves to the CPU, in words; empty: nothing. ONNX Runtime does that in silence.

    Raises:
        BackendError: all of it.
    """
    nodes = [(part.ep_name, len(part.get_nodes())) for part in session.get_provider_graph_assignment_info()]
    total, own = sum(count for _, count in nodes), sum(count for who, count in nodes if who == provider)
    if total and not own:
        raise BackendError(f"{name}: {provider} takes no part of it. See `reenact doctor`, or use backend cpu.")
    return "" if own == total else f", {total - own} of {total} nodes on the CPU"


@cache
def _load_cuda() -> None:
    """Load CUDA's and cuDNN's libraries from where pip has put them: the system's loader does not look there."""
    with redirect_stdout(io.StringIO()) as said:
        ort.preload_dlls(directory="")
    if said.getvalue().strip():
        logger.info("libraries of CUDA: %s", said.getvalue().strip())


def _provider(backend: str) -> str:
    if backend not in available():
        here = ", ".join(available())
        raise BackendError(f"backend {backend} is not in this ONNX Runtime (here: {here}). See `reenact doctor`.")
    return PROVIDERS[backend]


def session_options(threads: int | None) -> ort.SessionOptions:
    """For networks that share the cores. threads: for the CPU; None: as many as this process has cores."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors come as exceptions; warnings about them would come twice
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # several networks share the cores
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")  # for `on_the_cpu`
    return options


def first_line(error: Exception) -> str:
    """What somebody else's error says, or at least what it is."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
