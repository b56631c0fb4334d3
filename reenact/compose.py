"""Puts what an engine drew back into the avatar's whole picture. Pure."""

from __future__ import annotations

import numpy as np

from reenact.types import Avatar, Image


def paste_back(image: Image, avatar: Avatar) -> Image:
    """The avatar's still frame with its crop replaced by `image`, which has the crop's size.

    The crop is upright and on whole pixels: `to_frame` is a shift. What lies outside it stays as it is.
    """
    left, top = np.rint(avatar.crop.to_frame[:, 2]).astype(int)
    height, width = image.shape[:2]
    frame = avatar.image.copy()
    frame[top : top + height, left : left + width] = image
    return frame
