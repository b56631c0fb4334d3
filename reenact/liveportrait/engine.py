"""The `liveportrait` engine: keypoints move a remembered volume, a generator paints it. For machines with a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reenact.crop import apply, sample, scaled, scaled_face
from reenact.liveportrait import framing, points
from reenact.liveportrait.directions import Directions
from reenact.liveportrait.finish import Finish
from reenact.liveportrait.framing import Follower, Look, by_mesh, face_square
from reenact.liveportrait.window import Window, soft_square, window
from reenact.motion import turn
from reenact.network import Network, Tensor, planar
from reenact.types import Array, Avatar, Face, Image, Motion

TURNED = 0.6
"""Radians: a head that is turned this far is plainly not at rest."""
OPEN_EYE = 0.28
"""Of its width: how high an eye at rest is."""
OPEN_LIPS = 0.3
"""Of their width: lips this far apart are plainly open."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the engine remembers of an avatar."""

    volume: Tensor
    """(1, C, D, S, S) float32, the networks' own."""
    still: Array
    """(21, 3) keypoints in the picture, -1..1 over the square."""
    window: Window


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow network in two steps, so that the one with the places in it keeps its precision."""

    spread: Network
    settle: Network

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        """volume, still, moved -> deformation, occlusion"""
        features = self.spread(**inputs)["features"]
        return self.settle(features=features, still=inputs["still"], moved=inputs["moved"])


class LivePortraitEngine:
    """An Engine of named networks. Motions are as `points` says: -1..1 spans the square that the face was seen in."""

    def __init__(
        self,
        *,
        appearance: Network,
        motion: Network,
        flow: Network,
        warp: Network,
        generator: Network,
        finish: Finish,
        size: int,
        outline: Look = by_mesh,
    ) -> None:
        """size: px, side of the picture that goes into `appearance` and `motion`; the generator draws twice as much.

        outline: what an avatar's square is laid around, px of its picture.
        """
        self._appearance = appearance
        self._motion = motion
        self._flow = flow
        self._warp = warp
        self._generator = generator
        self._finish = finish
        self._size = size
        self._outline = outline
        self._follow = Follower()

    @property
    def directions(self) -> Directions:
        """How motion reaches the avatar."""
        return self._finish.directions

    def prepare(self, image: Image, face: Face, *, size: int | None = None) -> Avatar:
        """Cut the face's square out of the full picture, upright with the head; remember its looks."""
        scale = 1.0 if size is None else size / min(image.shape[:2])
        frame, drawn = scaled(image, scale), 2 * self._size
        square = face_square(self._outline(image, face), *framing.AVATAR)
        crop = sample(image, square, drawn, outside=cv2.BORDER_CONSTANT)
        small = cv2.resize(crop.image, (self._size, self._size), interpolation=cv2.INTER_AREA)
        tensor = planar(np.asarray(small, np.uint8), 1 / 255, 0)
        motion = points.decode(self._motion(image=tensor), framing.openness(face.landmarks))
        volume = self._appearance(image=tensor)["volume"]
        place = window(frame, _onto(crop.to_frame, image, frame), soft_square(drawn))
        look = Appearance(volume, points.points(motion), place)
        return Avatar(frame, place.still, scaled_face(face, image, frame), motion, look)

    def motion(self, image: Image, face: Face) -> Motion:
        """The motion of the actor's face, told in the square of the first face that this engine saw."""
        box = self._follow(face.landmarks)
        crop = sample(image, box.region, 2 * self._size, outside=cv2.BORDER_CONSTANT)
        small = cv2.resize(crop.image, (self._size, self._size), interpolation=cv2.INTER_LINEAR)
        heads = self._motion(image=planar(np.asarray(small, np.uint8), 1 / 255, 0))
        first = self._follow.first
        assert first is not None
        return _told_in(points.decode(heads, framing.openness(face.landmarks)), box, first)

    def transfer(self, avatar: Motion, actor: Motion, neutral: Motion) -> Motion:
        """Relative motion, of the region that is to follow."""
        return points.transfer(avatar, actor, neutral, self.directions.region)

    def adopt(self, avatar: Motion, actor: Motion) -> Motion:
        """Absolute motion, of the region that is to follow."""
        return points.adopt(avatar, actor, self.directions.region)

    def effort(self, motion: Motion) -> float:
        """Open mouth, shut eyes and turned head, added up."""
        left, right, lips = points.openness(motion)
        return float(lips / OPEN_LIPS + max(1 - min(left, right) / OPEN_EYE, 0) + turn(motion.rotation) / TURNED)

    def animate(self, avatar: Avatar, motion: Motion) -> Image:
        """Finish the keypoints, move the volume, paint, and put the square back into the picture."""
        look = avatar.appearance
        assert isinstance(look, Appearance), "an avatar of another engine"
        moved = self.keypoints(avatar, motion).astype(np.float32)[None]
        flow = self._flow(volume=look.volume, still=look.still.astype(np.float32)[None], moved=moved)
        feature = self._warp(volume=look.volume, **flow)["feature"]
        return look.window(_levels(self._generator(feature=feature)["image"]))

    def keypoints(self, avatar: Avatar, motion: Motion) -> Array:
        """(21, 3): where the networks are told to put the avatar's keypoints."""
        chosen, own = self.directions, avatar.motion
        held = points.hold(motion, own, eyes=chosen.retarget_eyes, lips=chosen.retarget_lips)
        still = points.points(own)
        return self._finish(still, points.points(held), points.openness(own), points.openness(motion))


def _levels(image: Tensor) -> Image:
    """(1, 3, H, W) 0..1 -> (H, W, 3) 0..255, cut off as the reference does it."""
    return np.ascontiguousarray((np.clip(image[0], 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0))


def _told_in(motion: Motion, box: framing.Box, first: framing.Box) -> Motion:
    """A motion seen in one square as it would be told in another: -1..1 is another part of the picture."""
    larger = box.side / first.side
    shift = np.append(2 * (box.center - first.center) / first.side, 0.0)
    return replace(motion, scale=motion.scale * larger, translation=motion.translation * larger + shift)


def _onto(to_image: Array, image: Image, frame: Image) -> Array:
    """(2, 3): square px -> image px, carried on to the frame that the image was scaled to."""
    gain = np.array([frame.shape[1] / image.shape[1], frame.shape[0] / image.shape[0]])
    origin = gain * apply(to_image, np.zeros((1, 2)))[0] + (gain - 1) / 2
    return np.column_stack([gain[:, None] * to_image[:, :2], origin])
