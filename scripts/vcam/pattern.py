"""A picture that tells which one it is: 24 bits of a number on top, four colours, a grey ramp, a moving block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
BITS = 24
COLOURS = ((200, 40, 40), (40, 180, 60), (40, 60, 200), (210, 200, 40))
"""RGB, from left to right. page.html has them too."""
BLOCK = 32
"""px: the white block moves 7 px a picture."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture says."""

    number: int
    worst: float
    """Levels: the largest error of colours and ramp."""
    torn: bool
    """The block is where another number would have it: top and middle come from different pictures."""


def draw(number: int, width: int = 640, height: int = 360) -> Image:
    """(height, width, 3) RGB."""
    image = np.zeros((height, width, 3), np.uint8)
    band = height // 6
    for bit in range(BITS):
        image[:band, bit * width // BITS : (bit + 1) * width // BITS] = 235 if number >> bit & 1 else 16
    for place, colour in enumerate(COLOURS):
        image[band : height - band, place * width // 4 : (place + 1) * width // 4] = colour
    image[height - band :] = np.linspace(16, 235, width).astype(np.uint8)[None, :, None]
    x = _place(number, width)
    image[height // 2 - BLOCK // 2 : height // 2 + BLOCK // 2, x : x + BLOCK] = 255
    return image


def read(image: Image) -> Seen:
    """What `image` (H, W, 3) RGB says."""
    height, width = image.shape[:2]
    band, step = height / 6, width / BITS
    top = image[int(band * 0.3) : int(band * 0.7)].mean(axis=(0, 2))
    bits = [top[int((bit + 0.3) * step) : int((bit + 0.7) * step)].mean() > 125 for bit in range(BITS)]
    number = sum(1 << bit for bit, is_set in enumerate(bits) if is_set)
    worst = 0.0
    for place, colour in enumerate(COLOURS):
        field = image[int(band * 1.3) : int(band * 2), int((place + 0.2) * width / 4) : int((place + 0.8) * width / 4)]
        worst = max(worst, float(np.abs(field.reshape(-1, 3).mean(0) - colour).max()))
    ramp = image[int(height - band * 0.6) : int(height - band * 0.4)].mean(axis=(0, 2))
    worst = max(worst, float(np.abs(ramp - np.linspace(16, 235, width)).max()))
    middle = np.flatnonzero(image[height // 2 - 2 : height // 2 + 2].min(axis=(0, 2)) > 240)
    return Seen(number, worst, not middle.size or abs(int(middle[0]) - _place(number, width)) > 3)


def _place(number: int, width: int) -> int:
    return number * 7 % (width - BLOCK)
