"""A graph compiled for any shapes, and again for the very shapes that come: a known size can be fused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from typing import Generic, TypeVar

from reenact.network import Tensor

logger = logging.getLogger(__name__)

Shapes = tuple[tuple[int, ...], ...]
"""Of the inputs, in the order of their names."""
KEPT = 6
"""Sets of shapes that one graph is compiled for; further ones are left to the graph for any."""

_C = TypeVar("_C")


class Fitted(Generic[_C]):
    """What is compiled for which shapes.

    The first shapes are waited for, since a first call is slow anyway; for later ones a thread compiles, and until it
    is done the graph for any shapes serves: no frame waits.
    """

    def __init__(self, anyhow: _C, fit: Callable[[Mapping[str, tuple[int, ...]]], _C]) -> None:
        """anyhow: compiled for any shapes. fit: compiles for some; slow, may raise."""
        self._anyhow, self._fit = anyhow, fit
        self._fitted: dict[Shapes, _C] = {}
        self._lock = Lock()

    def __call__(self, inputs: Mapping[str, Tensor]) -> _C:
        """What runs these inputs best, now."""
        shapes = {name: inputs[name].shape for name in sorted(inputs)}
        key = tuple(shapes.values())
        with self._lock:
            if (found := self._fitted.get(key)) is not None:
                return found
            if len(self._fitted) == KEPT:
                return self._anyhow
            first, self._fitted[key] = not self._fitted, self._anyhow  # until there is better
        if first:
            self._compile(key, shapes)
            return self._fitted[key]
        Thread(target=self._compile, args=(key, shapes), name="fit a graph").start()
        return self._anyhow

    def _compile(self, key: Shapes, shapes: Mapping[str, tuple[int, ...]]) -> None:
        try:
            fitted = self._fit(shapes)
        except Exception as error:  # whatever a runtime raises: the graph for any shapes stays
            logger.warning("not compiled for its shapes, and slower for it: %s", str(error).splitlines()[0])
            return
        with self._lock:
            self._fitted[key] = fitted
