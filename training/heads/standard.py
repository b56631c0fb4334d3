"""The standard head, drawn plainly and looked at by our own tracker: so the landmarks are found on the mesh."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from reenact.faces.finder import Finder
from reenact.faces.pose import Pose
from reenact.types import Array, Image
from training.heads.acting import Moment
from training.heads.fit import Fit, Places, places
from training.heads.head import Head
from training.heads.mesh import Anatomy
from training.heads.paint import Light, Painter
from training.heads.portrait import SIZE
from training.heads.shade import Colours

SCALE = 24.0
"""px per cm."""
SKIN, LIPS, BROWS = (205, 165, 140), (165, 90, 85), (60, 40, 30)
COLOURS = Colours(
    teeth=np.array([0.75, 0.68, 0.55]),
    gums=np.array([0.45, 0.16, 0.15]),
    tongue=np.array([0.5, 0.2, 0.18]),
    lips=np.array([0.35, 0.15, 0.13]),
    lashes=np.array([0.02, 0.015, 0.01]),
    light=np.ones(3),
)
LIGHT = Light(sun=(0.3, 0.5, 0.81), iris=(0.12, 0.06, 0.03), white=(0.7, 0.68, 0.66), pupil=0.16, seed=1.0, rim=0.42)


def standard_places(anatomy: Anatomy, painter: Painter, finder: Finder) -> Places:
    """Where on the skin the landmarks lie."""
    neutral = anatomy.neutral(dict.fromkeys(anatomy.model.phenotype_labels, 0.5))
    eyes = neutral[np.concatenate(anatomy.eyes)].mean(0)
    pose = Pose(np.eye(3), SCALE, np.array([SIZE / 2, 0.42 * SIZE, 0]) - SCALE * eyes)
    eyes_at = SCALE * np.array([neutral[ball].mean(0) for ball in anatomy.eyes])[:, :2] + pose.translation[:2]
    straight = RBFInterpolator(np.eye(4)[:, :3], np.zeros((4, 2)), kernel="linear")
    head = Head(
        anatomy,
        neutral,
        Fit(pose, straight, np.zeros((4, 2))),
        COLOURS,
        irises=eyes_at,
        iris=0.6 * SCALE,
        coverage=lambda skin: np.ones(len(skin)),
        rng=np.random.default_rng(0),
    )
    painter.dress(_make_up(anatomy, head.skin))
    seen = [
        _seen(painter, head, Moment(expression, (0, 0), np.eye(3)), finder) for expression in ({}, {"jawOpen": 0.45})
    ]
    (shut, at), (opened, at_open) = seen
    return places(anatomy, shut, head.facing, at, opened, at_open)


def _make_up(anatomy: Anatomy, skin: Array) -> Image:
    """Lips and brows, so that there is something to see."""
    picture = np.full((SIZE, SIZE, 3), SKIN, np.uint8)
    x, y, _ = skin[anatomy.mouth.ring].mean(0)
    cv2.ellipse(picture, (int(x), int(y)), (int(2.35 * SCALE), int(0.75 * SCALE)), 0, 0, 360, LIPS, -1)
    for socket in anatomy.sockets:
        x, y = skin[socket.ring, 0].mean(), skin[socket.ring, 1].min() - 0.95 * SCALE
        cv2.ellipse(picture, (int(x), int(y)), (int(1.7 * SCALE), int(0.22 * SCALE)), 0, 0, 360, BROWS, -1)
    return cv2.GaussianBlur(picture, (0, 0), 2.0)


def _seen(painter: Painter, head: Head, moment: Moment, finder: Finder) -> tuple[Array, Array]:
    """The skin (V, 3) px and the landmarks (478, 3) px."""
    vertices, corners, skin = head(moment)
    linear = painter(vertices, corners, LIGHT)
    shown = np.clip(linear[..., :3] + 0.15 * (1 - linear[..., 3:]), 0, 1) ** (1 / 2.2)
    image = (255 * shown).astype(np.uint8)
    return skin, finder.settle(image, finder.only(image)).landmarks
