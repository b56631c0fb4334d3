"""The `lite` engine: geometry, no GPU, no torch."""

from __future__ import annotations

from reenact.bundle import bundled, open_bundle
from reenact.faces import open_blendshapes
from reenact.faces.pose import canonical_face, vertex_normals
from reenact.lite.engine import LiteEngine

__all__ = ["LiteEngine", "open_lite"]


def open_lite(
    *, backend: str = "cpu", threads: int | None = None, background: bool = True, paints: bool = True
) -> LiteEngine:
    """The bundled engine. background: keep what is behind the head still. paints: with generators; else geometry alone.

    Raises:
        BundleError, BackendError
    """
    faces, lite = (open_bundle(bundled("engines", name)) for name in ("faces", "lite"))
    basis, geometry = lite.arrays("basis"), faces.arrays("geometry")
    canonical = canonical_face(geometry["vertices"])
    return LiteEngine(
        draw=lite.network("lite" if paints else "warp", backend=backend, threads=threads),
        person=faces.network("person", backend=backend, threads=threads),
        blendshapes=open_blendshapes(backend=backend, threads=threads),
        canonical=canonical,
        normals=vertex_normals(canonical, geometry["triangles"]),
        mean_shape=basis["mean"].astype(float),
        basis=basis["offsets"].astype(float),
        background=background,
        paints=paints,
    )
