"""Trilinear sampling of a volume at any places, in three forms that give the same: no runtime has all operators.

native: GridSample of rank 5 (opset 20). gather: eight look-ups in a table of rows. tiled: one plain GridSample on the
volume's slices, laid out below each other. Beyond the volume everything is zero. A grid's -1..1 spans the cells' outer
edges. All take volume (1, C, D, H, W) and grid (1, D, H, W, 3) x y z and give (1, C, D, H, W).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import torch
import torch.nn.functional as functional
from torch import Tensor

from export.liveportrait.warping import sample_volume

Sample = Callable[[Tensor, Tensor], Tensor]


def to_cells(places: Tensor, count: int) -> Tensor:
    """-1..1 across the outer edges of `count` cells -> 0..count - 1 at their middles."""
    return ((places + 1) * count - 1) / 2


def hats(cells: Tensor, count: int) -> Tensor:
    """(...) -> (..., count): how much of each cell a linear look-up at `cells` takes; nothing outside."""
    return functional.relu(1 - (cells[..., None] - torch.arange(count)).abs())


def shifted(volume: Tensor, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """The volume (C, D, H, W), looked up by K different shifts: (K, C, D, H, W).

    x, y, z: (K, W), (K, H), (K, D) cells. A shift treats the axes one by one, so three matrix products do it.
    """
    channels, depth, height, width = volume.shape
    across, down, deep = hats(x, width), hats(y, height), hats(z, depth)
    out = volume.reshape(1, -1, width) @ across.transpose(1, 2)
    out = down[:, None] @ out.reshape(-1, channels * depth, height, width)
    out = deep[:, None] @ out.reshape(-1, channels, depth, height * width)
    return out.reshape(-1, channels, depth, height, width)


def gather(volume: Tensor, grid: Tensor) -> Tensor:
    """By rows of a table with one row for each cell."""
    table = volume.flatten(2)[0].t()
    sizes = volume.shape[:1:-1]
    axes = [list(_neighbours(to_cells(grid[..., axis].reshape(-1), size), size)) for axis, size in enumerate(sizes)]
    total = torch.zeros_like(table)
    for (x, part_x), (y, part_y), (z, part_z) in product(*axes):
        row = ((z * sizes[1] + y) * sizes[0] + x).long()  # whole numbers below 2^24 are exact in float32
        total = total + table[row] * (part_x * part_y * part_z)[:, None]
    return total.t().reshape(volume.shape)


def _neighbours(cells: Tensor, count: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The cell below and the one above: index within the axis, and its part of the result."""
    below = torch.floor(cells)
    for index, part in ((below, 1 - (cells - below)), (below + 1, cells - below)):
        inside = (index >= 0) & (index <= count - 1)
        yield index.clamp(0, count - 1), part * inside


def tiled(volume: Tensor, grid: Tensor) -> Tensor:
    """By a sheet of all slices, an empty row above and below each, looked up in two neighbouring slices at once."""
    _, channels, depth, height, width = volume.shape
    rows = height + 2
    sheet = functional.pad(volume, (0, 0, 1, 1)).reshape(1, channels, depth * rows, width)
    x = grid[..., 0].reshape(1, -1, width)
    y = to_cells(grid[..., 1], height).clamp(-1, height) + 1
    slices = list(_neighbours(to_cells(grid[..., 2], depth), depth))
    places = [((2 * (index * rows + y) + 1) / (depth * rows) - 1).reshape(1, -1, width) for index, _ in slices]
    looked_up = functional.grid_sample(
        sheet,
        torch.cat([torch.stack([x, place], -1) for place in places], 1),
        mode="bilinear",
        padding_mode="zeros",
        align_corners=False,
    )
    near, far = looked_up.split(depth * height, 2)
    near_part, far_part = (part.reshape(1, 1, -1, width) for _, part in slices)
    return (near * near_part + far * far_part).reshape(volume.shape)


FORMS: dict[str, Sample] = {"native": sample_volume, "gather": gather, "tiled": tiled}
"""native: ONNX Runtime, TensorRT from 11.2 on, TensorRT-RTX. gather: every TensorRT from 8.5 on. tiled: OpenVINO,
ONNX Runtime on the CPU."""
