"""Control points of the warp: which points of an avatar move with which part of it, and which stay.

Coordinates: px of the output frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from reenact.faces import mesh
from reenact.lite.features import EYES, TOUCH, mouth_gap
from reenact.motion import posed
from reenact.types import LANDMARKS, Array, Image, Motion

HAIR = 1.45
"""The ring that carries the hair lies this much farther out than the upper face oval."""
LOOSE, SOFT, FIRM = 5e-2, 3e-3, 2e-4
"""Stiffness of the spline at what stays, at cheeks and hair, and at the contours that must sit right; heads squared."""
SLIT = 0.18
"""Lids and lips that shut keep this part of their own opening: the spline must squeeze what lies between them."""
SQUEEZE = 0.7
"""Stiffness of lids and lips, in parts of what their gap weighs in the spline: more would let them drift apart again,
less would let the skin around them ripple."""
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
class Stage:
    """The part of the output frame in which an avatar can move; whole px."""

    left: int
    top: int
    width: int
    height: int

    @property
    def to_frame(self) -> Array:
        """(2, 3) affine: stage px -> frame px."""
        return np.array([[1.0, 0, self.left], [0, 1.0, self.top]])

    def cut(self, frame: Image) -> Image:
        """The stage of a frame."""
        return np.ascontiguousarray(frame[self.top : self.top + self.height, self.left : self.left + self.width])


@dataclass(frozen=True, slots=True)
class Controls:
    """Where the control points of an avatar are in its picture."""

    face: Array
    """(F, 2) the landmarks `FACE`."""
    teeth: Array
    """(T, 2) the lower edge of what the picture shows between the lips; none if they touch."""
    ring: Array
    """(R, 3) canonical points around the upper head that move rigidly with it."""
    fixed: Array
    """(S, 2) points that stay: the edge of the stage, the shoulders."""
    normals: Array
    """(F, 3) canonical: which way the skin faces at `face`."""
    rest: Motion
    """The motion of the picture itself."""


def head_size(landmarks: Array) -> float:
    """px: the longer side of the face oval's bounding box; the yardstick of everything here."""
    oval = landmarks[mesh.OVAL, :2]
    return float((oval.max(0) - oval.min(0)).max())


def stage(landmarks: Array, width: int, height: int) -> Stage:
    """As far as a head can reach from where it is, inside a frame of width x height px."""
    head = head_size(landmarks)
    oval = landmarks[mesh.OVAL, :2]
    x, y = (oval.min(0) + oval.max(0)) / 2
    left, right = max(int(x - 1.9 * head), 0), min(int(x + 1.9 * head), width)
    top, bottom = max(int(y - 1.6 * head), 0), min(int(y + 2.1 * head), height)
    return Stage(left, top, right - left, bottom - top)


def controls(landmarks: Array, rest: Motion, stage: Stage, normals: Array) -> Controls:
    """Lay out the control points of an avatar once. normals: (478, 3) of the canonical face."""
    ring = _ring(rest)
    fixed = np.concatenate([_edge(stage), _shoulders(landmarks)])
    inside = (fixed >= [stage.left, stage.top]) & (fixed <= [stage.left + stage.width, stage.top + stage.height])
    fixed = fixed[inside.all(1) & ~_within(_pose_points(ring, rest), fixed)]
    teeth = teeth_edge(rest, rest) if mouth_gap(_shape(rest)) > TOUCH else np.zeros((0, 2))
    return Controls(landmarks[FACE, :2], teeth, ring, fixed, normals[FACE], rest)


def crossed(controls: Controls, stage: Stage) -> tuple[bool, bool, bool, bool]:
    """Whether the head is cut off at the left, top, right, bottom of the stage, which then cannot be held still."""
    ring = _pose_points(controls.ring, controls.rest)
    low, high = np.minimum(ring.min(0), controls.face.min(0)), np.maximum(ring.max(0), controls.face.max(0))
    start, end = (stage.left, stage.top), (stage.left + stage.width, stage.top + stage.height)
    return bool(low[0] < start[0]), bool(low[1] < start[1]), bool(high[0] > end[0]), bool(high[1] > end[1])


