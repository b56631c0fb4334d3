"""One actor frame in, one avatar frame out. No device, no thread, no clock: time is what the frames say.

No picture of the actor gets past `Engine.motion`, only landmarks and a coarse glimpse of what mouth and eyes show: the
colours that come out are the avatar's or invented.
"""

from __future__ import annotations

from collections.abc import Callable

from reenact.compose import paste_back
from reenact.engine import Engine
from reenact.presence import Calibration, Return
from reenact.smoothing import Smoother
from reenact.types import Avatar, Face, Frame, Image, Motion, Seen

Track = Callable[[Image], Face | None]
Compose = Callable[[Image, Avatar], Image]


class Reenactor:
    """Moves an avatar as the actor moves from their neutral, or as the actor is."""

    def __init__(
        self,
        engine: Engine,
        track: Track,
        avatar: Avatar,
        *,
        neutral: Motion | None = None,
        smooth: Smoother | None = None,
        absolute: bool = False,
        compose: Compose = paste_back,
    ) -> None:
        """neutral: None: averaged over the first second of a steady face. smooth: None: every tremble is kept.

        absolute: the avatar takes on the actor's pose and expression as they are; no neutral is needed.
        """
        self._engine = engine
        self._track = track
        self._avatar = avatar
        self._neutral = neutral
        self._smooth = smooth
        self._absolute = absolute
        self._compose = compose
        self._calibration = Calibration(engine.effort)
        self._return = Return(avatar.motion)
        self.face_found = False

    @property
    def calibrated(self) -> bool:
        """Whether the actor's neutral is known, or none is needed; until then the avatar rests."""
        return self._absolute or self._neutral is not None

    def __call__(self, frame: Frame) -> Frame:
        """The avatar at the moment of `frame`; without a face it holds, then eases back to rest."""
        seen = frame if isinstance(frame, Seen) else self.look(frame)
        self.face_found = seen.actor is not None
        return frame.with_image(self.perform(seen.actor, frame.captured_at))

    def look(self, frame: Frame) -> Seen:
        """The first half of a call, which frames of a stream may pass ahead of the second, in another thread."""
        face = self._track(frame.image)
        actor = None if face is None else self._engine.motion(frame.image, face)
        return Seen(frame.image, frame.index, frame.captured_at, frame.timestamp, actor)

    def perform(self, actor: Motion | None, at: float) -> Image:
        """The avatar doing what the actor does at `at` seconds; None: the actor cannot be seen."""
        motion = self._return(None if actor is None else self._follow(actor, at), at)
        return self._compose(self._engine.animate(self._avatar, motion), self._avatar)

    def still(self) -> Image:
        """The avatar at rest."""
        return self._avatar.image

    def recalibrate(self) -> None:
        """Take the actor's neutral anew, from the next second of a steady face."""
        self._neutral, self._calibration = None, Calibration(self._engine.effort)

    def show(self, avatar: Avatar) -> None:
        """Another avatar from now on; the actor's neutral stays."""
        self._avatar, self._return = avatar, Return(avatar.motion)

    def _follow(self, actor: Motion, at: float) -> Motion | None:
        if self._smooth is not None:
            actor = self._smooth(actor, at)
        if self._absolute:
            return self._engine.adopt(self._avatar.motion, actor)
        if self._neutral is None:
            self._neutral = self._calibration(actor, at)
        if self._neutral is None:
            return None
        return self._engine.transfer(self._avatar.motion, actor, self._neutral)
