"""A piece of what is drawn: vertices with all that the painter wants to know, and triangles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reenact.types import Array

Piece = tuple[Array, Array]
"""(V, 23) vertices as `vertices` makes them, (T, 3) triangles."""
COLUMNS = {"place": 3, "normal": 3, "rest": 3, "at": 2, "albedo": 4, "light": 4, "look": 3, "stuff": 1}
"""What a vertex says, in order, and how many numbers that takes."""
PLACE, NORMAL, REST, STUFF = slice(0, 3), slice(3, 6), slice(6, 9), 22
SKIN, FLESH, EYE = 0.0, 1.0, 2.0


def vertices(
    place: Array,
    normal: Array,
    stuff: float,
    *,
    rest: Array | Sequence[float] = (0.0, 0.0, -1.0),
    at: Array | Sequence[float] = (0.0, 0.0),
    albedo: Array | Sequence[float] = (0.0, 0.0, 0.0, 0.0),
    light: Array | Sequence[float] = (1.0, 0.0, 1.0, 1.0),
    look: Array | Sequence[float] = (0.0, 0.0, -1.0),
) -> Array:
    """(V, 23). `place`: (V, 3) px; `normal`: (V, 3); `stuff`: SKIN, FLESH or EYE.

    `rest`: of SKIN its normal in the portrait, of an EYE where it looks; `at`: px of the portrait; `albedo`: linear RGB
    and how much of it covers the portrait; `light`: how much falls there, gloss, the gloss's sharpness, coverage;
    `look`: of an EYE the direction from its centre as the eye itself sees it.
    """
    columns = (place, normal, rest, at, albedo, light, look, (stuff,))
    return np.concatenate(
        [np.broadcast_to(column, (len(place), width)) for column, width in zip(columns, COLUMNS.values(), strict=True)],
        1,
    )


def joined(pieces: Sequence[Piece]) -> Piece:
    """All as one."""
    starts = np.cumsum([0] + [len(rows) for rows, _ in pieces])
    corners = [order + start for (_, order), start in zip(pieces, starts, strict=False)]
    return np.concatenate([rows for rows, _ in pieces]), np.concatenate(corners)


def turned(rows: Array, turn: Array, pivot: Array) -> Array:
    """The same vertices on a head that has turned about `pivot` px by a rotation (3, 3)."""
    rows = rows.copy()
    rows[:, PLACE] = (rows[:, PLACE] - pivot) @ turn.T + pivot
    rows[:, NORMAL] = rows[:, NORMAL] @ turn.T
    eyes = rows[:, STUFF] == EYE
    rows[eyes, REST] = rows[eyes, REST] @ turn.T
    return rows
