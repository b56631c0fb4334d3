"""Makes a source out of a still: the same face with its mouth closed, its eyes narrowed, its gaze elsewhere.

The still is then the truth, and nothing of what its mouth shows is left in the source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from reenact.compose import paste_back
from reenact.faces import mesh
from reenact.lite import LiteEngine
from reenact.lite.control import PAIRS, SLIT
from reenact.lite.features import EYES, TOUCH, mouth_gap, span, with_gap
from reenact.motion import posed
from reenact.types import Array, Avatar, Face, Image, Motion
from training.sources import Seen

SEAM = 0.03
"""Of the mouth's width: by so much more than the slit that shut lips leave is painted over with their own texture."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a face; all 1 and 0: nothing."""

    mouth: float
    """The gap between the lips becomes so many parts of itself."""
    eyes: float
    """That between the lids."""
    look: Array
    """(2,) by which the irises go, in parts of the eye's width."""


def any_change(rng: np.random.Generator) -> Change:
    """Mostly a shut mouth; every second time eyes that look elsewhere, every third narrowed ones."""
    mouth = 0.0 if rng.random() < 0.75 else float(rng.uniform(0.1, 0.8))
    eyes = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.25, 0.9))
    angle, far = rng.uniform(0, 2 * np.pi), 0.0 if rng.random() < 0.5 else rng.uniform(0.05, 0.22)
    return Change(mouth, eyes, far * np.array([np.cos(angle), 0.5 * np.sin(angle)]))


def altered(engine: LiteEngine, avatar: Avatar, change: Change) -> Seen:
    """The avatar's picture with that change, drawn by the engine; and its face, which need not be looked for."""
    motion = changed(avatar.motion, change)
    image = paste_back(engine.animate(avatar, motion), avatar)
    face = replace(avatar.face, landmarks=posed(motion))
    gap = mouth_gap(avatar.motion.shape)
    if change.mouth == 0 and gap > TOUCH:
        image = sealed(image, face, SEAM + SLIT * gap)
    return Seen(image, face, engine.motion(image, face))


def changed(motion: Motion, change: Change) -> Motion:
    """The motion with lips, lids and irises elsewhere."""
    shape = motion.shape
    for (upper, lower), part in zip(PAIRS, (change.eyes, change.eyes, change.mouth), strict=True):
        gap = np.maximum(shape[lower, 1] - shape[upper, 1], 0) * part
        shape[upper], shape[lower] = with_gap(shape, upper, lower, gap)
    for eye in EYES:
        shape[eye.iris, :2] += change.look * span(shape, eye.corners)
    return replace(motion, expression=shape - motion.keypoints, glimpse=None)


def sealed(image: Image, face: Face, breadth: float) -> Image:
    """The picture with the seam of shut lips painted over from both sides. breadth: in parts of the mouth's width."""
    seam = np.zeros(image.shape[:2], np.uint8)
    inner = face.landmarks[mesh.LIPS_INNER, :2].astype(np.int32)
    broad = max(round(breadth * float(np.ptp(inner[:, 0]))), 1)
    cv2.polylines(seam, [inner[:11]], False, 255, broad)
    cv2.fillPoly(seam, [inner], 255)
    return np.asarray(cv2.inpaint(image, seam, broad, cv2.INPAINT_TELEA), np.uint8)
