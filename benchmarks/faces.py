"""python -m benchmarks.faces SHARED: our landmarks beside the reference's, and how rarely a film is searched.

SHARED holds `models/reference_landmarks.json` (by the original implementation, of `data/eval/stills`) and
`data/eval/clips`. With --check, exit 1 where a picture is off by more than 0.5 % of the inter-ocular distance (mean
over the points), or a film of 300 frames needs a second detection.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.report import json_line, table
from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.faces import Finder, Tracker, open_finder
from reenact.faces.landmarks import inter_ocular

ALLOWED = 0.5
"""% of the inter-ocular distance."""
FRAMES = 300


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faces", description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--clip", default="eval_04.mp4", help="a film of at least 300 frames with one face")
    parser.add_argument("--check", action="store_true", help="exit 1 where the figures are missed")
    options = parser.parse_args()
    finder = open_finder()
    errors = landmark_errors(finder, options.shared)
    frames, detections, lost = tracked(finder, options.shared / "data" / "eval" / "clips" / options.clip)
    worst = max(errors, key=lambda name: errors[name])
    table("landmarks against the reference, % of the inter-ocular distance", rows(errors), ["off"])
    result = {
        "pictures": len(errors),
        "landmarks_mean": float(np.mean(list(errors.values()))),
        "landmarks_worst": errors[worst],
        "worst_picture": worst,
        "frames": frames,
        "detections": detections,
        "frames_without_face": lost,
    }
    json_line(result)
    if options.check and (errors[worst] > ALLOWED or detections != 1 or lost or frames < FRAMES):
        sys.exit("benchmarks.faces: the figures above miss what is asked for")


def landmark_errors(finder: Finder, shared: Path) -> dict[str, float]:
    """Picture -> mean distance of the points from the reference's, % of the inter-ocular distance."""
    reference = json.loads((shared / "models" / "reference_landmarks.json").read_text())
    errors = {}
    for name, wanted in reference.items():
        points = np.array(wanted["landmarks"])
        faces = finder(read_picture(shared / "data" / "eval" / "stills" / name))
        off = (np.linalg.norm(face.landmarks[:, :2] - points[:, :2], axis=1).mean() for face in faces)
        errors[name] = 100 * float(min(off, default=np.inf)) / inter_ocular(points)
    return errors


def tracked(finder: Finder, clip: Path) -> tuple[int, int, int]:
    """Frames seen of a film (at most 300), how often the detectors looked, frames without a face."""
    tracker = Tracker(finder)
    with VideoSource(clip) as film:
        faces = [tracker(frame.image) for frame in islice(film, FRAMES)]
    return len(faces), tracker.detections, faces.count(None)


def rows(errors: dict[str, float]) -> dict[str, dict[str, float]]:
    """For the table: the five worst, and the mean."""
    worst = sorted(errors, key=lambda name: -errors[name])[:5]
    return {name: {"off": errors[name]} for name in worst} | {"mean": {"off": float(np.mean(list(errors.values())))}}


if __name__ == "__main__":
    main()
