"""The values that everybody in this house speaks of. No behaviour beyond checking themselves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""(H, W, 3) RGB, 0..255, C-contiguous: the only form of a picture inside the package."""

Array = npt.NDArray[np.floating]
"""Floats of a stated shape and unit."""

LANDMARKS = 478
"""Points of the face mesh: 468 on the skin, then five on each iris."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a stream."""

    image: Image
    index: int
    """Counts the source's frames from 0; gaps are frames that were dropped."""
    captured_at: float
    """Seconds on `time.monotonic`'s clock for a device; seconds of the film for a file."""
    timestamp: Fraction | None = None
    """Exact presentation time in seconds, where the source is a file; None for a device."""

    def with_image(self, image: Image) -> Frame:
        """The same moment, showing another picture."""
        return Frame(image, self.index, self.captured_at, self.timestamp)


@dataclass(frozen=True, slots=True)
class Face:
    """A face as it was seen in one image."""

    landmarks: Array
    """(478, 3) px of that image; x right, y down, z in px too, negative towards the camera."""
    box: Array
    """(4,) x0, y0, x1, y1: the landmarks' bounding box, px of that image."""
    score: float
    """0..1: how sure the landmark network is that it looked at a face."""


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a frame that an engine draws."""

    image: Image
    to_frame: Array
    """(2, 3) affine: crop px -> frame px (pixel centres at whole numbers)."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a face is and what it does. Posed points: scale * shape @ rotation.T + translation."""

    keypoints: Array
    """(K, 3) canonical keypoints, canonical units (for `lite`: cm, x right, y down, z away from the camera)."""
    expression: Array
    """(K, 3) offset of each keypoint, canonical units."""
    rotation: Array
    """(3, 3) canonical -> image axes."""
    translation: Array
    """(3,) px of the image."""
    scale: float
    """px per canonical unit."""
    glimpse: Array | None = None
    """(P, F) 0..1, 0 where not known; the engine's own: what a face shows that keypoints do not tell, e.g. teeth."""

    @property
    def shape(self) -> Array:
        """(K, 3) canonical units: the face that wears its expression, before it is posed."""
        return self.keypoints + self.expression


@dataclass(frozen=True, slots=True)
class Seen(Frame):
    """A frame in which the actor has been looked for."""

    actor: Motion | None = None
    """None: no face."""


@dataclass(frozen=True, slots=True)
class Avatar:
    """A picture made ready once; everything that `animate` needs and that no frame changes."""

    image: Image
    """The still output frame: what is shown when nothing moves."""
    crop: Crop
    """The part of `image` that moves."""
    face: Face
    """px of `image`."""
    motion: Motion
    """The pose and expression that the picture shows; px of `image`."""
    appearance: object
    """The engine's own; may live on its device."""
