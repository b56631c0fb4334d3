"""The `liveportrait` engine: LivePortrait's networks, our own way to run them. Needs its weights; see README."""

from __future__ import annotations

from pathlib import Path

from reenact.bundle import open_bundle
from reenact.liveportrait.directions import Directions, Region
from reenact.liveportrait.engine import LivePortraitEngine
from reenact.liveportrait.finish import Finish

__all__ = ["Directions", "LivePortraitEngine", "Region", "open_liveportrait"]


def open_liveportrait(
    folder: Path, *, backend: str = "cpu", threads: int | None = None, directions: Directions | None = None
) -> LivePortraitEngine:
    """An engine folder as `python -m export liveportrait` writes it; of each graph the form that suits the backend.

    Raises:
        BundleError, BackendError
    """
    bundle = open_bundle(folder)
    roles = ("appearance", "motion", "flow", "warp", "generator", "stitching", "lips", "eyes")
    networks = {role: bundle.network(bundle.suited(role, backend), backend=backend, threads=threads) for role in roles}
    size = networks["motion"].inputs["image"][-1]
    small = {role: networks.pop(role) for role in ("stitching", "lips", "eyes")}
    finish = Finish(**small, directions=directions or Directions())
    return LivePortraitEngine(**networks, finish=finish, size=int(size))
