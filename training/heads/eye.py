"""One eye: a ball that turns, lids that lie on it and close, lashes."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from reenact.types import Array
from training.heads.acting import looking
from training.heads.mesh import Cavity
from training.heads.piece import EYE, FLESH, Piece, vertices
from training.heads.shade import triangles

SPHERE = 48
"""Vertices around the ball."""
THICK = 1.03
"""The lids' outside, in radii of the ball."""
EACH = 3
"""Lashes on a vertex of the rim."""


class Eye:
    """`socket` of a head whose skin is at (V, 3) px around a ball of `radius` px; `unit`: px per cm."""

    def __init__(
        self, socket: Cavity, skin: Array, *, radius: float, iris: Array, unit: float, rng: np.random.Generator
    ) -> None:
        self._socket, self._radius, self._unit = socket, radius, unit
        self._centre = self._behind(skin[socket.ring])
        self._straight = tuple(np.degrees(np.arcsin(np.clip((iris - self._centre[:2]) / radius, -0.6, 0.6))))
        self.upper, self._lower = self._lids(skin)
        self._height = np.ptp(skin[socket.ring, 1])
        self._roots = self._lash_roots(skin)
        self._bends = rng.normal(size=EACH * len(self._roots))

    def closed_over(self, skin: Array) -> Array:
        """The skin with lids that stop where they meet and never sink into the ball."""
        skin = skin.copy()
        floor = np.interp(skin[self.upper, 0], skin[self._lower, 0], skin[self._lower, 1], left=np.inf, right=np.inf)
        skin[self.upper, 1] = np.minimum(skin[self.upper, 1], floor + 1.0)
        away = skin - self._centre
        distance = np.linalg.norm(away, axis=1)
        sunk = (distance < THICK * self._radius) & (away[:, 2] < 0)
        sunk[self._socket.inside] = False
        skin[sunk] = self._centre + away[sunk] / distance[sunk, None] * THICK * self._radius
        return skin

    def ball(self, gaze: tuple[float, float], skin: Array) -> Piece:
        """Looking so many degrees right and down of where the portrait looks; in the lids' shadow."""
        directions, quads = _half_sphere()
        points = self._centre + self._radius * directions
        rim = skin[self._socket.ring]
        upper = rim[rim[:, 1] < np.median(rim[:, 1])]
        hung, rimmed = (cKDTree(edge[:, :2]).query(points[:, :2])[0] / self._radius for edge in (upper, rim))
        light = np.tile([1.0, 0.9, 260.0, 1.0], (len(points), 1))
        light[:, 0] = (1 - 0.62 * np.exp(-hung / 0.16)) * (1 - 0.35 * np.exp(-rimmed / 0.07))
        aim = looking(*np.add(gaze, self._straight))
        rows = vertices(points, directions, EYE, rest=aim @ [0, 0, -1], light=light, look=directions @ aim)
        return rows, triangles(quads)

    def lashes(self, skin: Array, colour: Array) -> Piece:
        """Slim triangles that rise from an open lid and hang from a shut one, and the dark line that they make."""
        line = skin[self._roots]
        band = np.stack([line + self._unit * np.array(off) for off in ((0, -0.10, -0.14), (0, 0.03, -0.14))], 1)
        hairs = self._hairs(np.repeat(line, EACH, 0), np.ptp(skin[self._socket.ring, 1]) / max(self._height, 1e-6))
        points = np.concatenate([hairs.reshape(-1, 3), band.reshape(-1, 3)])
        first = 3 * len(hairs) + 2 * np.arange(len(line) - 1)[:, None]
        order = [np.arange(3 * len(hairs)).reshape(-1, 3), first + [0, 1, 2], first + [1, 3, 2]]
        rows = vertices(points, np.tile([0.0, 0.0, -1.0], (len(points), 1)), FLESH, albedo=[*colour, 1.0])
        return rows, np.concatenate(order)

    def _hairs(self, roots: Array, opening: float) -> Array:
        """(N, 3, 3) px: each lash's two roots and its tip."""
        bend, none = self._bends, np.zeros(len(roots))
        up = 0.5 * np.clip(opening, 0, 1) - 0.3
        fan = (roots[:, 0] - roots[:, 0].mean()) / max(np.ptp(roots[:, 0]), 1e-6)
        aside = np.tile(np.linspace(-0.05, 0.05, EACH), len(roots) // EACH) + 0.02 * bend
        roots = roots + self._unit * np.stack([aside, none, none], 1)
        tips = roots + self._unit * np.stack([0.35 * fan + 0.08 * bend, -up + 0.05 * bend, none - 0.35], 1)
        wide = np.array([0.016 * self._unit, 0, 0])
        return np.stack([roots - wide, roots + wide, tips], 1)

    def _behind(self, ring: Array) -> Array:
        """The centre of a ball on which the rim rests."""
        middle = (ring.min(0) + ring.max(0)) / 2
        aside = np.linalg.norm((ring - middle)[:, :2], axis=1)
        depth = ring[:, 2] + np.sqrt(np.maximum((1.02 * self._radius) ** 2 - aside**2, 0))
        return np.array([*middle[:2], np.median(depth)])

    def _lids(self, skin: Array) -> tuple[Array, Array]:
        """Vertices of the upper lid, and of the lower half of the rim from left to right."""
        ring = self._socket.ring
        points = skin[ring]
        corners = ring[np.argsort(points[:, 0])[[0, -1]]]
        level = np.interp(skin[:, 0], skin[corners, 0], skin[corners, 1])
        middle = (points.min(0) + points.max(0)) / 2
        near = np.linalg.norm((skin - middle)[:, :2], axis=1) < 0.75 * np.ptp(points[:, 0])
        upper = np.flatnonzero(near & (skin[:, 2] < self._centre[2]) & (skin[:, 1] <= level))
        lower = ring[(points[:, 1] >= level[ring]) | np.isin(ring, corners)]
        return upper, lower[np.argsort(skin[lower, 0])]

    def _lash_roots(self, skin: Array) -> Array:
        """Vertices of the upper half of the rim from left to right, none in the corners."""
        upper = np.intersect1d(self._socket.ring, self.upper)
        x = skin[upper, 0]
        inner = np.abs(x - (x.min() + x.max()) / 2) < 0.4 * np.ptp(x)
        return upper[inner][np.argsort(x[inner])]


def _half_sphere() -> tuple[Array, Array]:
    """Unit directions of the half that faces the viewer, and quads."""
    away = np.linspace(0.0, 0.5 * np.pi, SPHERE // 2)[:, None]
    around = np.linspace(0, 2 * np.pi, SPHERE, endpoint=False)[None]
    points = np.stack([np.sin(away) * np.cos(around), np.sin(away) * np.sin(around), -np.cos(away) + 0 * around], -1)
    ids = np.arange(points.shape[0] * SPHERE).reshape(-1, SPHERE)
    after = np.roll(ids, -1, 1)
    return points.reshape(-1, 3), np.stack([ids[:-1], after[:-1], after[1:], ids[1:]], -1).reshape(-1, 4)
