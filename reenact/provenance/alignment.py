"""Where the pattern lies in a picture that was cropped, scaled or mirrored: one correlation per scale. Pure.

A picture is judged at two px per chip and folded onto one period of the pattern, so that a place is a cyclic shift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from reenact.provenance.chips import SIDE, chips, grid_of
from reenact.types import Array

PER_CHIP = 2
"""px."""
PERIOD = PER_CHIP * SIDE
LENGTHS = range(88, 520, 2)
"""px of the shorter side that are tried: a third of a marked picture is enough, or it fills half of what is seen."""
FRAMED = 3
"""px: a size that is further from the whole picture's than this has been cropped or framed."""
Spectrum = npt.NDArray[np.complexfloating]


class Size(NamedTuple):
    """px of what is seen, at two per chip."""

    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pattern lies."""

    size: Size
    mirrored: bool
    shift: tuple[int, int]
    """(down, right) px of the folded picture, turned back if mirrored, where the pattern begins."""
    z: float
    """How far the synchronisation stands out there, in standard deviations over all shifts."""


def whole(residual: Array) -> list[Place]:
    """The two places in a picture that has all its parts: as it was made, or mirrored."""
    size = _whole_size(residual)
    return [_at(residual, size, mirrored, (0, 0)) for mirrored in (False, True)]


def search(residual: Array) -> Iterator[Place]:
    """The best place of every scale, one after the other; of a mirrored one `refine` finds the shift."""
    short = min(residual.shape)
    for length in LENGTHS:
        yield _glance(residual, Size(*(round(side * length / short) for side in residual.shape)))


def refine(residual: Array, found: Place) -> Place:
    """The exact size: height and width differ by a rounding."""
    found = locate(residual, found.size)
    for _ in range(4):
        around = [
            Size(found.size.height + down, found.size.width + right)
            for down, right in product((-1, 0, 1), repeat=2)
            if down or right
        ]
        better = max((locate(residual, size) for size in around), key=lambda place: place.z)
        if better.z <= found.z:
            break
        found = better
    return found


def locate(residual: Array, size: Size) -> Place:
    """The best of all shifts at one scale, mirrored or not."""
    place = _glance(residual, size)
    if not place.mirrored:
        return place
    return Place(size, True, *_peak(_correlation(_spectrum(_folded(residual, size, mirrored=True)), _templates()[0])))


def chips_at(residual: Array, place: Place) -> Array:
    """(128, 128) how bright each chip is if the pattern lies at `place`."""
    spectrum = _spectrum(_folded(residual, place.size, place.mirrored))
    seen = np.fft.irfft2(spectrum * np.conj(_tent()), (PERIOD, PERIOD))
    return np.asarray(np.roll(seen, (-place.shift[0], -place.shift[1]), (0, 1))[::PER_CHIP, ::PER_CHIP])


def is_whole(residual: Array, place: Place) -> bool:
    """Whether the picture was neither cropped nor framed since it was marked."""
    return max(abs(a - b) for a, b in zip(place.size, _whole_size(residual), strict=True)) <= FRAMED and all(
        min(shift, PERIOD - shift) <= FRAMED for shift in place.shift
    )


def _glance(residual: Array, size: Size) -> Place:
    """As `locate`; the shift of a mirrored place is that of the mirrored pattern."""
    spectrum = _spectrum(_folded(residual, size, mirrored=False))
    plain, mirrored = (_peak(_correlation(spectrum, template)) for template in _templates())
    return Place(size, False, *plain) if plain[1] >= mirrored[1] else Place(size, True, *mirrored)


def _whole_size(residual: Array) -> Size:
    return Size(*(PER_CHIP * side for side in grid_of(*residual.shape)))


def _at(residual: Array, size: Size, mirrored: bool, shift: tuple[int, int]) -> Place:
    surface = _correlation(_spectrum(_folded(residual, size, mirrored)), _templates()[0])
    return Place(size, mirrored, shift, float(surface[shift]) / _spread(surface))


def _spread(surface: Array) -> float:
    """The standard deviation; of a picture with nothing in it, a little above 0."""
    return max(float(surface.std()), 1e-12)


def _peak(surface: Array) -> tuple[tuple[int, int], float]:
    down, right = np.unravel_index(int(np.argmax(surface)), surface.shape)
    return (int(down), int(right)), float(surface[down, right]) / _spread(surface)


def _folded(residual: Array, size: Size, mirrored: bool) -> Array:
    """(256, 256) the picture at two px per chip, all periods of the pattern laid on each other."""
    how = cv2.INTER_AREA if size.height < residual.shape[0] else cv2.INTER_LINEAR
    scaled = cv2.resize(residual, (size.width, size.height), interpolation=how)
    turned = scaled[:, ::-1] if mirrored else scaled
    down, right = (-(-side // PERIOD) for side in size)
    padded = np.zeros((down * PERIOD, right * PERIOD), np.float32)
    padded[: size.height, : size.width] = turned
    return np.asarray(padded.reshape(down, PERIOD, right, PERIOD).sum((0, 2)))


def _spectrum(folded: Array) -> Spectrum:
    """(256, 129), whitened: what a picture has more of in one frequency than in another says nothing about the mark."""
    transformed = cv2.dft(folded, flags=cv2.DFT_COMPLEX_OUTPUT)
    spectrum = np.ascontiguousarray(transformed[:, : PERIOD // 2 + 1]).view(np.complex64)[:, :, 0]
    return np.asarray(spectrum / np.maximum(np.abs(spectrum), 1e-9))


def _correlation(spectrum: Spectrum, template: Spectrum) -> Array:
    return np.fft.irfft2(spectrum * np.conj(template), (PERIOD, PERIOD))


@cache
def _templates() -> tuple[Spectrum, Spectrum]:
    """The synchronisation chips as they are drawn, plain and mirrored."""
    impulses = np.zeros((PERIOD, PERIOD), np.float32)
    impulses[::PER_CHIP, ::PER_CHIP] = chips().sync
    plain = np.fft.rfft2(impulses) * _tent()
    return plain, np.fft.rfft2(np.fft.irfft2(plain, (PERIOD, PERIOD))[:, ::-1])


@cache
def _tent() -> Spectrum:
    """How one chip is drawn, at two px per chip: linear interpolation around a centre between two px."""
    line = np.zeros(PERIOD, np.float32)
    line[[-1, 0, 1, 2]] = 0.25, 0.75, 0.75, 0.25
    return np.fft.rfft2(np.outer(line, line))
