"""A graph compiled for the shapes that come: the first are waited for, later ones come when they are ready."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import pytest

from reenact.backends.fitted import KEPT, OFTEN, Fitted

Shapes = Mapping[str, tuple[int, ...]]


def of(side: int) -> dict[str, np.ndarray]:
    return {"b": np.zeros((side, 3)), "a": np.zeros(side)}


def settle() -> None:
    for thread in threading.enumerate():
        if thread.name == "fit a graph":
            thread.join()


def often(fitted: Fitted[str], side: int) -> str:
    """What runs a shape that has come often enough to be compiled for."""
    for _ in range(OFTEN):
        fitted(of(side))
    settle()
    return fitted(of(side))


def test_first_shapes_are_waited_for_and_later_ones_are_not() -> None:
    go = threading.Event()

    def fit(shapes: Shapes) -> str:
        if shapes["a"] == (5,):
            assert go.wait(10)
        return f"for {shapes['a']} and {shapes['b']}"

    fitted = Fitted("anyhow", fit)
    assert fitted(of(4)) == "for (4,) and (4, 3)"
    assert [fitted(of(5)) for _ in range(2 * OFTEN)] == ["anyhow"] * 2 * OFTEN
    assert fitted(of(4)) == "for (4,) and (4, 3)"  # while the other is being compiled
    go.set()
    settle()
    assert fitted(of(5)) == "for (5,) and (5, 3)"


def test_shapes_that_come_and_go_are_not_compiled_for() -> None:
    seen: list[tuple[int, ...]] = []
    fitted = Fitted("anyhow", lambda shapes: seen.append(shapes["a"]) or "fitted")
    for side in (*range(20), *range(20)):
        fitted(of(side))
    settle()
    assert seen == [(0,)]


def test_what_was_not_needed_for_longest_goes() -> None:
    fitted = Fitted("anyhow", lambda shapes: f"{shapes['a']}")
    for side in range(KEPT):
        assert often(fitted, side) == f"({side},)"
    assert fitted(of(0)) == "(0,)"  # so that 1 is the oldest now
    assert often(fitted, 9) == "(9,)"
    assert fitted(of(1)) == "anyhow"
    assert fitted(of(0)) == "(0,)"


@pytest.mark.parametrize("error", [RuntimeError("no such thing"), RuntimeError(), AssertionError()])
def test_what_does_not_compile_is_run_as_before(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    def fit(shapes: Shapes) -> str:
        raise error

    fitted = Fitted("anyhow", fit)
    assert [fitted(of(3)) for _ in range(3)] == ["anyhow"] * 3
    assert caplog.messages == [f"not compiled for its shapes, and slower for it: {str(error) or type(error).__name__}"]
