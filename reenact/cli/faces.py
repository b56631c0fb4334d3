"""reenact faces: what the face networks see in a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer

from reenact.bundle import bundled, open_bundle
from reenact.devices.files import check_writable
from reenact.devices.pictures import check_picture_name, read_picture, write_picture
from reenact.errors import NoFaceError
from reenact.faces import Blendshapes, mesh, open_blendshapes, open_finder
from reenact.faces.blendshapes import NAMES
from reenact.faces.pose import canonical_face, degrees, head_pose
from reenact.types import Array, Face, Image

CONTOURS = (mesh.OVAL, mesh.LIPS_OUTER, mesh.LIPS_INNER)


def faces(
    picture: Annotated[Path, typer.Argument(help="The picture to look at.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON line.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Also write PICTURE with the faces drawn: .png or .jpg."),
    ] = None,
) -> None:
    """Show what is seen in PICTURE: box, 478 landmarks, 52 blendshapes and pose of each face, the largest first."""
    if out is not None:
        check_picture_name(out)
        check_writable(out)
    image = read_picture(picture)
    found = open_finder()(image)
    if not found:
        raise NoFaceError(f"{picture}: no face was found. Wanted: one that shows both eyes, nose and mouth.")
    canonical = canonical_face(open_bundle(bundled("engines", "faces")).arrays("geometry")["vertices"])
    rows = [describe(face, open_blendshapes(), canonical) for face in found]
    if out is not None:
        write_picture(out, drawn(image, found))
    if as_json:
        typer.echo(json.dumps({"size": [image.shape[1], image.shape[0]], "faces": rows}))
        return
    for index, row in enumerate(rows):
        typer.echo(_line(index, row))


def describe(face: Face, blendshapes: Blendshapes, canonical: Array) -> dict[str, Any]:
    """What can be said of a face, JSON-ready: px of the picture, degrees, blendshapes 0..1."""
    yaw, pitch, roll = degrees(head_pose(face.landmarks, canonical).rotation)
    weights = blendshapes(face.landmarks)
    return {
        "box": np.round(face.box, 2).tolist(),
        "score": round(face.score, 4),
        "landmarks": np.round(face.landmarks, 3).tolist(),
        "blendshapes": {name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)},
        "pose": {"yaw": round(yaw, 2), "pitch": round(pitch, 2), "roll": round(roll, 2)},
    }


def drawn(image: Image, found: list[Face]) -> Image:
    """A copy of the picture with boxes, contours and landmarks."""
    picture = image.copy()
    for face in found:
        points = np.rint(face.landmarks[:, :2]).astype(np.int32)
        x0, y0, x1, y1 = np.rint(face.box).astype(int).tolist()
        cv2.rectangle(picture, (x0, y0), (x1, y1), (255, 200, 0), 1)
        cv2.polylines(picture, [points[contour] for contour in CONTOURS], True, (0, 255, 120), 1, cv2.LINE_AA)
        for x, y in points.tolist():
            cv2.circle(picture, (x, y), 1, (0, 220, 255), -1)
    return picture


def _line(index: int, row: dict[str, Any]) -> str:
    x0, y0, x1, y1 = (round(value) for value in row["box"])
    strongest = sorted(row["blendshapes"].items(), key=lambda item: -item[1])[:3]
    doing = ", ".join(f"{name} {weight:.2f}" for name, weight in strongest)
    pose = ", ".join(f"{name} {angle:.0f}°" for name, angle in row["pose"].items())
    return f"face {index}: box {x0},{y0},{x1},{y1}, score {row['score']:.2f}; {pose}; {doing}"
