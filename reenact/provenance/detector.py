"""Finds the watermark in a picture or in the frames of a film, also when cropped, scaled, mirrored, encoded. Pure.

What frames have in common adds up: a mark that no single frame of a bad recording shows is plain after a few dozen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from reenact.provenance.alignment import LENGTHS, Place, chips_at, is_whole, refine, search, whole
from reenact.provenance.chips import chips, too_small
from reenact.provenance.payload import Bits, Payload, believe
from reenact.types import Array, Image

WORKING_SIDE = 384
"""px of the shorter side at most, when a picture is judged: three for a chip."""
SMOOTHING = 7, 10.0, 3.0
"""Diameter in px, grey levels, px: what a picture looks like without the mark, its edges kept, is taken from it."""
SURE_IN_PLACE = 5.0
"""z of a picture that is whole, above which it counts as marked."""
SURE_ANYWHERE = 8.0
"""z after the search over all scales and shifts."""
_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)
_NO_PROGRESS: Callable[[float], object] = lambda _: None  # noqa: E731


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found."""

    marked: bool
    z: float
    """How far the pattern stands out: chance alone stays below the threshold."""
    threshold: float
    payload: Payload | None
    """None: no mark, or its checksum is wrong."""
    whole: bool
    """Neither cropped nor framed since it was marked."""
    mirrored: bool
    tiny: bool
    """Too few px for the pattern: the bits of a mark need never have been readable."""
    bits: Bits
    """(64,) as read, right or wrong."""
    frames: int


class Detector:
    """Sums frames up, then judges."""

    def __init__(self) -> None:
        self._sum: Array | None = None
        self._frames = 0

    def add(self, image: Image) -> None:
        """Another frame; all have one size, or else they are brought to the first one's."""
        seen = residual(image)
        if self._sum is None:
            self._sum = seen
        else:
            if seen.shape != self._sum.shape:
                seen = np.asarray(cv2.resize(seen, self._sum.shape[::-1], interpolation=cv2.INTER_LINEAR))
            self._sum += seen
        self._frames += 1

    def find(self, progress: Callable[[float], object] = _NO_PROGRESS, *, everywhere: bool = True) -> Finding:
        """Judge what was added. progress: hears 0..1. everywhere: False: look for whole pictures only, which is quick.

        Raises:
            ValueError: nothing was added.
        """
        if self._sum is None:
            raise ValueError("no frame was added")
        found = max(whole(self._sum), key=lambda place: place.z)
        if found.z >= SURE_IN_PLACE or not everywhere:
            progress(1)
            return self._judge(found, SURE_IN_PLACE)
        for done, place in enumerate(search(self._sum)):
            found = max(found, place, key=lambda place: place.z)
            progress(done / len(LENGTHS))
        return self._judge(refine(self._sum, found), SURE_ANYWHERE)

    def _judge(self, place: Place, threshold: float) -> Finding:
        assert self._sum is not None
        soft = chips().softness(chips_at(self._sum, place))
        marked = place.z >= threshold
        return Finding(
            marked=marked,
            z=place.z,
            threshold=threshold,
            payload=believe(soft) if marked else None,
            whole=is_whole(self._sum, place),
            mirrored=place.mirrored,
            tiny=too_small(*self._sum.shape),
            bits=soft > 0,
            frames=self._frames,
        )


def residual(image: Image) -> Array:
    """(h, w) fine brightness of (H, W, 3), each place measured by what goes on around it; -3..3."""
    luma = cv2.transform(image, _LUMA)
    scale = WORKING_SIDE / min(luma.shape[:2])
    if scale < 1:
        size = round(luma.shape[1] * scale), round(luma.shape[0] * scale)
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    plane = luma.astype(np.float32)
    fine = plane - cv2.bilateralFilter(plane, *SMOOTHING)
    around = cv2.blur(np.abs(fine), (9, 9)) + 1
    return np.asarray(np.clip(fine / around, -3, 3))
