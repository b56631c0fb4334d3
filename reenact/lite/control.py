"""Control points of the warp: which points of an avatar move with which part of it, and which stay.

Coordinates: px of the output frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from reenact.faces import mesh
from reenact.lite.features import EYES, TOUCH, mouth_gap, span
from reenact.lite.stage import Stage, head_size
from reenact.motion import posed
from reenact.types import LANDMARKS, Array, Motion

HAIR = 1.45
"""The ring that carries the hair lies this much farther out than the upper face oval."""
LOOSE, SOFT, FIRM = 5e-2, 3e-3, 2e-4
"""Stiffness of the spline at what stays, at cheeks and hair, and at the contours that must sit right; heads squared."""
SLIT = 0.18
"""Lids and lips that shut keep this part of their own opening: the spline must squeeze what lies between them."""
NARROW = 0.06
"""And eyes no more than this part of their width, however large they are."""
SQUEEZE = 0.7
"""Stiffness of lids and lips, in parts of what their gap weighs in the spline: more would let them drift apart again,
less would let the skin around them ripple."""
NECK = 0.25
"""Heads by which the head may go before the body follows."""
TEETH = 0.9
"""The edge of what shows between the lips lies this part of the way down to the lower lip."""
AWAY = 0.0
"""Cosine between the skin's normal and the line of sight below which skin begins to hide behind the head."""
FREE = 10.0
"""Stiffness that takes a point out of the spline."""

_EYELIDS = np.concatenate([np.concatenate([eye.upper, eye.lower, eye.corners]) for eye in EYES])
_FIRM = np.concatenate([mesh.LIPS_OUTER, mesh.LIPS_INNER, _EYELIDS])
PAIRS = (*((eye.upper, eye.lower) for eye in EYES), (mesh.LIP_UPPER, mesh.LIP_LOWER))
"""Contours that shut onto each other, point by point: upper, lower."""
HEAD = 17.0
"""cm: the head that the spline's unit is, in canonical space."""
_FOLDS = np.concatenate([mesh.LEFT_FOLDS, mesh.RIGHT_FOLDS])
_REST = np.concatenate([_FOLDS, mesh.LEFT_BROW, mesh.RIGHT_BROW, mesh.NOSE, mesh.CHEEKS, mesh.FOREHEAD, mesh.OVAL])
FACE = np.concatenate([_FIRM, np.setdiff1d(_REST, _FIRM)])
"""Landmarks that steer the warp."""
BUSY = np.concatenate([_EYELIDS, mesh.LIPS_INNER, mesh.LIPS_OUTER])
"""Landmarks around which the warp changes quickly."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Something about each side of the stage."""

    left: bool
    top: bool
    right: bool
    bottom: bool


@dataclass(frozen=True, slots=True)
class Controls:
    """Where the control points of an avatar are in its picture."""

    face: Array
    """(F, 2) the landmarks `FACE`."""
    teeth: Array
    """(T, 2) the lower edge of what the picture shows between the lips; none if they touch."""
    ring: Array
    """(R, 3) canonical points around the upper head that move rigidly with it."""
    shoulders: Array
    """(S, 2) points that stay as long as the head does not go far."""
    edge: Array
    """(E, 2) points at the edge of the stage that stay."""
    normals: Array
    """(F, 3) canonical: which way the skin faces at `face`."""
    rest: Motion
    """The motion of the picture itself."""


def free_sides(landmarks: Array, rest: Motion, stage: Stage, size: tuple[int, int], *, layered: bool) -> Sides:
    """At which sides of the stage nothing needs to be held still: those of the picture (size: width, height) itself,
    if the avatar moves before a background of its own (layered) or the head is cut off there. A body rests on the
    lower side.
    """
    reach = np.concatenate([_pose_points(_ring(rest), rest), landmarks[mesh.OVAL, :2]])
    low, high = reach.min(0), reach.max(0)
    right, bottom = stage.left + stage.width, stage.top + stage.height
    return Sides(
        left=stage.left == 0 and (layered or bool(low[0] < 0)),
        top=stage.top == 0 and (layered or bool(low[1] < 0)),
        right=right == size[0] and (layered or bool(high[0] > right)),
        bottom=bottom == size[1] and bool(high[1] > bottom),
    )


def controls(landmarks: Array, rest: Motion, stage: Stage, free: Sides, normals: Array) -> Controls:
    """Lay out the control points of an avatar once. normals: (478, 3) of the canonical face."""
    ring = _ring(rest)
    edge = _edge(stage, free, chin=float(landmarks[mesh.OVAL, 1].max()))
    shoulders = _inside(stage, _shoulders(landmarks))
    edge = edge[~_within(_pose_points(ring, rest), edge)]
    teeth = teeth_edge(rest, rest) if mouth_gap(rest.shape) > TOUCH else np.zeros((0, 2))
    return Controls(landmarks[FACE, :2], teeth, ring, shoulders, edge, normals[FACE], rest)


def sources(controls: Controls) -> Array:
    """(N, 2) the control points as they are in the picture."""
    ring = _pose_points(controls.ring, controls.rest)
    return np.concatenate([controls.face, controls.teeth, ring, controls.shoulders, controls.edge])


def targets(controls: Controls, motion: Motion) -> Array:
    """(N, 2) the control points as a motion moves them."""
    teeth = teeth_edge(controls.rest, motion)[: len(controls.teeth)]
    face = posed(replace(motion, expression=_with_slits(controls.rest, motion) - motion.keypoints))[FACE, :2]
    shoulders = controls.shoulders + _stride(controls, motion)
    return np.concatenate([face, teeth, _pose_points(controls.ring, motion), shoulders, controls.edge])


