"""A graph compiled for the shapes that come: the first are waited for, later ones come when they are ready."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import pytest

from reenact.backends.fitted import KEPT, Fitted

Shapes = Mapping[str, tuple[int, ...]]


def of(side: int) -> dict[str, np.ndarray]:
    return {"b": np.zeros((side, 3)), "a": np.zeros(side)}


def settle() -> None:
    for thread in threading.enumerate():
        if thread.name == "fit a graph":
            thread.join()


def test_first_shapes_are_waited_for_and_later_ones_are_not() -> None:
    go = threading.Event()

    def fit(shapes: Shapes) -> str:
        if shapes["a"] == (5,):
            assert go.wait(10)
        return f"for {shapes['a']} and {shapes['b']}"

    fitted = Fitted("anyhow", fit)
    assert fitted(of(4)) == "for (4,) and (4, 3)"
    assert fitted(of(5)) == "anyhow"
    assert fitted(of(4)) == "for (4,) and (4, 3)"  # while the other is being compiled
    go.set()
    settle()
    assert fitted(of(5)) == "for (5,) and (5, 3)"


def test_each_shape_is_compiled_once_and_only_so_many() -> None:
    seen: list[tuple[int, ...]] = []
    fitted = Fitted("anyhow", lambda shapes: seen.append(shapes["a"]) or f"{shapes['a']}")
    for side in (*range(20), *range(20)):
        fitted(of(side))
        settle()
    assert seen == [(side,) for side in range(KEPT)]
    assert fitted(of(0)) == "(0,)"
    assert fitted(of(19)) == "anyhow"


def test_what_does_not_compile_is_run_as_before(caplog: pytest.LogCaptureFixture) -> None:
    def fit(shapes: Shapes) -> str:
        raise RuntimeError("no such thing\nand more")

    fitted = Fitted("anyhow", fit)
    assert [fitted(of(3)) for _ in range(3)] == ["anyhow"] * 3
    assert caplog.messages == ["not compiled for its shapes, and slower for it: no such thing"]
