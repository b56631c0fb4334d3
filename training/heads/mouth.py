"""The inside of one mouth: teeth, gums and a tongue that go with the jaw, in the light that the lips let in."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from reenact.faces.pose import similarity
from reenact.types import Array
from training.heads.acting import Moment
from training.heads.fit import Fit
from training.heads.mesh import Anatomy
from training.heads.piece import FLESH, Piece, vertices
from training.heads.shade import Colours, normals, seen_through, triangles
from training.heads.teeth import Row, grow

REDDER = np.array([-0.22, 0.05, 0.12])
"""What is darker in a mouth is redder: light comes there from flesh."""


class Mouth:
    """Of a head `neutral` (19158, 3) cm."""

    def __init__(self, anatomy: Anatomy, neutral: Array, fit: Fit, colours: Colours, rng: np.random.Generator) -> None:
        self._anatomy, self._neutral, self._fit, self._colours = anatomy, neutral, fit, colours
        seam = float(np.median((anatomy.skin.smooth[anatomy.mouth.ring] @ neutral)[:, 1]))
        self._rows = [
            grow(neutral[strip], jaw, seam, rng) for strip, jaw in zip(anatomy.teeth, ("upper", "lower"), strict=True)
        ]
        self._swell = rng.uniform(0.75, 1.0)

    def __call__(self, moment: Moment, ring: Array) -> list[Piece]:
        """The pieces behind lips whose rim is at (R, 3) px."""
        moved = self._jaw(moment.expression)
        teeth = [
            self._teeth(row, self._carried(row.points, strip, moved), ring)
            for row, strip in zip(self._rows, self._anatomy.teeth, strict=True)
        ]
        return [*teeth, self._tongue(moved, moment.tongue, ring)]

    def lit(self, ring: Array, points: Array, facing: Array) -> Array:
        """(V,) 0..1: less the deeper in the mouth."""
        seen = seen_through(ring[::5], points, facing)
        depth = np.maximum(points[:, 2] - ring[:, 2].mean(), 0) / self._fit.pose.scale
        return np.clip(2.6 * seen, 0, 1) ** 0.7 * np.exp(-depth / 3.5)

    def _under_lip(self, ring: Array, points: Array) -> Array:
        """(V,) 0..1: the shadow along the lips' edges, deeper under the upper one and in the corners."""
        upper = ring[ring[:, 1] < ring[:, 1].mean()]
        over, beside = (cKDTree(edge[:, :2]).query(points[:, :2])[0] / self._fit.pose.scale for edge in (upper, ring))
        corner = np.abs(points[:, 0] - ring[:, 0].mean()) / max(np.ptp(ring[:, 0]) / 2, 1e-6)
        lips = (1 - 0.55 * np.exp(-over / 0.30)) * (1 - 0.25 * np.exp(-beside / 0.2))
        return lips * (1 - 0.35 * np.clip(corner, 0, 1) ** 4)

    def _jaw(self, expression: dict[str, float]) -> Array:
        """(19158, 3) cm: the head with its jaw's bones moved; they go nearly as far down as the lip does."""
        jaw = {name: strength for name, strength in expression.items() if name.startswith("jaw")}
        moved = self._anatomy.moved(self._neutral, jaw)
        shift = moved - self._neutral
        lip = (self._anatomy.skin.smooth[self._anatomy.mouth.ring] @ shift)[:, 1].max()
        bone = shift[self._anatomy.teeth[1], 1].max()
        low = np.union1d(self._anatomy.teeth[1], self._anatomy.tongue.smooth.indices)
        moved[low, 1] += max(0.0, 0.85 * lip - bone)
        return moved

    def _carried(self, points: Array, strip: Array, moved: Array) -> Array:
        """Teeth go with their strip, as one bone."""
        pose = similarity(self._neutral[strip], moved[strip], np.full(len(strip), 1 / len(strip)))
        return points @ pose.rotation.T + pose.translation

    def _teeth(self, row: Row, points: Array, ring: Array) -> Piece:
        along, aside, gum = row.shade.T[..., None]
        root = np.clip(1 - along * 1.6, 0, 1)
        tooth = self._colours.teeth * (1 - root * [0.12, 0.22, 0.38]) * (1 - 0.55 * aside**8)
        colour = np.where(gum > 0.5, self._colours.gums, tooth)
        return self._flesh(points, row.quads, colour, ring, gloss=(0.16, 50.0))

    def _tongue(self, moved: Array, lift: float, ring: Array) -> Piece:
        tongue = self._anatomy.tongue
        points = tongue.smooth @ moved
        front, back = points[:, 2].min(), points[:, 2].max()
        tip = ((back - points[:, 2]) / (back - front))[:, None] ** 3  # 0 at the root, 1 at the tip
        low = points[:, 1].max()
        points[:, 1] = low - (low - points[:, 1]) * self._swell
        points += tip * [0, -1.1 * lift, 0] + [0, 0.1, 0.35]
        return self._flesh(points, tongue.quads, self._colours.tongue, ring, gloss=(0.10, 25.0))

    def _flesh(self, points: Array, quads: Array, colour: Array, ring: Array, *, gloss: tuple[float, float]) -> Piece:
        """points: (V, 3) cm."""
        corners, places = triangles(quads), self._fit.inner(points)
        facing = normals(places, corners)
        lit = self.lit(ring, places, facing) * self._under_lip(ring, places)
        albedo = np.ones((len(points), 4))
        albedo[:, :3] = colour * self._colours.light * np.maximum(lit, 0.02)[:, None] ** REDDER
        light = np.tile([1.0, *gloss, 1.0], (len(points), 1))
        light[:, 0] = lit
        return vertices(places, facing, FLESH, albedo=albedo, light=light), corners
