"""Every backend that can be asked for by name."""

from __future__ import annotations

from reenact.backends.onnx import PROVIDERS, OnnxBackend
from reenact.backends.openvino import OpenVinoBackend
from reenact.backends.plugins import PLUGINS
from reenact.backends.protocol import Backend
from reenact.errors import BackendError

REFERENCE = "cpu"
"""What the others are measured by: float32, everywhere."""
AUTO = "auto"
"""Not a backend: the fastest of them that is right."""


def backends() -> tuple[Backend, ...]:
    """All, installed or not."""
    return (*(OnnxBackend(name) for name in PROVIDERS), OpenVinoBackend(), *PLUGINS)


def named(name: str) -> Backend:
    """The backend of a name.

    Raises:
        BackendError: there is no such name.
    """
    for backend in backends():
        if backend.name == name:
            return backend
    known = ", ".join(backend.name for backend in backends())
    raise BackendError(f"backend {name} is unknown; there are {AUTO}, {known}. See `reenact doctor`.")
