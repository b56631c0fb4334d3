"""Motion recordings: what a film of an actor holds, without a picture of anybody."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from reenact.errors import MediaError
from reenact.types import Array, Motion


@dataclass(frozen=True, slots=True)
class Recording:
    """Motions of one actor over time."""

    motions: tuple[Motion, ...]
    """The first one is the neutral."""
    seconds: Array
    """(T,) rising, from 0."""


def save_recording(path: Path, recording: Recording) -> None:
    """Write an `.npz`: half precision for the expressions, and no glimpses, which are of a picture."""
    motions = recording.motions
    np.savez_compressed(
        path,
        seconds=recording.seconds,
        keypoints=motions[0].keypoints,
        expression=np.array([m.expression for m in motions], np.float16),
        rotation=np.array([m.rotation for m in motions], np.float32),
        translation=np.array([m.translation for m in motions], np.float32),
        scale=np.array([m.scale for m in motions], np.float32),
    )


def load_recording(path: Path) -> Recording:
    """Read what `save_recording` wrote.

    Raises:
        MediaError: not there, or no recording.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as table:
            columns = {key: table[key].astype(np.float64) for key in table.files}
        fields = zip(*(columns[key] for key in ("expression", "rotation", "translation", "scale")), strict=True)
        motions = tuple(Motion(columns["keypoints"], e, r, t, float(s)) for e, r, t, s in fields)
        return Recording(motions, columns["seconds"])
    except FileNotFoundError as error:
        raise MediaError(f"{path}: wanted a motion recording, found no such file; check the path.") from error
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, TypeError, zlib.error) as error:
        raise MediaError(
            f"{path}: wanted a motion recording (an .npz by reenact), found something else or a damaged one; "
            "give another file."
        ) from error
