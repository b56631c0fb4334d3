"""The crop, and the way back into the picture, against the reference's own numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from export.liveportrait.judge import Verdict, judge_module, within
from reenact.crop import sample, to_image
from reenact.liveportrait import framing, insightface
from reenact.liveportrait.window import window
from reenact.types import Array

PIXELS = 1e-3
"""Allowed in a matrix or box; the reference computes them in float32."""
LEVELS = 0.01
"""Grey levels of mean difference allowed in a picture."""
WHOLE = 5e-4
"""Relative L2 allowed in a whole picture: one level in 0.35 % of its values, which cutting off makes of rounding."""
MARKS = {
    106: (*insightface.EYES, *insightface.MOUTH),
    203: ((0, 6, 12, 18), (24, 30, 36, 42), 48, 66),
    101: ((39, 42, 45, 48), (51, 54, 57, 60), 75, 81),
    68: ((36, 39), (42, 45), 48, 54),
    5: ((0,), (1,), 3, 4),
}
"""Landmarks of a scheme -> which are the eyes and the mouth's corners."""
BORDER, RAMP = 40, 60
"""px: of the fixtures' mask, nothing shows up to the one, everything after the other; its sha256 is that of theirs."""

Arrays = Mapping[str, np.ndarray]


def cropping(folder: Path) -> Iterator[Verdict]:
    """Squares around faces, what is cut out of a picture, and what is pasted back into it."""
    fixtures = folder / "fixtures"
    table = dict(np.load(fixtures / "crop.npz"))
    digests = json.loads((fixtures / "crop_digests.json").read_text(encoding="utf-8"))
    maker = judge_module(fixtures, "detfill")
    image = maker.image(480, 640, "crop_image")
    yield from squares(table)
    yield from pictures(table, image)
    yield from pasted(table, digests, maker, image)


def squares(table: Arrays) -> Iterator[Verdict]:
    """The squares around faces."""
    for key, wanted in table.items():
        kind, _, rest = key.partition(".")
        count = int(rest.split(".")[0]) if kind in ("M_o2c_rot", "drv_bbox") else 0
        if count not in MARKS:
            continue
        outline = _outline(table[f"lmk.{rest}"].astype(np.float64), count)
        if kind == "M_o2c_rot":
            affine = to_image(framing.face_square(outline, *framing.AVATAR), 512, 512)
            back = np.linalg.inv(np.vstack([affine, [0, 0, 1]]))
            yield within("crop", "numpy", key, back[:2], wanted[:2], PIXELS)
        else:
            square = framing.face_square(outline, *framing.ACTOR)
            corners = square.center + square.size[0] / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
            yield within("crop", "numpy", key, corners, wanted, PIXELS)


def pictures(table: Arrays, image: np.ndarray) -> Iterator[Verdict]:
    """What is cut out of a picture, and the small picture that the networks get."""
    avatar = framing.face_square(_outline(table["lmk.106.0"].astype(np.float64), 106), *framing.AVATAR)
    actor = framing.face_square(_outline(table["lmk.203.2"].astype(np.float64), 203), *framing.ACTOR)
    upright = framing.Box(actor.center, float(actor.size[0])).region
    for name, region, how in (("src", avatar, cv2.INTER_AREA), ("drv", upright, cv2.INTER_LINEAR)):
        large = sample(image, region, 512, outside=cv2.BORDER_CONSTANT).image
        small = cv2.resize(large, (256, 256), interpolation=how)
        for key, got in ((f"{name}.crop_s8", large[::8, ::8]), (f"{name}.crop256_s4", small[::4, ::4])):
            yield _levels("crop", key, got, table[key])


def pasted(
    table: Arrays, digests: Mapping[str, Mapping[str, object]], maker: ModuleType, image: np.ndarray
) -> Iterator[Verdict]:
    """A picture of the fixtures' put back into another, through their mask: the mask, every 8th pixel, the whole."""
    away = np.minimum(np.arange(512), np.arange(511, -1, -1))
    mask = (255 * (np.minimum.outer(away, away) - BORDER) / RAMP).clip(0, 255).astype(np.uint8)
    place = window(image, table["src.M_c2o"][:2].astype(np.float64), mask)
    out, shows = image.copy(), np.zeros(image.shape, np.float32)
    left, top = place.still.to_frame[:, 2].astype(int)
    rows, columns = (slice(first, first + length) for first, length in zip((top, left), place.mask.shape, strict=False))
    out[rows, columns] = place(maker.image(512, 512, "generated"))
    shows[rows, columns] = place.mask
    yield _levels("paste-back", "paste.mask_s8", 255 * shows[::8, ::8, 0], 255 * table["paste.mask_s8"])
    yield _levels("paste-back", "paste.out_s8", out[::8, ::8], table["paste.out_s8"])
    for key, got in (("paste.mask", shows), ("paste.out", out)):
        agrees, error = maker.compare_digest(got, digests[key], key, WHOLE)
        yield Verdict("paste-back", "pixels", key, error, WHOLE, agrees)


def _levels(what: str, key: str, got: np.ndarray, wanted: np.ndarray) -> Verdict:
    error = float(np.abs(got.astype(np.float64) - wanted).mean())
    return Verdict(what, "pixels", key, error, LEVELS, error <= LEVELS)


def _outline(marks: Array, count: int) -> framing.Outline:
    left, right, *corners = MARKS[count]
    eyes = (marks[list(left)].mean(0) + marks[list(right)].mean(0)) / 2
    return framing.Outline(marks, eyes, marks[corners].mean(0))
