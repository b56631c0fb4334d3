"""How near one picture or face is to another. Pure: arrays in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from reenact.faces.landmarks import inter_ocular
from reenact.faces.pose import RIGID
from reenact.motion import turn
from reenact.types import Array, Image

LUMA = np.array([0.299, 0.587, 0.114])
"""Of RGB."""
WINDOW, SIGMA = 11, 1.5
"""px: SSIM's window."""
IDENTICAL = 100.0
"""dB: what two equal pictures get."""

Mask = npt.NDArray[np.bool_]
Scores = dict[str, float]


def psnr(image: Image, reference: Image) -> float:
    """dB over all channels; pictures of equal shape."""
    error = float(((image.astype(np.float64) - reference) ** 2).mean())
    return IDENTICAL if error == 0 else min(IDENTICAL, 10 * np.log10(255**2 / error))


def ssim(image: Image, reference: Image) -> float:
    """-1..1 on luma, where the whole window lies inside; pictures of equal shape, at least 11 px a side.

    Source: Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004.
    """
    x, y = image @ LUMA, reference @ LUMA
    mean_x, mean_y = _blur(x), _blur(y)
    var_x, var_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
    both = _blur(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * both + c2) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    edge = WINDOW // 2
    return float(likeness[edge:-edge, edge:-edge].mean())


def landmark_distance(seen: Array, reference: Array) -> float:
    """AKD: mean distance of (478, 3) landmarks in the picture plane, % of the reference's inter-ocular distance."""
    apart = np.linalg.norm(seen[:, :2] - reference[:, :2], axis=1)
    return float(100 * apart.mean() / inter_ocular(reference))


def jitter(faces: Sequence[Array | None], indices: Sequence[int]) -> float:
    """Mean second difference of the bony landmarks of (478, 3) faces, % of the inter-ocular distance.

    Over all three frames in a row, by their indices, that have a face; nan where there are none.
    """
    bones = list(RIGID)
    jerks = []
    for at in range(1, len(faces) - 1):
        before, now, after = faces[at - 1 : at + 2]
        in_a_row = indices[at + 1] - indices[at - 1] == 2
        if in_a_row and before is not None and now is not None and after is not None:
            second = (before - 2 * now + after)[bones, :2]
            jerks.append(100 * np.linalg.norm(second, axis=1).mean() / inter_ocular(now))
    return float(np.mean(jerks)) if jerks else float("nan")


def change(image: Image, reference: Image, where: Mask) -> Scores:
    """Grey levels (the largest over the channels) by which `image` differs `where` (H, W); nan where there is no px."""
    apart = np.abs(image.astype(np.int16) - reference).max(2)[where]
    if not apart.size:
        return dict.fromkeys(("background_mean", "background_p99", "background_max"), float("nan"))
    return {
        "background_mean": float(apart.mean()),
        "background_p99": float(np.percentile(apart, 99)),
        "background_max": float(apart.max()),
    }


def cosine(a: Array, b: Array) -> float:
    """-1..1"""
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def angle_between(a: Array, b: Array) -> float:
    """Degrees from one rotation (3, 3) to another."""
    return float(np.degrees(turn(a @ b.T)))


def average(rows: Sequence[Mapping[str, float]]) -> Scores:
    """The mean of every score over the rows that have it; nan where none has."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row[name] for row in rows if not np.isnan(row.get(name, np.nan))] for name in names}
    return {name: float(np.mean(column)) if column else float("nan") for name, column in columns.items()}


def cut(image: Image, box: Array) -> Image:
    """The part of an image inside a box (4,) x0, y0, x1, y1 px, as far as there is any."""
    x0, y0, x1, y1 = (max(int(side), 0) for side in (*np.floor(box[:2]), *np.ceil(box[2:])))
    return image[y0:y1, x0:x1]


def _blur(plane: Array) -> Array:
    return np.asarray(cv2.GaussianBlur(plane, (WINDOW, WINDOW), SIGMA))
