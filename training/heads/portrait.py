"""A portrait as a head's skin: what to take it from, what must go from it, and the picture behind the moving head."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from reenact.faces.finder import Finder
from reenact.faces.mesh import (
    CHEEKS,
    EARS,
    LEFT_CORNERS,
    LEFT_FOLDS,
    LEFT_LID_LOWER,
    LEFT_LID_UPPER,
    LIP_LOWER,
    LIP_UPPER,
    LIPS_INNER,
    LIPS_OUTER,
    OVAL,
    RIGHT_CORNERS,
    RIGHT_FOLDS,
    RIGHT_LID_LOWER,
    RIGHT_LID_UPPER,
)
from reenact.types import Array, Image

SIZE = 512
REACH = 1.9
"""Side of the square that is cut out, in heights of the face."""
SMALLEST = 80.0
"""px between the outer corners of the eyes in the file."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A face that fills a square, with its mouth shut and its eyes open."""

    image: Image
    landmarks: Array
    """(478, 3) px"""
    blur: float
    """px: the picture is no sharper than this Gaussian."""


def taken(picture: Image, finder: Finder) -> Portrait | None:
    """The picture's one face cut out, or None where it is no use: small, turned, with open mouth or shut eyes."""
    faces = finder(picture, thorough=False)
    if len(faces) != 1:
        return None
    landmarks = finder.settle(picture, faces[0]).landmarks
    if outer_eyes(landmarks) < SMALLEST:
        return None
    side = REACH * np.ptp(landmarks[OVAL, 1])
    middle = landmarks[OVAL, :2].mean(0) - [0, 0.05 * side]
    cut = np.array([[SIZE / side, 0, 0], [0, SIZE / side, 0]])
    cut[:, 2] = SIZE / 2 - cut[:, :2] @ middle
    flags = cv2.INTER_AREA if side > SIZE else cv2.INTER_CUBIC
    image = cv2.warpAffine(picture, cut, (SIZE, SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    again = finder(image, thorough=False)
    if len(again) != 1 or not coloured(image):
        return None
    portrait = Portrait(image, finder.settle(image, again[0]).landmarks, 0.35 + 0.4 * max(0.0, SIZE / side - 1))
    return portrait if _useful(portrait.landmarks) and _fleshy(portrait) else None


def coloured(image: Image) -> bool:
    """Not grey, not sepia, not an engraving: its hues are not a matter of its brightness."""
    light, *hues = np.moveaxis(
        cv2.cvtColor(cv2.resize(image, (96, 96), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
        .reshape(-1, 3)
        .astype(float),
        1,
        0,
    )
    left = [hue - np.polyval(np.polyfit(light, hue, 2), light) for hue in hues]
    return bool(np.std(left) > 5.0)


def _fleshy(portrait: Portrait) -> bool:
    """Lit by daylight or lamps, not by a printer's dots."""
    red, green, blue = skin_colour(portrait)
    return bool(red > 1.15 * green and green > 1.02 * blue)


def outer_eyes(landmarks: Array) -> float:
    return float(np.linalg.norm(landmarks[33, :2] - landmarks[263, :2]))


def _useful(landmarks: Array) -> bool:
    unit = outer_eyes(landmarks)
    mouth = np.linalg.norm((landmarks[LIP_UPPER] - landmarks[LIP_LOWER])[:, :2], axis=1).max() / unit
    eyes = (
        min(np.linalg.norm(landmarks[upper, :2] - landmarks[lower, :2]) for upper, lower in ((159, 145), (386, 374)))
        / unit
    )
    left, right = landmarks[EARS, 0]
    nose = (landmarks[1, 0] - left) / (right - left)
    return bool(mouth < 0.022 and eyes > 0.06 and abs(nose - 0.5) < 0.12)


def cleaned(portrait: Portrait) -> Image:
    """The skin alone: eyes, lashes and the line between the lips painted over with what is around them."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    unit = outer_eyes(portrait.landmarks)
    for upper, lower, corners, folds in (
        (LEFT_LID_UPPER, LEFT_LID_LOWER, LEFT_CORNERS, LEFT_FOLDS),
        (RIGHT_LID_UPPER, RIGHT_LID_LOWER, RIGHT_CORNERS, RIGHT_FOLDS),
    ):
        points = portrait.landmarks[:, :2]
        lid = 0.35 * points[upper] + 0.65 * points[folds[:7]]
        outline = np.concatenate([lid, points[np.concatenate([lower, corners])]])
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(outline).astype(np.int32)), 255)
    grow = max(1, round(0.03 * unit))
    mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1)))
    image = cv2.inpaint(portrait.image, mask, 3, cv2.INPAINT_TELEA)
    lids = _lid_skin(portrait, cv2.GaussianBlur(image, (0, 0), 0.05 * unit))
    blend = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.02 * unit)[..., None]
    image = (blend * lids + (1 - blend) * image).astype(np.uint8)
    line = np.zeros_like(mask)
    shut = (portrait.landmarks[LIP_UPPER] + portrait.landmarks[LIP_LOWER])[:, :2] / 2
    ends = portrait.landmarks[[78, 308], :2]
    cv2.polylines(
        line,
        [np.rint(np.concatenate([ends[:1], shut, ends[1:]])).astype(np.int32)],
        False,
        255,
        max(2, round(0.03 * unit)),
    )
    return cv2.inpaint(image, line, 3, cv2.INPAINT_TELEA)


def _lid_skin(portrait: Portrait, around: Image) -> Array:
    """(H, W, 3) 0..255: what lids look like when they are shut: half what is around, half the skin under the eyes."""
    lids = around.astype(np.float32)
    grain = np.random.default_rng(0).normal(0, 2.5, (SIZE, SIZE, 1))
    for half, folds in ((slice(None, SIZE // 2), LEFT_FOLDS[8:13]), (slice(SIZE // 2, None), RIGHT_FOLDS[8:13])):
        x, y = np.rint(portrait.landmarks[folds, :2]).astype(int).clip(0, SIZE - 1).T
        lids[:, half] = 0.25 * lids[:, half] + 0.75 * 0.97 * np.median(around[y, x], 0)
    return lids + grain


def lip_colour(portrait: Portrait) -> Array:
    """(3,) linear RGB, the median between the rings of the lips."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(mask, [np.rint(portrait.landmarks[LIPS_OUTER, :2]).astype(np.int32)], 255)
    cv2.fillPoly(mask, [np.rint(portrait.landmarks[LIPS_INNER, :2]).astype(np.int32)], 0)
    mask = cv2.erode(mask, np.ones((3, 3), np.uint8))
    chosen = (
        portrait.image[mask > 0]
        if mask.any()
        else portrait.image[portrait.landmarks[[0, 17], 1].astype(int), portrait.landmarks[[0, 17], 0].astype(int)]
    )
    return (np.median(chosen, 0) / 255) ** 2.2


def skin_colour(portrait: Portrait) -> Array:
    """(3,) linear RGB, the median of the cheeks."""
    x, y = np.rint(portrait.landmarks[CHEEKS, :2]).astype(int).clip(0, SIZE - 1).T
    return np.median((portrait.image[y, x] / 255) ** 2.2, 0)


def eye_white(portrait: Portrait) -> Array:
    """(3,) linear RGB: the brighter parts of what the lids leave open, without the glints."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    for upper, lower in ((LEFT_LID_UPPER, LEFT_LID_LOWER), (RIGHT_LID_UPPER, RIGHT_LID_LOWER)):
        outline = portrait.landmarks[np.concatenate([upper, lower[::-1]]), :2]
        cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255)
    chosen = portrait.image[mask > 0] / 255.0
    bright = chosen[chosen.sum(1) > np.percentile(chosen.sum(1), 70)]
    light = (np.median(bright, 0) ** 2.2).mean()
    skin = skin_colour(portrait)
    return light * (skin / skin.mean()) ** 0.3


def coverage(portrait: Portrait, skin: Array) -> Array:
    """(V,) 1 within the face, falling to 0 at its outline: where the head hides the picture behind it."""
    outline = np.rint(portrait.landmarks[OVAL, :2]).astype(np.int32)
    unit = outer_eyes(portrait.landmarks)
    inside = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(inside, [outline], 255)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    x, y = np.rint(skin[:, :2]).astype(int).clip(0, SIZE - 1).T
    return np.where(
        skin[:, 2] < np.percentile(portrait.landmarks[OVAL, 2], 90) + 0.3 * unit,
        np.clip(distance[y, x] / (0.09 * unit), 0, 1),
        0.0,
    )


def behind(image: Image, was: Array, now: Array) -> Image:
    """`image` bent so that the outline of the face goes along: points (N, 2) px were, and are now."""
    edge = np.array(
        [(x, y) for x in np.linspace(0, SIZE, 7) for y in (-40.0, SIZE + 40.0)]
        + [(x, y) for y in np.linspace(0, SIZE, 7) for x in (-40.0, SIZE + 40.0)]
    )
    at = np.concatenate([now, edge])
    shift = np.concatenate([was - now, np.zeros_like(edge)])
    bend = RBFInterpolator(at, shift, kernel="linear", smoothing=2.0)
    grid = np.linspace(0, SIZE - 1, 33)
    coarse = bend(np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2)).reshape(33, 33, 2).astype(np.float32)
    ys, xs = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    place = np.stack([xs, ys], -1) * (32 / (SIZE - 1))
    field = cv2.remap(coarse, place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return cv2.remap(image, field + np.stack([xs, ys], -1), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
