"""One head that wears a portrait: its parts, their colours, and the vertices of one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from reenact.faces.pose import similarity
from reenact.types import Array
from training.heads.fit import Fit
from training.heads.mesh import Anatomy
from training.heads.shade import normals, seen_through, triangles
from training.heads.teeth import Row, grow

SKIN, FLESH, EYE = 0.0, 1.0, 2.0
SPHERE = 48
REDDER = np.array([-0.22, 0.05, 0.12])
"""What is darker in a mouth is redder: light comes there from flesh."""
INNER_LIP = 1.2
"""cm of the way inwards on which a lip's edge takes its back along."""


@dataclass(frozen=True, slots=True)
class Colours:
    """Linear RGB, 0..1."""

    teeth: Array
    gums: Array
    tongue: Array
    lips: Array
    lashes: Array
    light: Array
    """What falls into the mouth."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a head does in one frame."""

    expression: dict[str, float]
    """Face unit -> 0..1"""
    gaze: tuple[float, float]
    """Degrees to the picture's right and down."""
    turn: Array
    """(3, 3) of the head, on top of the portrait's pose."""
    tongue: float = 0.0
    """How far its tip is lifted, 0..1."""


class Head:
    """Draws itself into rows of vertices; px of a picture of side `size`."""

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
        self._skin_cm = anatomy.skin.smooth @ neutral
        self.skin = fit.skin(self._skin_cm)
        self._tongue = np.unique(anatomy.tongue.smooth.indices)
        self._skin_triangles = _without(triangles(anatomy.skin.quads), [socket.inside for socket in anatomy.sockets])
        self.facing = normals(self.skin, self._skin_triangles)
        self._alpha = coverage(self.skin)
        self._rows = tuple(
            grow(neutral[strip], jaw, self._seam(), rng)
            for strip, jaw in zip(anatomy.teeth, ("upper", "lower"), strict=True)
        )
        self._swell = rng.uniform(0.75, 1.0)
        self.pivot = self.skin.mean(0)
        self._balls = [self._ball(side) for side in (0, 1)]
        self.iris_angle = float(np.arcsin(np.clip(iris / np.mean([radius for _, radius in self._balls]), 0.2, 0.6)))
        self._straight = [self._aim(ball, place) for ball, place in zip(self._balls, irises, strict=False)] or [
            (0.0, 0.0)
        ] * 2
        self._lids = [self._lid(side) for side in (0, 1)]
        self._lashes = [self._lash_roots(side) for side in (0, 1)]
        self._bends = [rng.normal(size=len(roots)) for roots in self._lashes]
        self._rim, self._depth = self._inwards()
        self._paint = self._painted()

    def __call__(self, moment: Moment) -> tuple[Array, Array, Array]:
        """Vertices (V, 23) and triangles (T, 3) for the painter, and where the skin is, (S, 3) px."""
        moved = self._anatomy.moved(self._neutral, moment.expression)
        shift = self._anatomy.skin.smooth @ (moved - self._neutral)
        inside = self._anatomy.mouth.inside
        own = np.clip(self._depth / INNER_LIP, 0, 1)[:, None]
        shift[inside] = own * shift[inside] + (1 - own) * shift[self._rim]  # the back of a lip goes where its edge goes
        skin = self._over_eyes(self._lidded(self.skin + self._fit.turned(shift)))
        jaw = self._jaw(moment.expression)
        ring = skin[self._anatomy.mouth.ring]
        pieces = [self._skin_rows(skin, moment)]
        for row, strip in zip(self._rows, self._anatomy.teeth, strict=True):
            pieces.append(self._teeth_rows(row, self._carried(row.points, strip, jaw), ring))
        pieces.append(self._tongue_rows(jaw, moment.tongue, ring))
        pieces += [self._eye_rows(side, moment.gaze, skin) for side in (0, 1)]
        pieces += [self._lash_rows(side, skin) for side in (0, 1)]
        starts = np.cumsum([0] + [len(rows) for rows, _ in pieces])
        order = np.concatenate([corners + start for (_, corners), start in zip(pieces, starts, strict=False)])
        rows = np.concatenate([rows for rows, _ in pieces])
        rows[:, :3] = (rows[:, :3] - self.pivot) @ moment.turn.T + self.pivot
        rows[:, 3:6] = rows[:, 3:6] @ moment.turn.T
        eye = rows[:, 22] == EYE
        rows[eye, 6:9] = rows[eye, 6:9] @ moment.turn.T
        return rows, order, rows[: len(skin), :3]

    def _seam(self) -> float:
        """Where the lips meet, cm."""
        return float(np.median(self._skin_cm[self._anatomy.mouth.ring, 1]))

    def _ball(self, side: int) -> tuple[Array, float]:
        """Centre and radius of an eyeball, px."""
        points = self._neutral[self._anatomy.eyes[side]]
        # the cornea bulges: the sphere is told by the widest circle
        centre = (points.min(0) + points.max(0)) / 2
        radius = float((points[:, 0].max() - points[:, 0].min()) / 2)
        centre[2] = points[:, 2].max() - radius
        here = self._fit.inner(np.stack([centre, centre + [radius, 0, 0], centre + [0, radius, 0]]))
        scale = np.linalg.norm(here[1:] - here[0], axis=1).mean()
        ring = self.skin[self._anatomy.sockets[side].ring]
        middle = (ring.min(0) + ring.max(0)) / 2
        aside = np.linalg.norm((ring - middle)[:, :2], axis=1)
        depth = np.median(ring[:, 2] + np.sqrt(np.maximum((1.02 * scale) ** 2 - aside**2, 0)))  # the rim rests on it
        return np.array([*middle[:2], depth]), float(scale)

    def _aim(self, ball: tuple[Array, float], place: Array) -> tuple[float, float]:
        """Degrees right and down by which an iris at `place` px is off the straight gaze."""
        (x, y), radius = (place - ball[0][:2]), ball[1]
        return tuple(float(np.degrees(np.arcsin(np.clip(off / radius, -0.6, 0.6)))) for off in (x, y))  # type: ignore[return-value]

    def _lid(self, side: int) -> tuple[Array, Array]:
        """The upper lid's vertices, and the ring's lower half (both are vertex numbers)."""
        ring = self._anatomy.sockets[side].ring
        points = self.skin[ring]
        middle = (points.min(0) + points.max(0)) / 2
        corners = np.sort(ring[np.argsort(points[:, 0])[[0, -1]]])
        level = np.interp(self.skin[:, 0], *self.skin[corners][np.argsort(self.skin[corners, 0])][:, :2].T)
        close = np.linalg.norm((self.skin - middle)[:, :2], axis=1) < 0.75 * np.ptp(points[:, 0])
        near = close & (self.skin[:, 2] < self._balls[side][0][2])
        upper = np.flatnonzero(near & (self.skin[:, 1] <= level))
        lower = ring[(points[:, 1] >= level[ring]) | np.isin(ring, corners)]
        return upper, lower[np.argsort(self.skin[lower, 0])]

    def _lidded(self, skin: Array) -> Array:
        """The upper lid stops where it meets the lower."""
        for upper, lower in self._lids:
            floor = np.interp(skin[upper, 0], skin[lower, 0], skin[lower, 1], left=np.inf, right=np.inf)
            skin[upper, 1] = np.minimum(skin[upper, 1], floor + 1.0)
        return skin

    def _over_eyes(self, skin: Array) -> Array:
        """Lids lie on the eyeball, never in it."""
        skin = skin.copy()
        for (centre, radius), socket in zip(self._balls, self._anatomy.sockets, strict=True):
            away = skin - centre
            distance = np.linalg.norm(away, axis=1)
            outer = np.ones(len(skin), bool)
            outer[socket.inside] = False
            sunk = outer & (distance < radius * 1.03) & (away[:, 2] < 0)
            skin[sunk] = centre + away[sunk] / distance[sunk, None] * radius * 1.03
        return skin

    def _inwards(self) -> tuple[Array, Array]:
        """For each vertex inside the mouth, the one of the lips' rim that it hangs on, and the way there, cm."""
        mouth = self._anatomy.mouth
        sides = self._skin_triangles[np.isin(self._skin_triangles, mouth.inside).any(1)]
        pairs = np.concatenate([sides[:, [0, 1]], sides[:, [1, 2]], sides[:, [2, 0]]])
        length = np.linalg.norm(self._skin_cm[pairs[:, 0]] - self._skin_cm[pairs[:, 1]], axis=1)
        one = np.unique(np.sort(pairs, 1), axis=0, return_index=True)[1]
        graph = sparse.csr_matrix((length[one], pairs[one].T), shape=(len(self.skin),) * 2)
        way, _, source = dijkstra(graph, directed=False, indices=mouth.ring, min_only=True, return_predecessors=True)
        return source[mouth.inside], way[mouth.inside]

    def _painted(self) -> tuple[Array, Array]:
        """(S, 4) colour and how much of it covers the portrait, (S, 2) gloss and sharpness, of the skin."""
        mouth, count = self._anatomy.mouth, len(self.skin)
        albedo, gloss = np.zeros((count, 4)), np.tile([0.0, 20.0], (count, 1))
        scale = self._fit.pose.scale
        blend = np.clip(self._depth / 0.5, 0, 1)[:, None]
        albedo[mouth.inside, :3] = self._colours.lips * (1 - blend) + self._colours.gums * blend
        albedo[mouth.inside, 3] = 1.0
        albedo[mouth.ring] = [*self._colours.lips, 0.5]
        gloss[mouth.inside] = [0.02, 30]
        for socket in self._anatomy.sockets:
            albedo[socket.ring] = [*(0.7 * self._colours.lips + 0.3 * self._colours.lashes), 0.5]
        for socket, (upper, _) in zip(self._anatomy.sockets, self._lids, strict=True):
            distance = cKDTree(self.skin[socket.ring]).query(self.skin[upper])[0] / scale
            line = 0.9 * np.clip(1.3 - distance / 0.16, 0, 1)
            albedo[upper] = np.concatenate([np.tile(self._colours.lashes, (len(upper), 1)), line[:, None]], 1)
        return albedo, gloss

    def _skin_rows(self, skin: Array, moment: Moment) -> tuple[Array, Array]:
        rows = np.zeros((len(skin), 23))
        facing = normals(skin, self._skin_triangles)
        albedo, gloss = self._paint
        rows[:, :3], rows[:, 3:6], rows[:, 6:9] = skin, facing, self.facing
        rows[:, 9:11] = self.skin[:, :2]
        rows[:, 11:15] = albedo
        rows[:, 15], rows[:, 16:18], rows[:, 18] = 1.0, gloss, self._alpha
        inside = self._anatomy.mouth.inside
        rows[inside, 15] = self._lit(skin[self._anatomy.mouth.ring], skin[inside], facing[inside])
        near = np.exp(
            -np.linalg.norm(skin[inside][:, None] - skin[self._anatomy.mouth.ring][None, ::4], axis=2).min(1)
            / (0.3 * self._fit.pose.scale)
        )
        rows[inside, 15] = np.maximum(rows[inside, 15], 0.75 * near)
        rows[inside, 11:14] *= self._colours.light
        rows[inside, 18] = 1.0
        return rows, self._skin_triangles

    def _lit(self, ring: Array, points: Array, facing: Array) -> Array:
        """0..1: less the deeper in the mouth."""
        seen = seen_through(ring[::5], points, facing)
        depth = np.maximum(points[:, 2] - ring[:, 2].mean(), 0) / self._fit.pose.scale
        return (np.clip(2.4 * seen, 0, 1) ** 0.8) * np.exp(-depth / 3.5)

    def _under_lip(self, ring: Array, points: Array) -> Array:
        """0..1: the shadow along the lips' edges, deeper under the upper one and in the corners."""
        unit = self._fit.pose.scale
        upper = ring[ring[:, 1] < ring[:, 1].mean()]
        over, any_lip = (cKDTree(edge[:, :2]).query(points[:, :2])[0] / unit for edge in (upper, ring))
        corner = np.abs(points[:, 0] - ring[:, 0].mean()) / max(np.ptp(ring[:, 0]) / 2, 1e-6)
        return (
            (1 - 0.55 * np.exp(-over / 0.30))
            * (1 - 0.25 * np.exp(-any_lip / 0.2))
            * (1 - 0.35 * np.clip(corner, 0, 1) ** 4)
        )

    def _flesh(
        self, points: Array, quads: Array, colour: Array, ring: Array, gloss: tuple[float, float]
    ) -> tuple[Array, Array]:
        corners = triangles(quads)
        rows = np.zeros((len(points), 23))
        facing = normals(points, corners)
        rows[:, :3], rows[:, 3:6] = points, facing
        rows[:, 11:14] = colour * self._colours.light
        lit = self._lit(ring, points, facing) * self._under_lip(ring, points)
        rows[:, 11:14] *= np.maximum(lit, 0.02)[:, None] ** REDDER
        rows[:, 15], rows[:, 16:18], rows[:, 18] = lit, gloss, 1.0
        rows[:, 22] = FLESH
        return rows, corners

    def _teeth_rows(self, row: Row, points: Array, ring: Array) -> tuple[Array, Array]:
        along, aside, gum = row.shade.T
        root = np.clip(1 - along * 1.6, 0, 1)[:, None]
        tooth = self._colours.teeth * (1 - root * [0.12, 0.22, 0.38]) * (1 - 0.55 * aside[:, None] ** 8)
        colour = np.where(gum[:, None] > 0.5, self._colours.gums, tooth)
        return self._flesh(self._fit.inner(points), row.quads, colour, ring, (0.16, 50.0))

    def _jaw(self, expression: dict[str, float]) -> Array:
        """(19158, 3) cm: the head with its jaw's bones moved; they go as far down as the lip does."""
        jaw = {name: strength for name, strength in expression.items() if name.startswith(("jaw", "tongue"))}
        moved = self._anatomy.moved(self._neutral, jaw)
        ring = self._anatomy.mouth.ring
        lip = (self._anatomy.skin.smooth[ring] @ (moved - self._neutral))[:, 1].max()
        bone = (moved - self._neutral)[self._anatomy.teeth[1], 1].max()
        low = np.concatenate([self._anatomy.teeth[1], self._tongue])
        moved[low, 1] += max(0.0, 0.85 * lip - bone)
        return moved

    def _carried(self, points: Array, strip: Array, moved: Array) -> Array:
        """Teeth go with their strip, as one bone."""
        pose = similarity(self._neutral[strip], moved[strip], np.full(len(strip), 1 / len(strip)))
        return points @ pose.rotation.T + pose.translation + (pose.scale - 1) * 0

    def _tongue_rows(self, moved: Array, lift: float, ring: Array) -> tuple[Array, Array]:
        tongue = self._anatomy.tongue
        points = tongue.smooth @ moved
        front, back = points[:, 2].min(), points[:, 2].max()
        tip = ((back - points[:, 2]) / (back - front))[:, None] ** 3  # 0 at the root, 1 at the tip
        low = points[:, 1].max()
        points[:, 1] = low - (low - points[:, 1]) * self._swell
        points += tip * [0, -1.1 * lift, 0] + [0, 0.1, 0.35]
        return self._flesh(self._fit.inner(points), tongue.quads, self._colours.tongue, ring, (0.10, 25.0))

    def _eye_rows(self, side: int, gaze: tuple[float, float], skin: Array) -> tuple[Array, Array]:
        centre, radius = self._balls[side]
        directions, quads = sphere()
        points = centre + radius * directions
        rim = skin[self._anatomy.sockets[side].ring]
        upper = rim[rim[:, 1] < np.median(rim[:, 1])]
        shade = 0.62 * np.exp(-cKDTree(upper[:, :2]).query(points[:, :2])[0] / (0.16 * radius))
        corners = 0.35 * np.exp(-cKDTree(rim[:, :2]).query(points[:, :2])[0] / (0.07 * radius))
        rows = np.zeros((len(points), 23))
        rows[:, :3], rows[:, 3:6] = points, directions
        rows[:, 15:19] = np.stack(
            [(1 - shade) * (1 - corners), np.full(len(points), 0.9), np.full(len(points), 260.0), np.ones(len(points))],
            1,
        )
        aim = looking(*np.add(gaze, self._straight[side]))
        rows[:, 6:9] = aim @ [0, 0, -1]
        rows[:, 19:22] = directions @ aim
        rows[:, 22] = EYE
        return rows, triangles(quads)

    def _lash_rows(self, side: int, skin: Array) -> tuple[Array, Array]:
        """Upper lashes: slim triangles that rise from an open lid and hang from a shut one."""
        roots = skin[self._lashes[side]]
        unit, bend = self._fit.pose.scale, self._bends[side]
        opening = self._opening(side, skin) / max(self._opening(side, self.skin), 1e-6)
        up = 0.5 * np.clip(opening, 0, 1) - 0.3
        middle = (roots[:, 0].min() + roots[:, 0].max()) / 2
        fan = (roots[:, 0] - middle) / max(np.ptp(roots[:, 0]), 1e-6)
        roots = roots + np.stack(
            [unit * (np.tile([-0.05, 0, 0.05], len(bend) // 3) + 0.02 * bend), 0 * bend, 0 * bend], 1
        )
        tip = roots + unit * np.stack([0.35 * fan + 0.08 * bend, -up + 0.05 * bend, np.full(len(fan), -0.35)], 1)
        wide = np.array([0.016 * unit, 0, 0])
        line = skin[self._lashes[side][::3]]
        line = line[np.argsort(line[:, 0])]
        band = np.stack([line + unit * np.array(off) for off in ((0, -0.10, -0.14), (0, 0.03, -0.14))], 1).reshape(
            -1, 3
        )
        points = np.concatenate([np.stack([roots - wide, roots + wide, tip], 1).reshape(-1, 3), band])
        rows = np.zeros((len(points), 23))
        rows[:, :3], rows[:, 3:6] = points, [0, 0, -1]
        rows[:, 11:14], rows[:, 15:19], rows[:, 22] = self._colours.lashes, [1, 0, 1, 1], FLESH
        first = 3 * len(roots) + 2 * np.arange(len(line) - 1)[:, None]
        corners = np.concatenate([first + [0, 1, 2], first + [1, 3, 2]])
        return rows, np.concatenate([np.arange(3 * len(roots)).reshape(-1, 3), corners])

    def _lash_roots(self, side: int) -> Array:
        """Vertices of the upper lid's rim, three lashes each, none in the corners."""
        ring = self._anatomy.sockets[side].ring
        upper = np.intersect1d(ring, self._lids[side][0])
        x = self.skin[upper, 0]
        inner = (x > x.min() + 0.1 * np.ptp(x)) & (x < x.max() - 0.1 * np.ptp(x))
        return np.repeat(upper[inner], 3)

    def _opening(self, side: int, skin: Array) -> float:
        """px between the lids, at most."""
        ring = skin[self._anatomy.sockets[side].ring]
        return float(np.ptp(ring[:, 1]))


def _without(corners: Array, hidden: list[Array]) -> Array:
    """The triangles that touch none of the hidden vertices."""
    return corners[~np.isin(corners, np.concatenate(hidden)).any(1)]


def looking(right: float, down: float) -> Array:
    """(3, 3) that takes the straight gaze (0, 0, -1) to one that looks so many degrees right and down."""
    a, b = np.radians(right), np.radians(down)
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return about_y @ about_x


def sphere() -> tuple[Array, Array]:
    """Unit directions of the half that faces the viewer, and quads."""
    away = np.linspace(0.0, 0.5 * np.pi, SPHERE // 2)[:, None]
    around = np.linspace(0, 2 * np.pi, SPHERE, endpoint=False)[None]
    points = np.stack([np.sin(away) * np.cos(around), np.sin(away) * np.sin(around), -np.cos(away) + 0 * around], -1)
    ids = np.arange(points.shape[0] * SPHERE).reshape(-1, SPHERE)
    quads = np.stack([ids[:-1], np.roll(ids, -1, 1)[:-1], np.roll(ids, -1, 1)[1:], ids[1:]], -1).reshape(-1, 4)
    return points.reshape(-1, 3), quads
