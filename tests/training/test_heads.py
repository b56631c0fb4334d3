"""Rendered heads: what can be shown without anny, OpenGL or a portrait."""

from __future__ import annotations

import numpy as np
import pytest

from training.heads.acting import MOUTHS, PAIRED, SHUT, TALK, Moment, looking, performance
from training.heads.piece import COLUMNS, EYE, FLESH, PLACE, REST, joined, turned, vertices
from training.heads.shade import normals, seen_through, triangles
from training.heads.teeth import Row, grow

SEAM = 10.0


def strip(top: float) -> np.ndarray:
    """A horseshoe 6.6 cm wide where teeth may stand, front towards the viewer (z small)."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, 17)
    arch = np.stack([3.3 * np.sin(angle), 0 * angle, 4.6 * (1 - np.cos(angle))], 1)
    return np.concatenate([arch + [0, top + down, 0] for down in (0.0, 0.6, 1.2, 1.8)])


@pytest.fixture(params=["upper", "lower"])
def row(request: pytest.FixtureRequest) -> tuple[str, Row]:
    return request.param, grow(strip(SEAM - 1), request.param, SEAM, np.random.default_rng(0))


def test_fourteen_teeth_stand_apart_in_a_row(row: tuple[str, Row]) -> None:
    _, teeth = row
    is_gum = teeth.shade[:, 2] > 0.5
    single = teeth.points[~is_gum].reshape(14, -1, 3).mean(1)
    gaps = np.linalg.norm(single[:, None] - single[None], axis=2) + 9 * np.eye(14)
    assert gaps.min() > 0.4
    assert is_gum.any()


def test_upper_teeth_hang_below_the_lip_and_gums_lie_beyond_their_roots(row: tuple[str, Row]) -> None:
    jaw, teeth = row
    towards_gum = -1 if jaw == "upper" else 1
    gum, biting = teeth.shade[:, 2] > 0.5, teeth.shade[:, 0] > 0.95
    assert ((teeth.points[gum, 1].mean() - teeth.points[biting, 1].mean()) * towards_gum) > 0.5
    if jaw == "upper":
        assert SEAM < np.median(teeth.points[biting, 1]) < SEAM + 1


def test_the_fronts_of_teeth_and_gums_face_the_viewer(row: tuple[str, Row]) -> None:
    _, teeth = row
    facing = normals(teeth.points, triangles(teeth.quads))
    incisor = (np.abs(teeth.points[:, 0]) < 0.6) & (teeth.shade[:, 2] < 0.5) & (np.abs(teeth.shade[:, 0] - 0.5) < 0.2)
    front = incisor & (teeth.points[:, 2] < np.median(teeth.points[incisor, 2]))
    assert np.median(facing[front, 2]) < -0.5
    gum = (np.abs(teeth.points[:, 0]) < 0.6) & (teeth.shade[:, 2] > 0.5) & (teeth.points[:, 2] < 0.6)
    assert np.median(facing[gum, 2]) < -0.5


def test_less_light_comes_through_a_smaller_opening_and_deeper_in() -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    opening = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
    inside = np.array([[0, 0, 0.2], [0, 0, 1.0], [0, 0, 4.0]])
    towards = np.tile([0.0, 0.0, -1.0], (3, 1))
    wide, narrow = seen_through(opening, inside, towards), seen_through(opening * [1, 0.3, 1], inside, towards)
    assert (np.diff(wide) < 0).all()
    assert (narrow < wide).all()
    assert wide[0] == pytest.approx(1 / (1 + 0.2**2), abs=0.02)  # a disc as seen from its axis: r^2 / (r^2 + d^2)
    assert (seen_through(opening, inside, -towards) < wide).all()
    assert seen_through(opening[::-1], inside, towards) == pytest.approx(wide)


def test_two_thirds_of_a_performance_show_an_open_mouth_and_the_first_frame_rests() -> None:
    moments = performance(24, np.random.default_rng(1))
    opened = [moment for moment in moments if moment.expression.get("jawOpen", 0) > 0.05]
    assert moments[0].expression == {}
    assert np.allclose(moments[0].turn, np.eye(3))
    assert 14 <= len(opened) <= 16
    assert {"eyeBlinkLeft", "eyeLookDownLeft"} <= {name for moment in moments for name in moment.expression}
    assert np.ptp([moment.gaze[0] for moment in moments]) > 30


def test_the_same_seed_gives_the_same_performance() -> None:
    one, again, other = (performance(24, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert [m.expression for m in one] == [m.expression for m in again]
    assert [m.expression for m in one] != [m.expression for m in other]


def test_every_shape_of_the_mouth_belongs_to_one_group() -> None:
    assert {*SHUT, *TALK} == MOUTHS.keys()
    assert not {*SHUT} & {*TALK}
    assert all(
        name in PAIRED or name in {"jawOpen", "mouthPucker", "mouthFunnel", "mouthRollLower"}
        for shape in MOUTHS.values()
        for name in shape
    )


def test_a_glance_to_the_right_and_down_goes_there() -> None:
    x, y, z = looking(30, 20) @ [0, 0, -1]
    assert x > 0.4
    assert y > 0.3
    assert z < 0


def test_pieces_joined_and_turned_keep_their_triangles() -> None:
    corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    one = vertices(corner, corner, FLESH), np.array([[0, 1, 2]])
    two = vertices(corner + 5, corner, EYE, rest=[0, 0, -1]), np.array([[2, 1, 0]])
    rows, order = joined([one, two])
    assert rows.shape == (6, sum(COLUMNS.values()))
    assert order.tolist() == [[0, 1, 2], [5, 4, 3]]
    about = looking(90, 0)
    after = turned(rows, about, np.zeros(3))
    assert np.allclose(after[3:, PLACE], (corner + 5) @ about.T)
    assert np.allclose(after[3:, REST], about @ [0, 0, -1])
    assert np.allclose(after[:3, REST], rows[:3, REST])


def test_a_moment_keeps_its_tongue_down_unless_told() -> None:
    assert Moment({}, (0, 0), np.eye(3)).tongue == 0
