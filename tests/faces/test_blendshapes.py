"""Blendshapes of real faces."""

from __future__ import annotations

import numpy as np

from reenact.faces import Finder, open_blendshapes
from reenact.faces.blendshapes import NAMES
from reenact.types import Image


def test_a_smile_with_teeth_is_seen_and_a_straight_face_is_not(finder: Finder, pictures: dict[str, Image]) -> None:
    blendshapes = open_blendshapes()
    smile = NAMES.index("mouthSmileLeft")
    collins, hopper = (blendshapes(finder.only(pictures[name]).landmarks) for name in ("collins", "hopper"))
    assert collins.shape == (52,)
    assert collins[smile] > 0.6
    assert hopper[smile] < 0.3


def test_blendshapes_do_not_depend_on_where_the_face_is_or_how_large(finder: Finder, hopper: Image) -> None:
    blendshapes = open_blendshapes()
    landmarks = finder.only(hopper).landmarks
    moved = blendshapes(landmarks * 2.5 + [400, 100, 0])
    np.testing.assert_allclose(moved, blendshapes(landmarks), atol=1e-3)
