"""The `lite` engine: 478 landmarks drive a dense warp of the avatar's picture. Real time on two CPU cores."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from threadpoolctl import ThreadpoolController

from reenact.crop import scaled, scaled_face
from reenact.faces.blendshapes import NAMES, Blendshapes
from reenact.faces.pose import head_pose
from reenact.lite import control, mouth
from reenact.lite.appearance import Appearance, stage_picture
from reenact.lite.drawing import region_tensors, warp_tensors
from reenact.lite.features import APART, EYES, eye_height, glance, mouth_gap, mouth_width, retarget, sleep, with_lips_of
from reenact.lite.glimpse import glimpse
from reenact.lite.matte import face_area, fill_background, person_mask, trusted
from reenact.lite.stage import Stage, head_size
from reenact.lite.stage import stage as stage_of
from reenact.motion import posed, transfer, turn
from reenact.network import Network, planar
from reenact.types import Array, Avatar, Crop, Face, Image, Motion

logger = logging.getLogger(__name__)

TURNED = 0.6
"""Radians: a head that is turned this far is plainly not at rest."""
DRAWN, ASIDE = 0.25, 0.15
"""Of the mouth's width (its logarithm) and of an eye's: lips drawn and eyes averted by so much are not at rest."""
BLINK = ("eyeBlinkLeft", "eyeBlinkRight")
LIVELY = {"jawOpen": 0.6} | dict.fromkeys(BLINK, 0.5)
"""Blendshapes, 0..1: somebody who shouts and blinks."""


class LiteEngine:
    """An Engine by geometry alone."""

    def __init__(
        self,
        *,
        draw: Network,
        person: Network,
        blendshapes: Blendshapes,
        canonical: Array,
        normals: Array,
        mean_shape: Array,
        basis: Array,
        background: bool = True,
        paints: bool = True,
    ) -> None:
        """canonical, mean_shape: (478, 3) cm. normals: (478, 3) of the canonical face.

        basis: (52, 478, 3) cm per blendshape. background: keep it still. paints: `draw` has generators.
        """
        self._draw = draw
        self._person = person
        self._blendshapes = blendshapes
        self.canonical = canonical
        self._normals = normals
        self._mean_shape = mean_shape
        self._basis = basis
        self._blink = basis[[NAMES.index(name) for name in BLINK]].sum(0)
        self._background = background
        self._paints = paints
        self._blas = ThreadpoolController()

    def prepare(self, image: Image, face: Face, *, size: int | None = None) -> Avatar:
        """Scale the picture, part person from background, lay out the control points."""
        frame = scaled(image, 1.0 if size is None else size / min(image.shape[:2]))
        seen = scaled_face(face, image, frame)
        motion = self.motion(frame, seen)
        stage = stage_of(seen.landmarks, frame.shape[1], frame.shape[0])
        appearance = self._appearance(image, frame, seen, motion, stage)
        avatar = Avatar(frame, Crop(stage.cut(frame), stage.to_frame), seen, motion, appearance)
        if self._paints:  # so that backends are ready, and `auto` judges what is painted: at rest that is nothing
            self.animate(avatar, replace(self.acting(motion, LIVELY), glimpse=motion.glimpse))
        return avatar

    def motion(self, image: Image, face: Face) -> Motion:
        """Head pose by Procrustes on bony points; what remains of the shape is expression (and identity)."""
        landmarks = _with_iris_depth(face.landmarks)
        pose = head_pose(landmarks, self.canonical)
        shape = (landmarks - pose.translation) @ pose.rotation / pose.scale
        seen = Motion(self.canonical, shape - self.canonical, pose.rotation, pose.translation, pose.scale)
        return replace(seen, glimpse=glimpse(image, seen))

    def transfer(self, avatar: Motion, actor: Motion, neutral: Motion) -> Motion:
        """Relative motion, with lids, lips and brows in proportion to the avatar's own; eyes that sleep are woken."""
        shape = retarget(avatar.shape, actor.shape, self._as_asleep(neutral.shape, avatar.shape))
        moved = transfer(avatar, actor, neutral)
        return replace(moved, expression=shape - avatar.keypoints, glimpse=actor.glimpse)

    def adopt(self, avatar: Motion, actor: Motion) -> Motion:
        """Absolute motion: the actor's pose; the expression by blendshapes, which know no identity."""
        own, seen = (self._stand_in(motion) for motion in (avatar, actor))
        shape = retarget(avatar.shape, seen, own)
        expression = shape - avatar.keypoints
        return replace(avatar, expression=expression, rotation=actor.rotation, glimpse=actor.glimpse)

    def acting(self, avatar: Motion, worn: Mapping[str, float]) -> Motion:
        """The avatar's own motion with blendshapes added, 0..1 by name."""
        weights = np.array([worn.get(name, 0.0) for name in NAMES])
        shape = retarget(avatar.shape, self.mean_face(weights), self._mean_shape)
        return replace(avatar, expression=shape - avatar.keypoints, glimpse=None)

    def effort(self, motion: Motion) -> float:
        """Open, pursed or drawn mouth, shut eyes, eyes that look aside, and turned head, added up."""
        shape = motion.shape
        shut = 1 - min(eye_height(shape, eye) / eye_height(self._mean_shape, eye) for eye in EYES)
        drawn = abs(np.log(mouth_width(shape) / mouth_width(self._mean_shape)))
        lips = mouth_gap(shape) / APART + drawn / DRAWN
        return float(lips + max(shut, 0) + abs(glance(shape)) / ASIDE + turn(motion.rotation) / TURNED)

    def animate(self, avatar: Avatar, motion: Motion) -> Image:
        """Run the graph."""
        look = avatar.appearance
        assert isinstance(look, Appearance), "an avatar of another engine"
        out = self._draw(**self.tensors(look, motion))
        return np.asarray(out["image"], np.uint8)

    def tensors(self, look: Appearance, motion: Motion) -> dict[str, Array]:
        """What the graph is given to draw an avatar as a motion moves it."""
        with self._blas.limit(limits=1, user_api="blas"):  # a second thread that spins costs more than it solves
            return warp_tensors(look, motion) | (region_tensors(look, motion) if self._paints else {})

    def _appearance(self, image: Image, frame: Image, face: Face, motion: Motion, stage: Stage) -> Appearance:
        head = head_size(face.landmarks)
        still = stage.cut(frame)
        mask = self._mask(still, face.landmarks - [stage.left, stage.top, 0], head)
        behind = fill_background(still, mask, head)
        size = (frame.shape[1], frame.shape[0])
        free = control.free_sides(face.landmarks, motion, stage, size, layered=bool(mask.min() == 0))
        controls = control.controls(face.landmarks, motion, stage, free, self._normals)
        picture, gain, bias = stage_picture(image, frame, stage, mask, head)
        return Appearance(
            picture=picture,
            background=planar(behind, 1, 0),
            tint=mouth.tint(frame, face.landmarks).astype(np.float32).reshape(1, 3, 1, 1),
            gain=gain,
            bias=bias,
            stage=stage,
            controls=controls,
            free=free,
            unit=head,
        )

    def _mask(self, still: Image, landmarks: Array, head: float) -> Array:
        everything = np.ones(still.shape[:2], np.float32)
        if not self._background:
            return everything
        mask = person_mask(self._person, still, head)
        face = face_area(landmarks, still.shape[1], still.shape[0])
        if trusted(mask, face):
            return np.maximum(mask, face)
        logger.warning("the person could not be told from the background: it will move along with the head")
        return everything

    def mean_face(self, weights: Array) -> Array:
        """(478, 3) canonical: nobody's face, wearing blendshapes (52,)."""
        return np.asarray(self._mean_shape + np.tensordot(weights, self._basis, 1))

    def _as_asleep(self, neutral: Array, avatar: Array) -> Array:
        """(478, 3) canonical: the neutral, with eyes shut where the avatar's are: open ones then mean to open them."""
        shape = neutral.copy()
        for eye in EYES:
            shut = max(sleep(avatar, eye) - sleep(neutral, eye), 0.0)
            larger = eye_height(neutral, eye) / eye_height(self._mean_shape, eye)
            moving = np.concatenate([eye.lids, eye.iris])
            shape[moving] += shut * larger * self._blink[moving]
        return shape

    def _stand_in(self, motion: Motion) -> Array:
        """(478, 3) canonical: nobody's face with a motion's expression; how far lips part needs no blendshape."""
        return with_lips_of(self.mean_face(self._blendshapes(posed(motion))), motion.shape)


def _with_iris_depth(landmarks: Array) -> Array:
    """Irises at the depth of their eye's corners: the network's own guess trembles."""
    landmarks = landmarks.copy()
    for eye in EYES:
        landmarks[eye.iris, 2] = landmarks[eye.corners, 2].mean()
    return landmarks
