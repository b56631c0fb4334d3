"""One graph: named tensors in, named tensors out. Knows nothing of who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Tensor = npt.NDArray[Any]


class Network(Protocol):
    """A loaded graph. Inputs and outputs go by name; the outputs are fresh arrays."""

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]: ...


def planar(image: npt.NDArray[np.uint8], scale: float, offset: float) -> npt.NDArray[np.float32]:
    """(H, W, 3) 0..255 -> (1, 3, H, W) float32, value * scale + offset."""
    values = image.astype(np.float32) * np.float32(scale) + np.float32(offset)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])
