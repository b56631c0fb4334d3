"""One head that wears a portrait: its parts, and all that is drawn of it at a moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from reenact.types import Array
from training.heads.acting import Moment
from training.heads.eye import Eye
from training.heads.fit import Fit
from training.heads.mesh import Anatomy
from training.heads.mouth import Mouth
from training.heads.piece import PLACE, SKIN, Piece, joined, turned, vertices
from training.heads.shade import Colours, normals, triangles

INNER_LIP = 1.2
"""cm of the way inwards on which a lip's edge takes its back along."""
LASH_LINE = 0.2
"""cm of the upper lid that are dark."""


class Head:
    """`neutral`: (19158, 3) cm; `irises`: (2, 2) px of the portrait, and their radius `iris` px.

    `coverage`: skin (V, 3) px -> (V,) how much it hides what is behind it.
    """

    def __init__(
        self,
        anatomy: Anatomy,
        neutral: Array,
        fit: Fit,
        colours: Colours,
        *,
        irises: Array,
        iris: float,
        coverage: Callable[[Array], Array],
        rng: np.random.Generator,
    ) -> None:
        self._anatomy, self._neutral, self._fit, self._colours = anatomy, neutral, fit, colours
        self.skin = fit.skin(anatomy.skin.smooth @ neutral)
        hidden = np.concatenate([socket.inside for socket in anatomy.sockets])
        corners = triangles(anatomy.skin.quads)
        self._corners = corners[~np.isin(corners, hidden).any(1)]
        self.facing = normals(self.skin, self._corners)
        self._coverage = coverage(self.skin)
        self._mouth = Mouth(anatomy, neutral, fit, colours, rng)
        radii = [_radius(neutral[ball], fit) for ball in anatomy.eyes]
        self._eyes = [
            Eye(socket, self.skin, radius=radius, iris=place, unit=fit.pose.scale, rng=rng)
            for socket, radius, place in zip(anatomy.sockets, radii, irises, strict=True)
        ]
        self.iris_angle = float(np.arcsin(np.clip(iris / np.mean(radii), 0.2, 0.6)))
        self._rim, self._depth = self._inwards()
        self._paint = self._painted()

    def __call__(self, moment: Moment) -> tuple[Array, Array, Array]:
        """Vertices (V, 23) and triangles (T, 3) for the painter, and where the skin is, (S, 3) px."""
        skin = self._moved(moment.expression)
        ring = skin[self._anatomy.mouth.ring]
        balls = [eye.ball(moment.gaze, skin) for eye in self._eyes]
        lashes = [eye.lashes(skin, self._colours.lashes) for eye in self._eyes]
        rows, order = joined([self._drawn(skin), *self._mouth(moment, ring), *balls, *lashes])
        rows = turned(rows, moment.turn, self.skin.mean(0))
        return rows, order, rows[: len(skin), PLACE]

    def _moved(self, expression: dict[str, float]) -> Array:
        """(S, 3) px: the skin, before the head turns."""
        change = self._anatomy.moved(self._neutral, expression) - self._neutral
        shift = self._anatomy.skin.smooth @ change
        inside = self._anatomy.mouth.inside
        own = np.clip(self._depth / INNER_LIP, 0, 1)[:, None]
        shift[inside] = own * shift[inside] + (1 - own) * shift[self._rim]  # the back of a lip goes where its edge goes
        skin = self.skin + self._fit.turned(shift)
        for eye in self._eyes:
            skin = eye.closed_over(skin)
        return skin

    def _drawn(self, skin: Array) -> Piece:
        facing, inside = normals(skin, self._corners), self._anatomy.mouth.inside
        ring = skin[self._anatomy.mouth.ring]
        albedo = self._paint.copy()
        albedo[inside, :3] *= self._colours.light
        light = np.tile([1.0, 0.0, 20.0, 1.0], (len(skin), 1))
        light[:, 3] = self._coverage
        near = np.exp(-cKDTree(ring).query(skin[inside])[0] / (0.3 * self._fit.pose.scale))
        light[inside, 0] = np.maximum(self._mouth.lit(ring, skin[inside], facing[inside]), 0.75 * near)
        light[inside, 1:] = [0.02, 30.0, 1.0]
        rows = vertices(skin, facing, SKIN, rest=self.facing, at=self.skin[:, :2], albedo=albedo, light=light)
        return rows, self._corners

    def _inwards(self) -> tuple[Array, Array]:
        """For each vertex inside the mouth, the one of the lips' rim that it hangs on, and the way there, cm."""
        mouth, skin = self._anatomy.mouth, self._anatomy.skin.smooth @ self._neutral
        sides = self._corners[np.isin(self._corners, mouth.inside).any(1)]
        pairs = np.unique(np.sort(np.concatenate([sides[:, [0, 1]], sides[:, [1, 2]], sides[:, [2, 0]]]), 1), axis=0)
        length = np.linalg.norm(skin[pairs[:, 0]] - skin[pairs[:, 1]], axis=1)
        graph = sparse.csr_matrix((length, pairs.T), shape=(len(skin),) * 2)
        way, _, source = dijkstra(graph, directed=False, indices=mouth.ring, min_only=True, return_predecessors=True)
        return source[mouth.inside], way[mouth.inside]

    def _painted(self) -> Array:
        """(S, 4) the colour of the skin, and how much of it covers the portrait: where a portrait shows none."""
        mouth, unit = self._anatomy.mouth, self._fit.pose.scale
        albedo = np.zeros((len(self.skin), 4))
        deep = np.clip(self._depth / 0.5, 0, 1)[:, None]
        albedo[mouth.inside, :3] = self._colours.lips * (1 - deep) + self._colours.gums * deep
        albedo[mouth.inside, 3] = 1.0
        albedo[mouth.ring] = [*self._colours.lips, 0.5]
        for socket, eye in zip(self._anatomy.sockets, self._eyes, strict=True):
            albedo[socket.ring] = [*(0.7 * self._colours.lips + 0.3 * self._colours.lashes), 0.5]
            away = cKDTree(self.skin[socket.ring]).query(self.skin[eye.upper])[0] / unit
            albedo[eye.upper, :3] = self._colours.lashes
            albedo[eye.upper, 3] = 0.9 * np.clip(1.2 - away / LASH_LINE, 0, 1)
        return albedo


def _radius(points: Array, fit: Fit) -> float:
    """px of the ball whose vertices are at (N, 3) cm."""
    centre, radius = (points.min(0) + points.max(0)) / 2, np.ptp(points[:, 0]) / 2
    here = fit.inner(centre + radius * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]]))
    return float(np.linalg.norm(here[1:] - here[0], axis=1).mean())
