"""How the actor's motion reaches the avatar: what a user may choose. Every default is written here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Region(StrEnum):
    """Which part of the face follows the actor; the rest stays the avatar's own."""

    ALL = "all"
    POSE = "pose"
    """The head's turn and place, no expression."""
    EXPRESSION = "expression"
    """The whole expression; the head keeps still."""
    LIPS = "lips"
    EYES = "eyes"


@dataclass(frozen=True, slots=True)
class Directions:
    """Chosen once for an engine."""

    region: Region = Region.ALL
    stitching: bool = True
    """Keep shoulders and the crop's border still."""
    retarget_eyes: bool = False
    """Open and shut the avatar's eyes in proportion to its own, by the network made for it."""
    retarget_lips: bool = False
    """The same for the lips."""
    close_lips: bool = False
    """An avatar whose mouth stands open in the picture is taken to have it shut."""
    multiplier: float = 1.0
    """Exaggerates (above 1) or calms (below 1) all motion."""
