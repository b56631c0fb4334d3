"""The reference's motion templates: pickles, read as data. Nothing that a pickle can name is called, but for arrays."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reenact.errors import MediaError
from reenact.liveportrait.points import KEYPOINTS, motion_of
from reenact.recording import Recording
from reenact.types import Array, Motion

RATE = 25
"""Frames a second of a template that does not say."""
KEYS = {"R": ("R", "R_d"), "eyes": ("c_eyes_lst", "c_d_eyes_lst"), "lips": ("c_lip_lst", "c_d_lip_lst")}
"""What older templates call it too."""


def read_template(path: Path) -> Recording:
    """The motions of a template; its first frame is the neutral. For `transfer` of the liveportrait engine.

    Raises:
        MediaError: not there, no template, or a pickle that names anything but arrays.
    """
    try:
        content = _Reader(io.BytesIO(path.read_bytes())).load()
        motions = tuple(_motion(content, index) for index in range(len(content["motion"])))
        if not motions:
            raise ValueError("no frame in it")
        rate = float(content.get("output_fps", RATE))
        if not rate > 0:
            raise ValueError(f"{rate:g} frames a second")
        return Recording(motions, np.arange(len(motions)) / rate)
    except OSError as error:
        raise MediaError(f"{path}: wanted a motion template, could not read it ({error.strerror}).") from error
    except Exception as error:  # a broken pickle may raise anything
        reason = f"{type(error).__name__}: {error}".strip()
        raise MediaError(f"{path}: wanted a motion template of LivePortrait (.pkl), found none ({reason}).") from error


def _motion(content: Mapping[str, Any], index: int) -> Motion:
    frame = content["motion"][index]
    eyes, lips = (_first(content, KEYS[name])[index] for name in ("eyes", "lips"))
    return motion_of(
        np.zeros((KEYPOINTS, 3)),  # an actor's own keypoints never reach the avatar
        _numbers(frame["exp"], (KEYPOINTS, 3)),
        _numbers(_first(frame, KEYS["R"]), (3, 3)).T,
        _numbers(frame["t"], (3,)),
        float(_numbers(frame["scale"], (1,))[0]),
        np.concatenate([_numbers(eyes, (2,)), _numbers(lips, (1,))]),
    )


def _first(table: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if name in table:
            return table[name]
    raise KeyError(names[0])


def _numbers(value: Any, shape: tuple[int, ...]) -> Array:
    numbers = np.asarray(value, np.float64).reshape(shape)
    if not np.isfinite(numbers).all():
        raise ValueError("numbers that are none")
    return numbers


class _Reader(pickle.Unpickler):
    """Knows arrays and their types, and no other name."""

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may name."""
        if name == "ndarray" and module == "numpy":
            return np.ndarray
        if name == "dtype" and module == "numpy":
            return _number_type
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name in ("_reconstruct", "scalar"):
            return _blank if name == "_reconstruct" else _scalar
        if module in ("numpy.core.numeric", "numpy._core.numeric") and name == "_frombuffer":
            return _array
        if (module, name) == ("_codecs", "encode"):
            return _latin1
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no template needs")


def _blank(*_: object) -> np.ndarray:
    """An empty array, to be filled by what follows in the pickle."""
    return np.ndarray.__new__(np.ndarray, (0,), np.int8)


def _number_type(code: str, *_: object) -> np.dtype[Any]:
    """Numbers only: an array of objects could hold anything."""
    kind = np.dtype(code, align=False, copy=True)  # a copy: the pickle goes on to set its state
    if kind.kind not in "fiub":
        raise pickle.UnpicklingError(f"it holds an array of {code}, wanted numbers")
    return kind


def _array(buffer: bytes, kind: np.dtype[Any], shape: tuple[int, ...], order: str) -> np.ndarray:
    if order not in ("C", "F"):
        raise pickle.UnpicklingError(f"it holds an array in order {order}, wanted C or F")
    return np.ndarray(shape, kind, bytearray(buffer), order="C" if order == "C" else "F")


def _scalar(kind: np.dtype[Any], data: bytes) -> Any:
    return np.frombuffer(data, kind, 1)[0]


def _latin1(text: str, encoding: str) -> bytes:
    """How old pickles write bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it holds text as {encoding}, wanted latin1")
    return text.encode("latin1")
