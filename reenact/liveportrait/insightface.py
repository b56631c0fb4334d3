"""The reference's own look at an avatar picture: InsightFace's detector and its 106 landmarks.

For those who hold a licence for the two networks, which are for non-commercial research only: they are neither shipped
nor fetched, but read from a folder. At an actor the reference looks with another network, of 203 points, which
InsightFace has not: the square around the actor stays ours. Tried with the package and with networks that were made up;
the real ones cannot be had on our machines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from reenact.crop import bounding_box, scaled
from reenact.errors import BackendError, NoFaceError, WeightsError
from reenact.extras import how_to_install
from reenact.liveportrait.framing import Look, Outline
from reenact.types import Array, Face, Image

NETWORKS = ("det_10g.onnx", "2d106det.onnx")
"""Of InsightFace's package buffalo_l."""
TASKS = ["detection", "landmark_2d_106"]
LONGEST = 1280
"""px: larger pictures are made smaller first."""
DETECTED = (512, 512)
"""px: what the detector sees of it."""
EYES = ((33, 35, 40, 39), (87, 89, 94, 93))
MOUTH = (52, 61)
"""Of the 106: around either eye, and the corners of the mouth."""


def open_insightface(folder: Path) -> Look:
    """What says of a picture and the face that was found in it how the reference sees that face.

    Raises:
        WeightsError: not a folder with both networks.
        BackendError: the package is not installed, or does not load them.
    """
    missing = [name for name in NETWORKS if not (folder / name).is_file()]
    if missing:
        raise WeightsError(
            f"{folder}: wanted InsightFace's {' and '.join(missing)}, not there; they are never fetched."
        )
    try:
        from insightface.app import FaceAnalysis
    except ImportError as error:
        raise BackendError(f"insightface is not installed ({error}): {how_to_install('insightface')}") from error
    try:  # a folder that exists is read and nothing fetched
        analysis = FaceAnalysis(str(folder.resolve()), allowed_modules=TASKS, providers=["CPUExecutionProvider"])
        analysis.prepare(ctx_id=-1, det_size=DETECTED)
    except Exception as error:  # onnx and onnxruntime have their own
        raise BackendError(f"{folder}: insightface cannot load it ({_reason(error)}); get the files again.") from error
    return lambda image, face: outline_106(_marks(analysis, image, face))


def outline_106(marks: Array) -> Outline:
    """The outline of a face with (106, 2) landmarks."""
    left, right = (marks[list(eye)].mean(0) for eye in EYES)
    return Outline(marks, (left + right) / 2, marks[list(MOUTH)].mean(0))


def _marks(analysis: Any, image: Image, face: Face) -> Array:
    """(106, 2) px of the image: the landmarks nearest to those of the face."""
    small = scaled(image, min(1.0, LONGEST / max(image.shape[:2])))
    gain = np.array(image.shape[1::-1]) / small.shape[1::-1]
    try:
        found = analysis.get(np.ascontiguousarray(small[..., ::-1]))  # as the package wants it: BGR
        seen = [(np.asarray(one.landmark_2d_106, np.float64).reshape(106, 2) + 0.5) * gain - 0.5 for one in found]
    except Exception as error:
        raise BackendError(f"insightface failed at a picture: {_reason(error)}.") from error
    if not seen:
        raise NoFaceError("InsightFace finds no face in the picture; take another one, or leave --insightface out.")
    return min(seen, key=lambda marks: float(np.abs(bounding_box(marks) - face.box).sum()))


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
