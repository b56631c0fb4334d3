"""The `lite` engine: 478 landmarks drive a dense warp of the avatar's picture. Real time on two CPU cores."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from threadpoolctl import ThreadpoolController

from reenact.crop import scaled, scaled_face
from reenact.faces.blendshapes import Blendshapes
from reenact.faces.pose import head_pose
from reenact.lite import control, mouth
from reenact.lite.appearance import Appearance, stage_picture
from reenact.lite.features import APART, EYES, eye_height, mouth_gap, retarget, with_lips_of
from reenact.lite.gaze import gaze
from reenact.lite.matte import face_area, fill_background, person_mask, trusted
from reenact.lite.stage import Stage, head_size
from reenact.lite.stage import stage as stage_of
from reenact.lite.warp import Spline, fade, fit, knots
from reenact.motion import posed, transfer
from reenact.network import Network, planar
from reenact.types import Array, Avatar, Crop, Face, Image, Motion

logger = logging.getLogger(__name__)

KNOTS = (72, 80)
"""Of the warp, across and down."""
TURNED = 0.6
"""Radians: a head that is turned this far is plainly not at rest."""
MARGIN = 0.12
"""Over this part of a head from the stage's edge the warp fades out."""


class LiteEngine:
    """An Engine by geometry alone."""

    def __init__(
        self,
        *,
        warp: Network,
        person: Network,
        blendshapes: Blendshapes,
        canonical: Array,
        normals: Array,
        mean_shape: Array,
        basis: Array,
        background: bool = True,
    ) -> None:
        """canonical, mean_shape: (478, 3) cm. normals: (478, 3) of the canonical face.

        basis: (52, 478, 3) cm per blendshape. background: keep it still.
        """
        self._warp = warp
        self._person = person
        self._blendshapes = blendshapes
        self.canonical = canonical
        self._normals = normals
        self._mean_shape = mean_shape
        self._basis = basis
        self._background = background
        self._blas = ThreadpoolController()

    def prepare(self, image: Image, face: Face, *, size: int | None = None) -> Avatar:
        """Scale the picture, part person from background, lay out the control points."""
        frame = scaled(image, 1.0 if size is None else size / min(image.shape[:2]))
        seen = scaled_face(face, image, frame)
        motion = self.motion(frame, seen)
        stage = stage_of(seen.landmarks, frame.shape[1], frame.shape[0])
        appearance = self._appearance(image, frame, seen, motion, stage)
        return Avatar(frame, Crop(stage.cut(frame), stage.to_frame), seen, motion, appearance)

    def motion(self, image: Image, face: Face) -> Motion:
        """Head pose by Procrustes on bony points; what remains of the shape is expression (and identity)."""
        landmarks = _with_iris_depth(face.landmarks)
        pose = head_pose(landmarks, self.canonical)
        shape = (landmarks - pose.translation) @ pose.rotation / pose.scale
        return Motion(self.canonical, shape - self.canonical, pose.rotation, pose.translation, pose.scale)

    def transfer(self, avatar: Motion, actor: Motion, neutral: Motion) -> Motion:
        """Relative motion, with lids, lips and brows in proportion to the avatar's own."""
        shape = retarget(_shape(avatar), _shape(actor), _shape(neutral))
        return replace(transfer(avatar, actor, neutral), expression=shape - avatar.keypoints)

    def adopt(self, avatar: Motion, actor: Motion) -> Motion:
        """Absolute motion: the actor's pose; the expression by blendshapes, which know no identity."""
        own, seen = (self._stand_in(motion) for motion in (avatar, actor))
        shape = retarget(_shape(avatar), seen, own)
        return replace(avatar, expression=shape - avatar.keypoints, rotation=actor.rotation)

    def effort(self, motion: Motion) -> float:
        """Open mouth, shut eyes and turned head, added up."""
        shape, turn = _shape(motion), np.arccos(np.clip((np.trace(motion.rotation) - 1) / 2, -1, 1))
        shut = 1 - min(eye_height(shape, eye) / eye_height(self._mean_shape, eye) for eye in EYES)
        return float(mouth_gap(shape) / APART + max(shut, 0) + turn / TURNED)

    def animate(self, avatar: Avatar, motion: Motion) -> Image:
        """Solve the spline, draw the mouth's opening, run the graph."""
        look = avatar.appearance
        assert isinstance(look, Appearance), "an avatar of another engine"
        with self._blas.limit(limits=1, user_api="blas"):  # a second thread that spins costs more than it solves
            spline = _spline(look, motion)
        out = self._warp(
            picture=look.picture,
            background=look.background,
            tint=look.tint,
            gain=look.gain,
            bias=look.bias,
            opening=_opening(look, motion),
            gaze=_gaze(look, spline, motion),
            centers=spline.centers.astype(np.float32),
            weights=np.concatenate([spline.weights, spline.affine]).astype(np.float32),
            **_knots(look, look.to_stage(posed(motion)[control.BUSY, :2])),
        )
        return np.asarray(out["image"], np.uint8)

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

    def _stand_in(self, motion: Motion) -> Array:
        """(478, 3) canonical: nobody's face with a motion's expression; how far lips part needs no blendshape."""
        return with_lips_of(self.mean_face(self._blendshapes(posed(motion))), _shape(motion))


def _shape(motion: Motion) -> Array:
    return motion.keypoints + motion.expression


def _with_iris_depth(landmarks: Array) -> Array:
    """Irises at the depth of their eye's corners: the network's own guess trembles."""
    landmarks = landmarks.copy()
    for eye in EYES:
        landmarks[eye.iris, 2] = landmarks[eye.corners, 2].mean()
    return landmarks


def _opening(look: Appearance, motion: Motion) -> Array:
    """(1, 1, H, W) float32 0..1"""
    rest = look.controls.rest
    contour = mouth.hole(rest, motion) - [look.stage.left, look.stage.top]
    inside = mouth.opening(contour, look.stage.width, look.stage.height)
    return (inside * np.float32(mouth.darkness(rest, motion)))[None, None]


def _gaze(look: Appearance, spline: Spline, motion: Motion) -> Array:
    """(H, W, 2) float32 stage units"""
    origin, size = np.array([look.stage.left, look.stage.top]), (look.stage.width, look.stage.height)
    return gaze(spline, look.controls.rest, motion, origin, look.unit, size)


def _spline(look: Appearance, motion: Motion) -> Spline:
    """Displacements from moved points back to the picture, stage units."""
    moved = look.to_stage(control.targets(look.controls, motion))
    back = look.to_stage(control.sources(look.controls)) - moved
    return fit(moved, back, control.stiffness(look.controls, motion))


def _knots(look: Appearance, busy: Array) -> dict[str, Array]:
    """Where the graph evaluates the spline; `busy` (N, 2) stage units: where it changes quickly."""
    across, down = (
        knots(np.arange(pixels) / look.unit, busy[:, axis], count)
        for axis, (pixels, count) in enumerate(zip((look.stage.width, look.stage.height), KNOTS, strict=True))
    )
    fade_x = fade(across.positions, MARGIN, start=not look.free.left, end=not look.free.right)
    fade_y = fade(down.positions, MARGIN, start=not look.free.top, end=not look.free.bottom)
    tensors = {
        "knots_x": across.positions,
        "knots_y": down.positions,
        "upsample_x": across.upsample,
        "upsample_y": down.upsample,
        "fade": np.outer(fade_y, fade_x),
    }
    return {name: value.astype(np.float32) for name, value in tensors.items()}
