"""What every engine can do. A Reenactor sees this and no engine family."""

from __future__ import annotations

from typing import Protocol

from reenact.types import Avatar, Face, Image, Motion


class Engine(Protocol):
    """Turns a picture into an avatar, and a motion into a picture of it."""

    def prepare(self, image: Image, face: Face, *, size: int | None = None) -> Avatar:
        """Do once whatever depends on the avatar alone. size: short side of the output, px; None: the picture's."""
        ...

    def motion(self, image: Image, face: Face) -> Motion:
        """The motion of a face that was seen in `image`."""
        ...

    def transfer(self, avatar: Motion, actor: Motion, neutral: Motion) -> Motion:
        """Relative motion: move the avatar as far as the actor has moved from neutral."""
        ...

    def adopt(self, avatar: Motion, actor: Motion) -> Motion:
        """Absolute motion: give the avatar the actor's pose and expression; needs no neutral."""
        ...

    def effort(self, motion: Motion) -> float:
        """How far a face is from rest: 0 at rest, 1 with its mouth plainly open, its eyes shut or its head turned."""
        ...

    def animate(self, avatar: Avatar, motion: Motion) -> Image:
        """Draw `avatar.crop` as `motion` moves it; same size as `avatar.crop.image`."""
        ...
