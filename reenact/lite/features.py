"""Expressions from one face to another: lids, lips and brows move in proportion to the face that wears them.

Pure. All shapes are (478, 3) in canonical space (cm, image axes), head pose taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.faces import mesh
from reenact.faces.mesh import Ids
from reenact.types import Array, Motion

TOUCH = 0.025
"""Lips nearer than this part of the mouth's width touch."""
PARTED = 0.06
"""Lips farther apart than this part of the mouth's width are not taken for shut ones any more."""
SHUT = 0.15
"""The landmarks of a shut eye keep this part of the open eye's height between the lids."""
WIDEST, PLAIN = 1.8, 0.35
"""An eye opens no wider than this: in parts of its own height, or in parts of its width, whichever is more."""
HALF_OPEN = 0.15
"""An eye that is awake is at least so high, in parts of its width."""
ASLEEP = (0.03, 0.08)
"""An eye that is less high than the first, in parts of its width, is shut; one higher than the second is not."""
APART = 0.12
"""Lips farther apart than this part of the mouth's width are plainly open."""
PURSED = 0.46
"""A neutral mouth is at least so wide, in parts of the distance of the outer eye corners; narrower ones are pursed."""
STRETCH = 1.5
"""No mouth gets wider or narrower than so many times its own width."""
LOOK = 0.2
"""No iris comes nearer to a corner of its eye than this part of the eye's width, unless it does in the picture."""


@dataclass(frozen=True, slots=True)
class Eye:
    """The landmarks of one eye."""

    upper: Ids
    lower: Ids
    corners: Ids
    folds: Ids
    brow: Ids
    iris: Ids

    @property
    def lids(self) -> Ids:
        """Both, and the folds that move with them."""
        return np.concatenate([self.upper, self.lower, self.folds])

    @property
    def outline(self) -> Ids:
        """Along the upper lid and back along the lower one."""
        return np.concatenate([self.corners[:1], self.upper, self.corners[1:], self.lower[::-1]])


EYES = (
    Eye(
        mesh.LEFT_LID_UPPER,
        mesh.LEFT_LID_LOWER,
        mesh.LEFT_CORNERS,
        mesh.LEFT_FOLDS,
        mesh.LEFT_BROW,
        mesh.LEFT_IRIS,
    ),
    Eye(
        mesh.RIGHT_LID_UPPER,
        mesh.RIGHT_LID_LOWER,
        mesh.RIGHT_CORNERS,
        mesh.RIGHT_FOLDS,
        mesh.RIGHT_BROW,
        mesh.RIGHT_IRIS,
    ),
)
_LIPS = np.union1d(mesh.LIPS_OUTER, mesh.LIPS_INNER)
_OUTER_CORNERS = np.array([eye.corners[0] for eye in EYES])


def retarget(avatar: Array, actor: Array, neutral: Array) -> Array:
    """The avatar's shape when it does what the actor does.

    Offsets from neutral are scaled to the avatar's eyes, brows and mouth; lids close as far, in parts of their own
    opening, as the actor's do; lips that touch on the actor touch on the avatar. An actor at rest leaves an avatar
    unmoved, but for the lips of one that shows an open mouth while the actor's is shut.
    """
    shape = avatar + (actor - neutral) * feature_scales(avatar, neutral)[:, None]
    for eye in EYES:
        shape[eye.upper], shape[eye.lower] = _lids(eye, shape, avatar, actor, neutral)
        shape[eye.iris] += _back_into(eye, shape, avatar)
    shape[mesh.LIP_UPPER], shape[mesh.LIP_LOWER] = _lips(shape, avatar, actor, neutral)
    shape[_LIPS, 0] = _within_reach(shape[_LIPS, 0], mouth_width(shape) / mouth_width(avatar))
    return shape


def feature_scales(avatar: Array, neutral: Array) -> Array:
    """(478,) by how much each point's offset grows from the actor's face to the avatar's."""
    scales = np.ones(len(avatar))
    for eye in EYES:
        opening = _ratio(_awake_height(avatar, eye), _awake_height(neutral, eye))
        scales[eye.lids] = opening
        scales[eye.brow] = _ratio(_brow_height(avatar, eye), _brow_height(neutral, eye))
        scales[eye.iris] = _ratio(span(avatar, eye.corners), span(neutral, eye.corners))
    scales[_LIPS] = _ratio(mouth_width(avatar), max(mouth_width(neutral), PURSED * eye_distance(neutral)))
    return scales


def eye_height(shape: Array, eye: Eye) -> float:
    """Mean vertical distance between the lids."""
    return float(_gaps(shape, eye.upper, eye.lower).mean())


def _awake_height(shape: Array, eye: Eye) -> float:
    """That between the lids, or what it would at least be were the eye awake: that of a shut eye says nothing."""
    return max(eye_height(shape, eye), HALF_OPEN * span(shape, eye.corners))


def sleep(shape: Array, eye: Eye) -> float:
    """0: awake; 1: shut, in a picture that shows nothing of the eyeball."""
    return 1 - _smoothstep(eye_height(shape, eye) / span(shape, eye.corners), *ASLEEP)


def shutness(eye: Eye, rest: Motion, motion: Motion) -> float:
    """0: at least half as open as at rest; 1: shut."""
    own, now = (eye_height(m.shape, eye) for m in (rest, motion))
    return float(np.clip(1.2 - 2 * now / own, 0, 1))


