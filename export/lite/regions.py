"""One kind of region of the face: sampled from the avatar's picture, painted, blended back into the frame."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from export.lite.generator import Generator
from export.lite.warp import sample, shaded

FEATHER = 0.25
"""A painting fades over this part of half the region's side, towards its edge."""


class Region(nn.Module):
    """B regions of R x R px at once: one mouth, or two eyes."""

    def __init__(self, generator: Generator, side: int) -> None:
        super().__init__()
        self.generator = generator
        self.side = side
        self.register_buffer("ticks", (2 * torch.arange(side) + 1) / side - 1, persistent=False)

    @property
    def feather(self) -> Tensor:
        """(R, R) 1 inside, 0 at the edge."""
        far = self.ticks.abs()
        return ((1 - torch.maximum(far[None], far[:, None])) / FEATHER).clamp(0, 1)

    def forward(
        self,
        picture: Tensor,
        planes: Tensor,
        opening: Tensor,
        tint: Tensor,
        place: Tensor,
        marks: Tensor,
        strength: Tensor,
    ) -> Tensor:
        """(B, 3, R, R): by how many grey levels the painting changes what the warp shows.

        A change is blended in, not the painting itself: detail finer than a region's px stays as it is.
        """
        colours, mask = self.seen(picture, planes, opening, tint, place)
        painted = self.generator(torch.cat([colours / 255, marks], 1))
        counts = torch.sigmoid(painted[:, 3:]) * self.feather * mask * strength
        return (painted[:, :3] * 255 - colours) * counts

    def seen(
        self, picture: Tensor, planes: Tensor, opening: Tensor, tint: Tensor, place: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What the warp alone shows in the regions: colours (B, 3, R, R) 0..255 and the person mask (B, 1, R, R).

        place: (B, 2, 3) the region's -1..1 -> the stage's. The picture itself is sampled, once.
        """
        count = place.shape[0]
        across, down, middle = place[..., None].unbind(2)
        where = (across * self.ticks + middle)[:, :, None] + (down * self.ticks)[..., None]
        stacked = where.permute(1, 0, 2, 3).reshape(1, 2, count * self.side, self.side)
        carried = functional.grid_sample(
            torch.cat([planes, opening], 1),
            stacked.permute(0, 2, 3, 1),
            mode="bilinear",
            padding_mode="border",
            align_corners=False,
        )
        person, mask = shaded(sample(picture, carried[:, :2]), carried[:, 2:], tint)
        return self._apart(person, count), self._apart(mask, count)

    def _apart(self, stacked: Tensor, count: int) -> Tensor:
        """(1, C, B * R, R) -> (B, C, R, R)"""
        channels = stacked.shape[1]
        return stacked.reshape(channels, count, self.side, self.side).permute(1, 0, 2, 3)


def blend(image: Tensor, painted: Tensor, down: Tensor, across: Tensor, corner: Tensor) -> Tensor:
    """The image (H, W, 3) with the change (1, 3, R, R) of one painted region in it.

    down, across: (P, 2), (Q, 2) of a window's rows and columns: added up they say where in the region each px lies,
    -1..1. corner: (2,) the window's first row, column.
    """
    grid = (down[:, None] + across)[None]
    layer = functional.grid_sample(painted, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    layer = layer[0].permute(1, 2, 0)
    rows = corner[0] + torch.arange(down.shape[0])
    columns = corner[1] + torch.arange(across.shape[0])
    window = image.index_select(0, rows).index_select(1, columns)
    return image.index_put((rows[:, None], columns[None]), window + layer)
