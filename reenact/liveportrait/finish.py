"""What happens to posed keypoints before they are drawn: retargeting, stitching, exaggeration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reenact.liveportrait.directions import Directions
from reenact.liveportrait.points import KEYPOINTS
from reenact.network import Network
from reenact.types import Array

SHUT = 0.03
"""Lips that are open less than this part of their width count as shut."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The three small networks and when they act."""

    stitching: Network
    lips: Network
    eyes: Network
    directions: Directions

    def __call__(self, still: Array, moved: Array, own: Array, wanted: Array) -> Array:
        """(21, 3) keypoints to draw.

        still, moved: (21, 3), the avatar's in its picture and as the motion puts them. own, wanted: (3,) how far left
        eye, right eye and lips are open in the picture and are to be.
        """
        chosen = self.directions
        if chosen.retarget_eyes:
            moved = moved + self._offsets(self.eyes, still, [*own[:2], wanted[:2].mean()])
        if chosen.retarget_lips:
            moved = moved + self._offsets(self.lips, still, [own[2], wanted[2]])
        if chosen.stitching:
            moved = self._stitched(still, moved)
        if chosen.close_lips and not (chosen.retarget_lips or chosen.retarget_eyes) and own[2] >= SHUT:
            moved = moved + self._offsets(self.lips, still, [own[2], 0.0])
        return still + (moved - still) * chosen.multiplier

    def _stitched(self, still: Array, moved: Array) -> Array:
        out = _run(self.stitching, still.ravel(), moved.ravel())
        shift = np.append(out[3 * KEYPOINTS :], 0.0)
        return np.asarray(moved + out[: 3 * KEYPOINTS].reshape(-1, 3) + shift)

    def _offsets(self, network: Network, still: Array, openness: list[float]) -> Array:
        return _run(network, still.ravel(), np.array(openness)).reshape(-1, 3)


def _run(network: Network, *features: Array) -> Array:
    row = np.concatenate(features).astype(np.float32)[None]
    return np.asarray(network(features=row)["out"][0], np.float64)
