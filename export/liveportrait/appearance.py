"""The appearance extractor: what the generator remembers of the avatar's looks, once per avatar."""

from __future__ import annotations

from torch import Tensor, nn

from export.liveportrait.layers import ConvNorm, ResBlock3d
from export.liveportrait.widths import Widths


class Appearance(nn.Module):
    """(1, 3, S, S) RGB 0..1 -> (1, C, D, S/4, S/4), the feature volume."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        near, mid, far = widths.stem
        channels, depth = widths.volume
        self.first = ConvNorm(nn.Conv2d(3, near, 3, padding=1))
        self.down_blocks = nn.ModuleList(
            ConvNorm(nn.Conv2d(inputs, outputs, 3, padding=1), halve=True)
            for inputs, outputs in ((near, mid), (mid, far))
        )
        self.second = nn.Conv2d(far, channels * depth, 1)
        self.resblocks_3d = nn.Sequential()
        for index in range(widths.resblocks):
            self.resblocks_3d.add_module(f"3dr{index}", ResBlock3d(channels))
        self.shape = (1, channels, depth, widths.side, widths.side)

    def forward(self, image: Tensor) -> Tensor:
        x = self.first(image)
        for block in self.down_blocks:
            x = block(x)
        return self.resblocks_3d(self.second(x).reshape(self.shape))
