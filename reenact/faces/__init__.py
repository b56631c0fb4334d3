"""Faces in pictures: detectors, landmarks, blendshapes, head pose, and a tracker that follows one face."""

from __future__ import annotations

from reenact.bundle import bundled, open_bundle
from reenact.faces.blendshapes import Blendshapes
from reenact.faces.detector import full_range, short_range
from reenact.faces.finder import Finder
from reenact.faces.landmarks import Landmarker
from reenact.faces.tracker import Track, Tracker

__all__ = ["Blendshapes", "Finder", "Track", "Tracker", "open_blendshapes", "open_finder"]


def open_finder(*, backend: str = "cpu", threads: int | None = None) -> Finder:
    """The bundled detectors and landmarks.

    Raises:
        BundleError, BackendError
    """
    bundle = open_bundle(bundled("engines", "faces"))
    near, far, landmarks = (
        bundle.network(name, backend=backend, threads=threads)
        for name in ("detector_short", "detector_full", "landmarks")
    )
    return Finder(short_range(near), full_range(far), Landmarker(landmarks))


def open_blendshapes(*, backend: str = "cpu", threads: int | None = None) -> Blendshapes:
    """The bundled blendshape network.

    Raises:
        BundleError, BackendError
    """
    bundle = open_bundle(bundled("engines", "faces"))
    return Blendshapes(bundle.network("blendshapes", backend=backend, threads=threads))