def sources(controls: Controls) -> Array:
    """(N, 2) the control points as they are in the picture."""
    return np.concatenate([controls.face, controls.teeth, _pose_points(controls.ring, controls.rest), controls.fixed])


def targets(controls: Controls, motion: Motion) -> Array:
    """(N, 2) the control points as a motion moves them."""
    teeth = teeth_edge(controls.rest, motion)[: len(controls.teeth)]
    face = posed(replace(motion, expression=_with_slits(controls.rest, motion) - motion.keypoints))[FACE, :2]
    return np.concatenate([face, teeth, _pose_points(controls.ring, motion), controls.fixed])


def teeth_edge(rest: Motion, motion: Motion) -> Array:
    """(9, 2) px: the lower edge of what a picture shows between the lips. It hangs from the upper lip.

    A mouth that opens wider than in the picture shows something new below this edge; one that closes covers it.
    """
    own, now = (_shape(m)[mesh.LIP_LOWER, 1] - _shape(m)[mesh.LIP_UPPER, 1] for m in (rest, motion))
    edge = _shape(motion)[mesh.LIP_UPPER].copy()
    edge[:, 1] += TEETH * np.clip(np.minimum(own, now), 0, None)
    return _pose_points(edge, motion)


def _with_slits(rest: Motion, motion: Motion) -> Array:
    """(478, 3) canonical: the shape of a motion, with lids and lips never nearer than a slit."""
    shape, own = _shape(motion).copy(), _shape(rest)
    for upper, lower in PAIRS:
        short = SLIT * (own[lower, 1] - own[upper, 1]) - (shape[lower, 1] - shape[upper, 1])
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
    return np.concatenate([face, teeth, np.full(len(controls.ring), SOFT), np.full(len(controls.fixed), LOOSE)])


def _hidden(normals: Array, rotation: Array) -> Array:
    """(F,) 0: seen; 1: on the far side of the head."""
    facing = -(normals @ rotation.T)[:, 2]
    return np.asarray(np.clip((AWAY - facing) / 0.3, 0, 1))


def _ring(rest: Motion) -> Array:
    """The upper face oval, larger and at the depth of the ears, in canonical space."""
    shape = _shape(rest)
    ears = shape[mesh.EARS].mean(0)
    ring = ears + (shape[mesh.OVAL_UPPER] - ears) * HAIR
    ring[:, 2] = ears[2]
    return np.asarray(ring)


def _shape(motion: Motion) -> Array:
    return motion.keypoints + motion.expression


def _pose_points(points: Array, motion: Motion) -> Array:
    """(N, 3) canonical -> (N, 2) px, moving rigidly with the head."""
    return np.asarray((motion.scale * points @ motion.rotation.T + motion.translation)[:, :2])


def _within(outline: Array, points: Array) -> npt.NDArray[np.bool_]:
    """(N,) whether points (N, 2) lie inside a closed outline (M, 2)."""
    contour = outline.astype(np.float32)
    return np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), False) > 0 for x, y in points], bool)


def _edge(stage: Stage, count: int = 9) -> Array:
    """(4 * count - 4, 2) points along the stage's edge."""
    x = stage.left + np.linspace(0, stage.width, count)
    y = stage.top + np.linspace(0, stage.height, count)
    top_bottom = [(u, v) for u in x for v in (y[0], y[-1])]
    sides = [(u, v) for v in y[1:-1] for u in (x[0], x[-1])]
    return np.array(top_bottom + sides)


def _shoulders(landmarks: Array) -> Array:
    """(14, 2) two rows under the chin that hold the body still."""
    head = head_size(landmarks)
    chin = landmarks[mesh.OVAL, 1].max()
    x = (landmarks[mesh.OVAL, 0].min() + landmarks[mesh.OVAL, 0].max()) / 2
    across = np.linspace(-1.2, 1.2, 7) * head
    return np.array([(x + dx, chin + down * head) for down in (0.6, 0.95) for dx in across])
