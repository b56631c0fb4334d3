"""A graph compiled for any shapes, and again for the very shapes that come: what has a known size can be fused."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from typing import Generic, TypeVar

from reenact.network import Tensor

logger = logging.getLogger(__name__)

Shapes = tuple[tuple[str, tuple[int, ...]], ...]
"""Of the inputs, by name."""
KEPT = 4
"""Sets of shapes that a graph stays compiled for; those that were not needed for longest go."""
OFTEN = 10
"""Calls in a row after which shapes are worth it: a window that grows as a head turns does not stay so."""

_C = TypeVar("_C")


class Fitted(Generic[_C]):
    """What is compiled for which shapes.

    The first shapes are waited for, since a first call is slow anyway. Later ones are compiled by a thread, one at a
    time, and until it is done the graph for any shapes serves: no frame waits.
    """

    def __init__(self, anyhow: _C, fit: Callable[[Mapping[str, tuple[int, ...]]], _C]) -> None:
        """anyhow: compiled for any shapes. fit: compiles for some; slow, may raise."""
        self._anyhow, self._fit = anyhow, fit
        self._fitted: OrderedDict[Shapes, _C] = OrderedDict()
        self._lock = Lock()
        self._last: Shapes = ()
        self._row = 0
        self._busy = False

    def __call__(self, inputs: Mapping[str, Tensor]) -> _C:
        """What runs these inputs best, now."""
        shapes = tuple((name, inputs[name].shape) for name in sorted(inputs))
        with self._lock:
            self._row, self._last = (self._row + 1 if shapes == self._last else 1), shapes
            if shapes in self._fitted:
                self._fitted.move_to_end(shapes)
                return self._fitted[shapes]
            first = not self._fitted
            if self._busy or (self._row < OFTEN and not first):
                return self._anyhow
            self._busy = True
        if not first:
            Thread(target=self._compile, args=(shapes,), name="fit a graph").start()
            return self._anyhow
        return self._compile(shapes)

    def _compile(self, shapes: Shapes) -> _C:
        """For these shapes; where that fails, the graph for any serves them for good."""
        try:
            fitted = self._fit(dict(shapes))
        except Exception as error:  # whatever a runtime raises
            logger.warning("not compiled for its shapes, and slower for it: %s", str(error) or type(error).__name__)
            fitted = self._anyhow
        with self._lock:
            self._fitted[shapes], self._busy = fitted, False
            if len(self._fitted) > KEPT:
                self._fitted.popitem(last=False)
        return fitted
