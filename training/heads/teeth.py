"""Two rows of teeth with their gums, grown along the strips where MakeHuman's teeth proxies stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.types import Array

WIDTHS = {"upper": (0.86, 0.68, 0.78, 0.72, 0.70, 1.0, 0.95), "lower": (0.54, 0.60, 0.70, 0.72, 0.74, 1.1, 1.0)}
"""cm, from the middle outwards: incisors, canine, premolars, molars."""
HEIGHTS = {"upper": (1.02, 0.90, 0.99, 0.82, 0.76, 0.68, 0.62), "lower": (0.84, 0.88, 0.98, 0.84, 0.76, 0.68, 0.62)}
DEPTHS = (0.62, 0.58, 0.75, 0.85, 0.88, 1.0, 1.0)
AROUND, ALONG = 20, 12


@dataclass(frozen=True, slots=True)
class Row:
    """Teeth and gum of one jaw as one mesh."""

    points: Array
    """(V, 3) cm"""
    quads: Array
    """(Q, 4)"""
    shade: Array
    """(V, 3): along the tooth 0 at the gum .. 1 at its edge, 0..1 towards its neighbours, 1 where it is gum."""


def grow(strip: Array, jaw: str, seam: float, rng: np.random.Generator) -> Row:
    """Teeth on the strip (68, 3) of `jaw` ("upper" or "lower"), a little out of line as teeth are; the lips meet at
    the height `seam`."""
    up = -1.0 if jaw == "upper" else 1.0  # where the gum is, along y (down)
    arch = _arch(strip)
    widths = np.array(WIDTHS[jaw]) * rng.normal(1, 0.02, 7)
    heights = np.array(HEIGHTS[jaw]) * rng.uniform(0.92, 1.06)
    edge = seam + (rng.uniform(0.35, 0.65) if jaw == "upper" else rng.uniform(0.32, 0.62))
    set_back = 0.05 if jaw == "upper" else 0.22
    pieces: list[tuple[Array, Array, Array]] = []
    for side in (-1, 1):
        middles = np.cumsum(widths) - widths / 2
        for kind, middle in enumerate(middles):
            frame = _frame(arch, side * middle, set_back)
            tooth = _tooth(kind, jaw, widths[kind], heights[kind], rng)
            pieces.append(_placed(tooth, frame, edge, up, rng))
    pieces.append(_gum(arch, widths, heights, edge, up, set_back))
    return _joined(pieces)


def _arch(strip: Array) -> Array:
    """(S, 2) x and z along the outer border, 0.05 cm apart, the middle at index S // 2."""
    bins = np.linspace(0, np.abs(strip[:, 0]).max() + 1e-6, 9)
    which = np.digitize(np.abs(strip[:, 0]), bins)
    outer = [strip[which == b][np.argmin(strip[which == b][:, 2])] for b in np.unique(which)]
    x, z = np.abs(np.array(outer)[:, 0]), np.array(outer)[:, 2]
    # an ellipse-like arch: z - z0 = depth * (1 - sqrt(1 - (x / half)^2))
    half, z0 = x.max() * 1.02, z.min()
    depth = (z.max() - z0) * 1.0
    angle = np.linspace(-np.pi / 2, np.pi / 2, 2001)
    curve = np.stack([half * np.sin(angle), z0 + depth * 1.15 * (1 - np.cos(angle))], 1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    even = np.arange(-round(length[-1] / 0.1), round(length[-1] / 0.1) + 1) * 0.05 + length[1000]
    return np.stack([np.interp(even, length, curve[:, k]) for k in range(2)], 1)


def _frame(arch: Array, at: float, set_back: float) -> tuple[Array, Array, Array]:
    """Place, direction along the row and outwards, in x and z, at `at` cm from the middle."""
    index = np.clip(len(arch) // 2 + round(at / 0.05), 1, len(arch) - 2)
    along = arch[index + 1] - arch[index - 1]
    along = along / np.linalg.norm(along)
    out = np.array([along[1], -along[0]])
    return arch[index] - out * set_back, along, out


def _tooth(kind: int, jaw: str, width: float, height: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """(AROUND, ALONG, 3) in along, out and height (0 = biting edge), and its shade."""
    turn = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)[:, None]
    t = np.linspace(0, 1, ALONG)[None]  # 0 gum .. 1 edge
    front = kind < 3
    depth = DEPTHS[kind] * (
        np.interp(t, [0, 0.5, 0.85, 1], [1, 0.85, 0.42, 0.22]) if front else np.interp(t, [0, 0.7, 1], [0.95, 1, 0.8])
    )
    wide = width * np.interp(t, [0, 0.35, 0.75, 0.93, 1], [0.80, 0.93, 1.0, 0.97, 0.80])
    power = 0.62
    c, s = np.cos(turn), np.sin(turn)
    x = wide / 2 * np.sign(c) * np.abs(c) ** power
    out = depth / 2 * np.sign(s) * np.abs(s) ** 0.8
    lean = DEPTHS[kind] / 2 - depth / 2  # the outer face stays, the inner face slopes
    y = (
        out
        + lean * (1.0 if front else 0.3)
        - 0.10 * t**2 * (jaw == "upper")
        - 0.35 * (x / max(width, 1e-6)) ** 2 * 0.35
    )
    point = {2: 0.13}.get(kind, 0.02 if front else 0.0)
    h = height * (1 - t) + point * (np.abs(x) / width * 2) ** 1.5 + 0 * turn
    h = h + (0.10 * (x / width * 2) ** 6 * t**3 if front else 0.0)
    shade = np.stack([t + 0 * turn, np.abs(x) / (wide / 2) + 0 * t, 0 * (t + turn)], -1)
    return np.stack([x, y - DEPTHS[kind] / 2, h], -1), shade


def _placed(
    tooth: tuple[Array, Array], frame: tuple[Array, Array, Array], edge: float, up: float, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    (grid, shade), (place, along, out) = tooth, frame
    spin = rng.normal(0, 0.05)
    along, out = np.cos(spin) * along + np.sin(spin) * out, np.cos(spin) * out - np.sin(spin) * along
    flat = place + grid[..., :1] * along + (grid[..., 1:2] + rng.normal(0, 0.015)) * out
    height = edge + up * (grid[..., 2] + rng.normal(0, 0.02))
    points = np.stack([flat[..., 0], height, flat[..., 1]], -1)
    quads = _grid_quads(AROUND, ALONG, around=True)
    cap = points[:, -1].mean(0) - [0, up * 0.03, 0]
    points = np.concatenate([points.reshape(-1, 3), cap[None]])
    last = np.arange(AROUND) * ALONG + ALONG - 1
    lid = np.stack([last, np.roll(last, -1), np.full(AROUND, len(points) - 1), np.full(AROUND, len(points) - 1)], 1)
    quads = np.concatenate([quads, lid])
    return points, quads if up < 0 else quads[:, ::-1], np.concatenate([shade.reshape(-1, 3), [[1.0, 0.0, 0.0]]])


def _gum(
    arch: Array, widths: Array, heights: Array, edge: float, up: float, set_back: float
) -> tuple[Array, Array, Array]:
    """A roll over the roots, scalloped between the teeth."""
    reach = widths.sum() + 0.3
    at = np.linspace(-reach, reach, 240)
    borders = np.concatenate([[0], np.cumsum(widths)])
    nearest = np.searchsorted(borders, np.abs(at)).clip(1, 7) - 1
    within = (np.abs(at) - borders[nearest]) / widths[nearest] * 2 - 1
    scallop = heights[nearest] * (0.93 - 0.17 * np.abs(within).clip(0, 1) ** 2.5)
    scallop = np.convolve(np.pad(scallop, 2, mode="edge"), np.ones(5) / 5, "valid")
    profile = np.array(
        [(-0.50, 0.02), (-0.14, -0.01), (0.0, 0.0), (0.05, 0.05), (0.08, 0.15), (0.06, 0.4), (0.04, 1.0)]
    )
    inner = np.array([(-0.9, 1.0), (-1.05, 0.4), (-1.0, 0.08)])
    rows = []
    for s, base in zip(at, scallop, strict=True):
        place, _, out = _frame(arch, s, set_back)
        for o, h in np.concatenate([inner, profile]):
            flat = place + out * (o + 0.02)
            rows.append([flat[0], edge + up * (base + h), flat[1]])
    count = len(inner) + len(profile)
    shade = np.tile([0.0, 0.0, 1.0], (len(rows), 1))
    quads = _grid_quads(len(at), count, around=False)
    return np.array(rows), quads if up < 0 else quads[:, ::-1], shade


def _grid_quads(rows: int, columns: int, *, around: bool) -> Array:
    ids = np.arange(rows * columns).reshape(rows, columns)
    nxt = np.roll(ids, -1, 0)
    quads = np.stack([ids[:, :-1], nxt[:, :-1], nxt[:, 1:], ids[:, 1:]], -1)
    return (quads if around else quads[:-1]).reshape(-1, 4)


def _joined(pieces: list[tuple[Array, Array, Array]]) -> Row:
    starts = np.cumsum([0] + [len(points) for points, _, _ in pieces])
    quads = np.concatenate([q + start for (_, q, _), start in zip(pieces, starts, strict=False)])
    return Row(np.concatenate([p for p, _, _ in pieces]), quads, np.concatenate([s for _, _, s in pieces]))
