"""RGB to what cameras speak: YUV by BT.601, limited range. Pictures in, bytes out."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from reenact.types import Image

I420 = b"YU12"
"""Planes Y, U, V; U and V with half the width and height: 1.5 bytes per px."""
YUYV = b"YUYV"
"""Y U Y V for each two pixels: 2 bytes per px."""
CONVERSIONS = {I420: cv2.COLOR_RGB2YUV_I420, YUYV: cv2.COLOR_RGB2YUV_YUY2}
"""What can be written, best first: V4L2's name -> cv2's conversion."""


def even(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) px, each grown to an even number: chroma has half of it."""
    return size[0] + size[0] % 2, size[1] + size[1] % 2


def pad_even(image: Image) -> Image:
    """`image` (H, W, 3), its last row and column repeated where a side is odd."""
    height, width = image.shape[:2]
    if (height | width) % 2 == 0:
        return image
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def to_yuv(image: Image, fourcc: bytes) -> npt.NDArray[np.uint8]:
    """The bytes of `image` (H, W, 3), sides even, in one of `CONVERSIONS`; C-contiguous."""
    return np.ascontiguousarray(cv2.cvtColor(image, CONVERSIONS[fourcc]), np.uint8)
