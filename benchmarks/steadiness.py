"""python -m benchmarks.steadiness: how much tremble smoothing takes out, and what it costs in lag.

Tremble: a bundled picture that does not move, filmed by a noisy camera. Lag: the bundled performance, whose every
movement is wanted. Both with and without the smoothing of `reenact live`, in one run. Jitter is the mean second
difference of the posed landmarks, lag the mean distance from where they should be, both in % of the inter-ocular
distance.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.report import json_line, table
from reenact.bundle import bundled
from reenact.devices.pictures import read_picture
from reenact.faces import Tracker, open_finder
from reenact.faces.landmarks import inter_ocular
from reenact.lite import open_lite
from reenact.motion import posed
from reenact.recording import load_recording
from reenact.smoothing import Smoother
from reenact.types import Array, Motion

RATE = 30
NOISE = 6.0
"""Grey levels: the standard deviation of a webcam's noise in a dim room."""


def main() -> None:
    """Measure both, with and without."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steadiness", description=__doc__)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--picture", default="hopper.jpg", help="a bundled picture")
    options = parser.parse_args()
    still = noisy_motions(options.picture, options.frames)
    recording = load_recording(bundled("examples", "performance.npz"))
    seconds = recording.seconds.tolist()
    rows = {
        "as tracked": {"jitter": jitter(still), "lag": 0.0},
        "smoothed": {
            "jitter": jitter(smoothed(still, [index / RATE for index in range(len(still))])),
            "lag": lag(smoothed(list(recording.motions), seconds), list(recording.motions)),
        },
    }
    table(f"{options.picture}, noise of {NOISE:g} grey levels; % of the inter-ocular distance", rows, ["jitter", "lag"])
    json_line({name.replace(" ", "_"): row for name, row in rows.items()})


def noisy_motions(picture: str, frames: int) -> list[Motion]:
    """The motion of a face that holds still, as tracked through noise."""
    image, engine, tracker = read_picture(bundled("examples", picture)), open_lite(), Tracker(open_finder())
    rng, motions = np.random.default_rng(0), []
    for _ in range(frames):
        seen = np.clip(image + rng.normal(0, NOISE, image.shape), 0, 255).astype(np.uint8)
        face = tracker(seen)
        assert face is not None
        motions.append(engine.motion(seen, face))
    return motions[10:]  # by then the tracker has settled


def smoothed(motions: list[Motion], seconds: list[float]) -> list[Motion]:
    """As `reenact live` smooths them."""
    smoother = Smoother()
    return [smoother(motion, at) for motion, at in zip(motions, seconds, strict=True)]


def jitter(motions: list[Motion]) -> float:
    """Mean second difference."""
    points = np.array([flat(motion) for motion in motions])
    return float(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean())


def lag(shown: list[Motion], wanted: list[Motion]) -> float:
    """Mean distance."""
    return float(
        np.mean([np.linalg.norm(flat(a) - flat(b), axis=1).mean() for a, b in zip(shown, wanted, strict=True)])
    )


def flat(motion: Motion) -> Array:
    """(478, 2) in % of the inter-ocular distance."""
    points = posed(motion)
    return np.asarray(points[:, :2] / inter_ocular(points) * 100)


if __name__ == "__main__":
    main()