def _stride(controls: Controls, motion: Motion) -> Array:
    """(2,) px by which the body goes along: what the neck cannot reach."""
    step = (motion.translation - controls.rest.translation)[:2]
    way = float(np.linalg.norm(step))
    return np.asarray(step * max(way - NECK * controls.rest.scale * HEAD, 0.0) / max(way, 1e-6))


def teeth_edge(rest: Motion, motion: Motion) -> Array:
    """(9, 2) px: the lower edge of what a picture shows between the lips. It hangs from the upper lip.

    A mouth that opens wider than in the picture shows something new below this edge; one that closes covers it.
    """
    own, now = (m.shape[mesh.LIP_LOWER, 1] - m.shape[mesh.LIP_UPPER, 1] for m in (rest, motion))
    edge = motion.shape[mesh.LIP_UPPER]
    edge[:, 1] += TEETH * np.clip(np.minimum(own, now), 0, None)
    return _pose_points(edge, motion)


def _with_slits(rest: Motion, motion: Motion) -> Array:
    """(478, 3) canonical: the shape of a motion, with lids and lips never nearer than a slit."""
    shape, own = motion.shape, rest.shape
    widest = (*(NARROW * span(own, eye.corners) for eye in EYES), np.inf)
    for (upper, lower), most in zip(PAIRS, widest, strict=True):
        slit = np.minimum(SLIT * (own[lower, 1] - own[upper, 1]), most)
        short = slit - (shape[lower, 1] - shape[upper, 1])
        shape[upper, 1] -= np.maximum(short, 0) / 2
        shape[lower, 1] += np.maximum(short, 0) / 2
    return shape


def _slit_stiffness(rest: Motion, motion: Motion) -> Array:
    """(478,) how stiff lids and inner lips may be, so that the two sides of a narrow slit stay apart; else FIRM."""
    shape, stiff = _with_slits(rest, motion), np.full(LANDMARKS, FIRM)
    for upper, lower in PAIRS:
        gap = np.maximum(shape[lower, 1] - shape[upper, 1], 1e-3) / HEAD
        stiff[upper] = stiff[lower] = np.clip(-SQUEEZE * gap**2 * np.log(gap), 0, FIRM)
    return stiff


def stiffness(controls: Controls, motion: Motion) -> Array:
    """(N,) how much each control point gives way: skin does as it turns away."""
    face = np.full(len(FACE), SOFT)
    face[: len(_FIRM)] = _slit_stiffness(controls.rest, motion)[_FIRM]
    face += FREE * np.maximum(*(_hidden(controls.normals, m.rotation) for m in (controls.rest, motion))) ** 2
    teeth = np.full(len(controls.teeth), FIRM)
    body = np.full(len(controls.shoulders) + len(controls.edge), LOOSE)
    return np.concatenate([face, teeth, np.full(len(controls.ring), SOFT), body])


def _hidden(normals: Array, rotation: Array) -> Array:
    """(F,) 0: seen; 1: on the far side of the head."""
    facing = -(normals @ rotation.T)[:, 2]
    return np.asarray(np.clip((AWAY - facing) / 0.3, 0, 1))


def _ring(rest: Motion) -> Array:
    """The upper face oval, larger and at the depth of the ears, in canonical space."""
    shape = rest.shape
    ears = shape[mesh.EARS].mean(0)
    ring = ears + (shape[mesh.OVAL_UPPER] - ears) * HAIR
    ring[:, 2] = ears[2]
    return np.asarray(ring)


def _pose_points(points: Array, motion: Motion) -> Array:
    """(N, 3) canonical -> (N, 2) px, moving rigidly with the head."""
    return np.asarray((motion.scale * points @ motion.rotation.T + motion.translation)[:, :2])


def _within(outline: Array, points: Array) -> npt.NDArray[np.bool_]:
    """(N,) whether points (N, 2) lie inside a closed outline (M, 2)."""
    contour = outline.astype(np.float32)
    return np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), False) > 0 for x, y in points], bool)


def _edge(stage: Stage, free: Sides, chin: float, count: int = 9) -> Array:
    """(N, 2) points along the sides that are held; below the chin also along the others, where the body is."""
    x = stage.left + np.linspace(0, stage.width, count)
    y = stage.top + np.linspace(0, stage.height, count)
    top = [] if free.top else [(u, y[0]) for u in x]
    left = [(x[0], v) for v in y if v > chin or not free.left]
    right = [(x[-1], v) for v in y if v > chin or not free.right]
    return np.unique(np.array([*top, *left, *right, *((u, y[-1]) for u in x)]), axis=0)


def _inside(stage: Stage, points: Array) -> Array:
    """Those of (N, 2) points that lie on the stage."""
    low = np.array([stage.left, stage.top])
    return np.asarray(points[((points >= low) & (points <= low + [stage.width, stage.height])).all(1)])


def _shoulders(landmarks: Array) -> Array:
    """(14, 2) two rows under the chin that hold the body still."""
    head = head_size(landmarks)
    chin = landmarks[mesh.OVAL, 1].max()
    x = (landmarks[mesh.OVAL, 0].min() + landmarks[mesh.OVAL, 0].max()) / 2
    across = np.linspace(-1.2, 1.2, 7) * head
    return np.array([(x + dx, chin + down * head) for down in (0.6, 0.95) for dx in across])
