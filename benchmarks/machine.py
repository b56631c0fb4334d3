"""On what a measurement was made."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import distributions, version

from reenact.backends.onnx import cores
from reenact.backends.processor import processor


def machine() -> dict[str, object]:
    """Processor, cores that this process may use, how busy they are, system and versions."""
    packages = ("reenact", "numpy", "opencv-python-headless", "av")
    return {
        "cpu": processor(),
        "cores": cores(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "blas_threads": os.environ.get("OPENBLAS_NUM_THREADS"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages} | runtimes(),
    }


def runtimes() -> dict[str, str]:
    """Versions of ONNX Runtime, its plug-ins and OpenVINO, as far as they are installed; none is imported."""
    found = {one.metadata["Name"].lower(): one.version for one in distributions()}
    return {name: found[name] for name in sorted(found) if name == "openvino" or name.startswith("onnxruntime")}


def peak_memory_mb() -> float | None:
    """The most memory this process has held so far; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "checkout"
