"""The `liveportrait` engine: LivePortrait's networks, our own way to run them. Needs its weights; see README."""

from __future__ import annotations

from pathlib import Path

from reenact.backends.protocol import Session
from reenact.bundle import open_bundle
from reenact.liveportrait.directions import Directions, Region
from reenact.liveportrait.engine import Flow, LivePortraitEngine
from reenact.liveportrait.finish import Finish
from reenact.liveportrait.framing import by_mesh
from reenact.liveportrait.insightface import open_insightface

__all__ = ["Directions", "LivePortraitEngine", "Region", "open_liveportrait"]


def open_liveportrait(
    folder: Path,
    *,
    backend: str = "cpu",
    threads: int | None = None,
    directions: Directions | None = None,
    insightface: Path | None = None,
) -> LivePortraitEngine:
    """An engine folder as `python -m export liveportrait` writes it; of each graph the form that suits the backend.

    insightface: a folder with its networks, which then say where the avatar's face is, as they do in the reference.

    Raises:
        BundleError, BackendError
        WeightsError: the networks of insightface are not there.
    """
    bundle = open_bundle(folder)

    def network(role: str) -> Session:
        return bundle.network(role, backend=backend, threads=threads)

    motion = network("motion")
    return LivePortraitEngine(
        appearance=network("appearance"),
        motion=motion,
        flow=network("flow") if bundle.suits("flow", backend) else Flow(network("spread"), network("settle")),
        warp=network("warp"),
        generator=network("generator"),
        finish=Finish(
            stitching=network("stitching"),
            lips=network("lips"),
            eyes=network("eyes"),
            directions=directions or Directions(),
        ),
        size=int(motion.inputs["image"][-1]),
        outline=by_mesh if insightface is None else open_insightface(insightface),
    )
