"""How wide and how deep the networks are: the official family, and a tiny one of the same make for tests."""

from __future__ import annotations

from dataclasses import dataclass

KEYPOINTS = 21


@dataclass(frozen=True, slots=True)
class Widths:
    """Every size that the networks of one family share."""

    image: int
    """px: side of the square picture that goes in; the generator puts out twice as much."""
    stem: tuple[int, int, int]
    """Channels of the appearance extractor before the volume."""
    volume: tuple[int, int]
    """Channels and depth of the feature volume."""
    resblocks: int
    """Of the volume."""
    dims: tuple[int, int, int, int]
    """Channels of the motion extractor's stages."""
    depths: tuple[int, int, int, int]
    """Blocks of each stage."""
    hourglass: int
    """Times that the hourglass halves."""
    expansion: int
    """Channels at the hourglass's mouth; they double with every halving, up to `widest`."""
    widest: int
    compressed: int
    """Channels of the volume that is moved by every keypoint on its own."""
    kernel: int
    """Of the convolutions that give mask and occlusion."""
    feature: int
    """Channels between warping and generator."""
    middle: int
    """SPADE blocks at the feature's size."""
    up: tuple[int, int]
    """Channels after each doubling; the middle has twice the first."""
    hidden: int
    """Channels inside a SPADE norm."""
    stitching: tuple[int, ...]
    lips: tuple[int, ...]
    eyes: tuple[int, ...]
    """Layers of the small networks, from input to output."""

    @property
    def side(self) -> int:
        """Cells: side of the feature volume."""
        return self.image // 4


OFFICIAL = Widths(
    image=256,
    stem=(64, 128, 256),
    volume=(32, 16),
    resblocks=6,
    dims=(96, 192, 384, 768),
    depths=(3, 3, 9, 3),
    hourglass=5,
    expansion=32,
    widest=1024,
    compressed=4,
    kernel=7,
    feature=256,
    middle=6,
    up=(256, 64),
    hidden=128,
    stitching=(126, 128, 128, 64, 65),
    lips=(65, 128, 128, 64, 63),
    eyes=(66, 256, 256, 128, 128, 64, 63),
)
TINY = Widths(
    image=64,
    stem=(8, 16, 16),
    volume=(8, 4),
    resblocks=1,
    dims=(8, 16, 16, 24),
    depths=(1, 1, 2, 1),
    hourglass=3,
    expansion=4,
    widest=16,
    compressed=1,
    kernel=3,
    feature=16,
    middle=2,
    up=(16, 8),
    hidden=8,
    stitching=(126, 32, 65),
    lips=(65, 32, 63),
    eyes=(66, 32, 63),
)
