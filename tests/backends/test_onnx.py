"""What was asked for is what runs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from reenact.backends import onnx
from reenact.backends.onnx import PROVIDERS, available, open_network
from reenact.bundle import bundled
from reenact.errors import BackendError

MODEL = bundled("engines", "faces") / "blazeface_short.onnx"


def test_the_cpu_is_always_there() -> None:
    assert "cpu" in available()
    assert open_network(MODEL).provider == "CPUExecutionProvider"


def test_a_backend_that_is_not_there_is_an_error_and_no_fallback() -> None:
    missing = next(name for name in ("cuda", "coreml", "directml") if name not in available())
    with pytest.raises(BackendError, match=missing):
        open_network(MODEL, backend=missing)


def test_a_provider_that_takes_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime would run it all on the CPU, in silence. Its wheel has a provider that takes no ordinary graph."""
    monkeypatch.setitem(PROVIDERS, "cuda", "AzureExecutionProvider")
    with pytest.raises(BackendError, match="AzureExecutionProvider takes no part of it"):
        open_network(MODEL, backend="cuda")


def test_cuda_s_libraries_are_looked_for_where_pip_puts_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looked: list[str] = []

    def preload(directory: str) -> None:
        looked.append(directory)
        sys.stdout.write("no cudnn")

    onnx._load_cuda.cache_clear()
    monkeypatch.setitem(PROVIDERS, "cuda", "CPUExecutionProvider")
    monkeypatch.setattr("onnxruntime.preload_dlls", preload)
    open_network(MODEL, backend="cuda")
    open_network(MODEL, backend="cpu")
    assert looked == [""]
    assert capsys.readouterr().out == ""


def test_tensors_go_by_name() -> None:
    out = open_network(MODEL)(image=np.zeros((1, 3, 128, 128), np.float32))
    assert {name: value.shape for name, value in out.items()} == {
        "regressors": (1, 896, 16),
        "scores": (1, 896, 1),
    }


def test_an_unknown_input_is_an_error() -> None:
    with pytest.raises(BackendError, match="blazeface_short"):
        open_network(MODEL)(picture=np.zeros((1, 3, 128, 128), np.float32))


def test_bytes_that_are_no_graph_are_an_error() -> None:
    with pytest.raises(BackendError, match="cannot load"):
        open_network(b"no graph")
