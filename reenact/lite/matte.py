"""What stands behind the head: who is person and who is background, and what the background looks like without them.

Done once per avatar.
"""

from __future__ import annotations

import cv2
import numpy as np

from reenact.faces import mesh
from reenact.network import Network, planar
from reenact.types import Array, Image

SIZE = 256
TRUST = 0.85
"""The mask must cover this part of the face to be believed; statues and drawings may fool the network."""
EDGE = 0.3
"""Where the mask is lower than this, the background still shows some of the picture's own pixels."""
SURE = (0.15, 0.75)
"""Network outputs below and above are background and person for certain."""


def person_mask(network: Network, image: Image, head: float) -> Array:
    """(H, W) float32: 1 person, 0 background, with an edge as soft as hair; head: px, the longer side of the face."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    raw = network(image=planar(np.asarray(small, np.uint8), 1 / 255, 0))["mask"][0, 0]
    rough = cv2.resize(raw, (width, height), interpolation=cv2.INTER_CUBIC)
    gray = image.mean(2, dtype=np.float32) / 255
    fine = _guided(gray, rough, radius=max(int(head / 24), 2), tolerance=1e-3)
    mask = np.clip((fine - SURE[0]) / (SURE[1] - SURE[0]), 0, 1)
    return _widen(mask.astype(np.float32), head)


def face_area(landmarks: Array, width: int, height: int) -> Array:
    """(H, W) float32: 1 inside the face that the landmarks (478, 3) px show, 0 outside."""
    area = np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(area, cv2.convexHull(landmarks[mesh.OVAL, :2].astype(np.int32)), 1.0)
    return area


def trusted(mask: Array, face: Array) -> bool:
    """Whether a person mask (H, W) holds the face area (H, W)."""
    return bool(face.any()) and float(mask[face > 0].mean()) > TRUST


def fill_background(image: Image, mask: Array, head: float) -> Image:
    """The picture with the person painted over by what surrounds them, smoothly; untouched where the mask is 0.

    Colours are taken from a little farther out than the mask's edge, where no hair is left in them. Where all is
    person there are none, and the picture stays as it is.
    """
    if mask.min() > 0:
        return image
    reach = 2 * int(head * 0.02) + 1
    near = cv2.dilate((mask > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    filled = _pull_push(image.astype(np.float32), 1 - near.astype(np.float32))
    hidden = np.clip(mask / EDGE, 0, 1)[..., None]
    return np.asarray(np.rint(image + (filled - image) * hidden), np.uint8)


def _pull_push(image: Array, known: Array) -> Array:
    """Fill unknown pixels from ever coarser averages of the known ones. Source: Gortler et al., The Lumigraph, 1996."""
    if min(known.shape) <= 2 or known.min() > 0:
        mean = (image * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-6)
        return np.asarray(image * known[..., None] + mean * (1 - known[..., None]), np.float32)
    height, width = known.shape
    half = ((width + 1) // 2, (height + 1) // 2)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    colour = (
        cv2.resize(image * known[..., None], half, interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-6)[..., None]
    )
    coarse = _pull_push(colour, np.minimum(weight * 4, 1))
    fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(image * known[..., None] + fine * (1 - known[..., None]), np.float32)


def _guided(guide: Array, mask: Array, radius: int, tolerance: float) -> Array:
    """Guided filter: the mask follows the guide's edges. Source: He et al., Guided Image Filtering, ECCV 2010."""
    side = (2 * radius + 1, 2 * radius + 1)
    mean_g, mean_m = cv2.blur(guide, side), cv2.blur(mask, side)
    slope = (cv2.blur(guide * mask, side) - mean_g * mean_m) / (cv2.blur(guide * guide, side) - mean_g**2 + tolerance)
    return np.asarray(cv2.blur(slope, side) * guide + cv2.blur(mean_m - slope * mean_g, side))


def _widen(mask: Array, head: float) -> Array:
    """A little wider than the person, and soft there: a thin band of real background goes with the head."""
    reach = 2 * max(int(head * 0.012), 1) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    wide = cv2.GaussianBlur(cv2.dilate(mask, kernel), (reach, reach), 0)
    return np.asarray(np.maximum(wide, mask), np.float32)
