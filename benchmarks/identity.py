"""Who a face is: dlib's recognition network (CC0), as a yardstick only; it is not part of reenact."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from reenact.backends.onnx import open_network
from reenact.crop import apply
from reenact.errors import MediaError
from reenact.network import Network, planar
from reenact.types import Array, Face, Image

DEFAULT = Path(__file__).parents[2] / "shared" / "models" / "dlib_face_resnet.onnx"
SIDE = 150
PADDING = 0.25
POINTS = (263, 362, 33, 133, 2)
"""Landmarks: outer and inner corner of the eye on the right, the same on the left, the base of the nose."""
PLACES = np.array([[0.85957, 0.21350], [0.64606, 0.22897], [0.12058, 0.21373], [0.33409, 0.22906], [0.49011, 0.62780]])
"""Where dlib wants them, in parts of an unpadded chip. Source: dlib, image_transforms/interpolation.h."""
FINE = 3
"""Chips are sampled this much finer and averaged down, as large faces have more px than a chip."""


class Identity:
    """image, Face -> (128,); the closer two are, the more they are one person."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, image: Image, face: Face) -> Array:
        return np.asarray(self._network(image=planar(chip(image, face), 1, 0))["embedding"][0], np.float64)


def open_identity(path: Path, *, threads: int | None = None) -> Identity:
    """Raises MediaError when it is not there, BackendError when it does not load."""
    if not path.is_file():
        raise MediaError(f"{path}: wanted dlib's face network to measure identity, found none; name it by --identity.")
    return Identity(open_network(path, threads=threads))


def chip(image: Image, face: Face) -> Image:
    """(150, 150, 3) the face, upright and in place."""
    wanted = (PLACES + PADDING) / (1 + 2 * PADDING) * SIDE * FINE
    to_image = fitted(wanted, face.landmarks[list(POINTS), :2])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    fine = cv2.warpAffine(image, to_image, (SIDE * FINE, SIDE * FINE), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def fitted(source: Array, target: Array) -> Array:
    """(2, 3) the similarity that takes (N, 2) source nearest to target."""
    from_mean, to_mean = source.mean(0), target.mean(0)
    s, t = (points @ [1, 1j] for points in (source - from_mean, target - to_mean))
    turn = np.vdot(s, t) / np.vdot(s, s).real
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    affine = np.column_stack([linear, to_mean - linear @ from_mean])
    assert np.allclose(apply(affine, from_mean[None]), to_mean)
    return affine
