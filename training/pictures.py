"""What a run looks like: its curves, and a sheet of what it paints."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch

from reenact.devices.pictures import write_picture
from training.losses import Painted

ROWS = 8
"""Of a sheet."""
CELL = 128
"""px"""


def save_sheet(path: Path, painted: Painted) -> None:
    """Rows: what the warp shows, what is where, what was painted, how much it counts, the truth."""
    columns = (
        painted.shown,
        painted.marks[:, :3],
        painted.image.clamp(0, 1),
        painted.counts.expand(-1, 3, -1, -1),
        painted.truth,
    )
    rows = [np.hstack([_cell(column[index]) for column in columns]) for index in range(min(ROWS, len(painted.shown)))]
    write_picture(path, np.vstack(rows))


def save_curves(log: Path, path: Path) -> None:
    """What is left of the warp's error, and the losses, over the steps, smoothed."""
    from matplotlib.figure import Figure

    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    if len(rows) < 2:
        return
    figure = Figure(figsize=(12, 4), layout="constrained")
    for axes, keys in zip(figure.subplots(1, 2), (("mouth_left", "eyes_left"), ("mouth", "eyes")), strict=True):
        for key in keys:
            for name in sorted({name for row in rows for name in row[key]}):
                points = [(row["step"], row[key][name]) for row in rows if name in row[key]]
                steps, values = np.array(points).T
                axes.plot(steps, _smooth(values), label=f"{key.split('_')[0]} {name}")
        axes.set_xlabel("step")
        axes.legend()
        axes.grid(True)
    figure.savefig(path, dpi=80)


def _smooth(values: np.ndarray, part: int = 20) -> np.ndarray:
    """Mean of the last few."""
    width = max(len(values) // part, 1)
    sums = np.cumsum(np.insert(values, 0, 0.0))
    first = np.maximum(np.arange(1, len(sums)) - width, 0)
    return np.asarray((sums[1:] - sums[first]) / (np.arange(1, len(sums)) - first))


def _cell(picture: torch.Tensor) -> np.ndarray:
    image = (picture.detach().cpu().permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    return np.asarray(cv2.resize(image, (CELL, CELL), interpolation=cv2.INTER_NEAREST))