def glance(shape: Array) -> float:
    """How far both eyes look aside, in parts of an eye's width; 0: straight, below: to the picture's left."""
    aside = [(shape[eye.iris[0]] - shape[eye.corners].mean(0))[0] / span(shape, eye.corners) for eye in EYES]
    return float(np.mean(aside))


def eye_distance(shape: Array) -> float:
    """Between the outer corners."""
    return span(shape, _OUTER_CORNERS)


def mouth_width(shape: Array) -> float:
    """Between the inner corners."""
    return span(shape, mesh.MOUTH_CORNERS)


def mouth_gap(shape: Array) -> float:
    """Between the inner lips, at its widest, in parts of the mouth's width; 0 when they touch."""
    return float(np.max(_gaps(shape, mesh.LIP_UPPER, mesh.LIP_LOWER))) / mouth_width(shape)


def with_lips_of(shape: Array, wearer: Array) -> Array:
    """A shape whose inner lips are as far apart as the wearer's, in parts of the mouth's width."""
    shape = shape.copy()
    gap = _gaps(wearer, mesh.LIP_UPPER, mesh.LIP_LOWER) * (mouth_width(shape) / mouth_width(wearer))
    shape[mesh.LIP_UPPER], shape[mesh.LIP_LOWER] = with_gap(shape, mesh.LIP_UPPER, mesh.LIP_LOWER, gap)
    return shape


def _lids(eye: Eye, shape: Array, avatar: Array, actor: Array, neutral: Array) -> tuple[Array, Array]:
    """Both lids, with each gap in the actor's proportion while it closes."""
    moved, own, seen, rest = (_gaps(x, eye.upper, eye.lower) for x in (shape, avatar, actor, neutral))
    closing = own * np.clip((seen / rest - SHUT) / (1 - SHUT), 0, 1)
    most = np.maximum(WIDEST * own, PLAIN * span(avatar, eye.corners))
    return with_gap(shape, eye.upper, eye.lower, np.where(seen < rest, closing, np.minimum(moved, most)))


def _back_into(eye: Eye, shape: Array, avatar: Array) -> Array:
    """(3,) what brings an iris back that left its eye."""
    now, own = _along(eye, shape), _along(eye, avatar)
    first, last = shape[eye.corners]
    return np.asarray((np.clip(now, min(own, LOOK), max(own, 1 - LOOK)) - now) * (last - first))


def _along(eye: Eye, shape: Array) -> float:
    """Where the iris is between the corners, 0..1."""
    first, last = shape[eye.corners]
    return float((shape[eye.iris[0]] - first) @ (last - first) / ((last - first) @ (last - first)))


def _within_reach(across: Array, wider: float) -> Array:
    """Lips (N,) that are drawn together or apart: as they are up to half of what is possible, then ever less."""
    most, wish = np.log(STRETCH), np.log(wider)
    limited = np.sign(wish) * (min(abs(wish), most / 2) + most / 2 * np.tanh(max(2 * abs(wish) / most - 1, 0)))
    middle = (across.min() + across.max()) / 2
    return np.asarray(middle + (across - middle) * np.exp(limited - wish))


def _lips(shape: Array, avatar: Array, actor: Array, neutral: Array) -> tuple[Array, Array]:
    """Both inner lips, never crossed, and touching where the actor's touch."""
    gap, own, seen, rest = (_gaps(x, mesh.LIP_UPPER, mesh.LIP_LOWER) for x in (shape, avatar, actor, neutral))
    gap = np.where(seen < rest, own * np.clip(seen / np.maximum(rest, 1e-6), 0, 1), gap)
    width = mouth_width(avatar)
    closed = np.minimum(own, TOUCH * width)
    gap = gap + (np.minimum(gap, closed) - gap) * (1 - _smoothstep(mouth_gap(actor), TOUCH, PARTED))
    return with_gap(shape, mesh.LIP_UPPER, mesh.LIP_LOWER, np.maximum(gap, 0))


def with_gap(shape: Array, upper: Ids, lower: Ids, gap: Array) -> tuple[Array, Array]:
    """The two contours, opened or closed about their middle to a vertical gap (N,)."""
    top, bottom = shape[upper].copy(), shape[lower].copy()
    change = (gap - (bottom[:, 1] - top[:, 1])) / 2
    top[:, 1] -= change
    bottom[:, 1] += change
    return top, bottom


def _gaps(shape: Array, upper: Ids, lower: Ids) -> Array:
    """(N,) how far each lower point lies below its upper one; 0 or more."""
    return np.asarray(np.maximum(shape[lower, 1] - shape[upper, 1], 1e-6))


def _brow_height(shape: Array, eye: Eye) -> float:
    return float(np.linalg.norm(shape[eye.brow].mean(0) - shape[eye.corners].mean(0)))


def span(shape: Array, pair: Ids) -> float:
    """Between two points."""
    return float(np.linalg.norm(shape[pair[0]] - shape[pair[1]]))


def _ratio(avatar: float, neutral: float) -> float:
    return float(np.clip(avatar / max(neutral, 1e-6), 0.4, 2.5))


def _smoothstep(value: float, low: float, high: float) -> float:
    part = min(max((value - low) / (high - low), 0.0), 1.0)
    return part * part * (3 - 2 * part)
