"""Every graph on every GPU backend of this machine, beside the CPU. Without a GPU: skipped, or, with
REENACT_REQUIRE=gpu, failed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from needs import needs

from benchmarks.backends import work
from reenact.backends.auto import load
from reenact.backends.protocol import Backend
from reenact.backends.registry import REFERENCE, backends
from reenact.backends.remembered import TOLERANCE
from reenact.backends.trial import psnr
from reenact.doctor import run_backend
from reenact.errors import BackendError

GPU = ("cuda", "tensorrt-rtx", "directml", "coreml", "webgpu")
TINY = Path(__file__).parent / "engines" / "liveportrait-tiny"


def running() -> list[Backend]:
    """Those that run a graph of one node."""
    found = []
    for backend in backends():
        if backend.name in GPU:
            try:
                run_backend(backend)
            except BackendError:
                continue
            found.append(backend)
    return found


RUNNING = running()


@needs("gpu", here=bool(RUNNING))
@pytest.mark.parametrize("folder", [None, TINY], ids=["lite", "liveportrait"])
def test_a_gpu_draws_what_the_cpu_draws(folder: Path | None) -> None:
    assert RUNNING, f"none of {', '.join(GPU)} runs here; see `reenact doctor`"
    for bundle, feeds in work(folder, 256):
        for role, inputs in feeds.items():
            wanted = bundle.form(bundle.forms(role)[0].name, backend=REFERENCE)(**inputs)
            for form in bundle.forms(role):
                for backend in RUNNING:
                    if form.suits(backend.name):
                        got = load(form, backend, None)(**inputs)
                        assert psnr(got, wanted) >= TOLERANCE, f"{form.name} on {backend.name}"
