"""python -m benchmarks.actor FILM: an actor that anybody may film, since it is nobody: the bundled picture, performing.

The benchmarks run this in a process of its own, so that drawing and encoding the film is not in their peak memory.
"""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from reenact.bundle import bundled
from reenact.devices.pictures import read_picture
from reenact.devices.video_sink import VideoSink
from reenact.faces import open_finder
from reenact.lite import open_lite
from reenact.pipeline import Reenactor
from reenact.recording import load_recording
from reenact.types import Avatar, Frame

SIZE = 480
"""px: the short side, as of most webcams."""


def film_actor(path: Path) -> None:
    """Write the film, in another process. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "benchmarks.actor", str(path)], check=True, cwd=Path(__file__).parents[1])


def main() -> None:
    """Perform the bundled recording once."""
    engine, recording = open_lite(), load_recording(bundled("examples", "performance.npz"))
    image = read_picture(bundled("examples", "hopper.jpg"))
    avatar = engine.prepare(image, open_finder().only(image), size=SIZE)
    actor = Reenactor(engine, lambda _: None, avatar, neutral=recording.motions[0])
    with VideoSink(Path(sys.argv[1]), _size(avatar), rate=Fraction(25)) as sink:
        for index, (motion, at) in enumerate(zip(recording.motions, recording.seconds.tolist(), strict=True)):
            sink.send(Frame(actor.perform(motion, at), index, at, Fraction(at).limit_denominator(1000)))


def _size(avatar: Avatar) -> tuple[int, int]:
    height, width = avatar.image.shape[:2]
    return width, height


if __name__ == "__main__":
    main()
