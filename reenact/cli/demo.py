"""reenact demo: a bundled picture, moved by a bundled recording. Needs no camera and no actor."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from reenact.bundle import bundled
from reenact.cli.assemble import LITE, engine_folder, new_reenactor, open_engine, prepare_avatar
from reenact.cli.drawing import BackendOption, EngineOption
from reenact.cli.provenance import (
    BadgeOption,
    BadgePlace,
    BadgeTextOption,
    ConsentOption,
    Marks,
    WatermarkOption,
    outgoing,
)
from reenact.devices.files import check_writable
from reenact.devices.video_sink import VideoSink, check_film_name
from reenact.errors import MediaError
from reenact.faces import open_finder
from reenact.liveportrait.template import read_template
from reenact.provenance.badge import TEXT
from reenact.recording import Recording, load_recording
from reenact.types import Avatar, Frame

AVATAR = "hopper.jpg"
MOTION = "performance.npz"
SIZE = 512
RATE = 25


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="The film to write: .mp4, .mov or .mkv.")] = Path("demo.mp4"),
    avatar: Annotated[
        Path | None, typer.Option(metavar="PICTURE", help="What will move. Default: the bundled picture.")
    ] = None,
    motion: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What it does: a recording (.npz) or LivePortrait's motion template (.pkl). Default: the bundled one.",
        ),
    ] = None,
    engine: EngineOption = LITE,
    backend: BackendOption = "cpu",
    watermark: WatermarkOption = True,
    badge: BadgeOption = BadgePlace.NONE,
    badge_text: BadgeTextOption = TEXT,
    consent: ConsentOption = None,
) -> None:
    """Make a film of the bundled avatar, or of a picture of yours, going through a recorded performance."""
    check_film_name(out)
    check_writable(out)
    recording = read_motion(motion or bundled("examples", MOTION))
    drawing = open_engine(engine, backend=backend)
    picture = avatar or bundled("examples", AVATAR)
    prepared = prepare_avatar(drawing, open_finder(), picture, size=SIZE)
    check_kind(recording, prepared, engine)
    going = outgoing(Marks(watermark, badge, badge_text, consent), engine_folder(engine), [picture], [out])
    reenactor = new_reenactor(drawing, prepared, neutral=recording.motions[0], smooth=False)
    height, width = reenactor.still().shape[:2]
    moments = list(zip(recording.motions, recording.seconds.tolist(), strict=True))
    with VideoSink(out, (width, height), rate=Fraction(RATE), seal=going.seal_for(out)) as sink:
        send = going.before(sink.send)
        for index, (shown, at) in enumerate(track(moments, description=out.name, console=Console(stderr=True))):
            send(Frame(reenactor.perform(shown, at), index, at, Fraction(at).limit_denominator(1000)))
    typer.echo(f"{out}: {len(moments)} frames of {width} x {height} px")


def read_motion(path: Path) -> Recording:
    """A recording of ours, or a template of LivePortrait.

    Raises:
        MediaError: neither.
    """
    return read_template(path) if path.suffix == ".pkl" else load_recording(path)


def check_kind(recording: Recording, avatar: Avatar, engine: str) -> None:
    """Raise MediaError where a recording is not of the kind of motion that the engine speaks of."""
    found, wanted = len(recording.motions[0].keypoints), len(avatar.motion.keypoints)
    if found != wanted:
        raise MediaError(
            f"engine {engine} moves {wanted} points, the recording holds {found}; give --motion one of its own kind."
        )
