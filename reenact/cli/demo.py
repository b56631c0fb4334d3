"""reenact demo: a bundled picture, moved by a bundled recording. Needs no camera and no actor."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from reenact.bundle import bundled
from reenact.cli.assemble import new_reenactor, open_engine, prepare_avatar
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
from reenact.faces import open_finder
from reenact.provenance.badge import TEXT
from reenact.recording import load_recording
from reenact.types import Frame

AVATAR = "hopper.jpg"
MOTION = "performance.npz"
SIZE = 512
RATE = 25


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="the film to write")] = Path("demo.mp4"),
    avatar: Annotated[Path | None, typer.Option(help="another picture than the bundled one")] = None,
    watermark: WatermarkOption = True,
    badge: BadgeOption = BadgePlace.NONE,
    badge_text: BadgeTextOption = TEXT,
    consent: ConsentOption = None,
) -> None:
    """A first look: the bundled avatar, or a picture of yours, goes through a bundled performance."""
    check_film_name(out)
    check_writable(out)
    recording = load_recording(bundled("examples", MOTION))
    engine = open_engine()
    picture = avatar or bundled("examples", AVATAR)
    prepared = prepare_avatar(engine, open_finder(), picture, size=SIZE)
    going = outgoing(Marks(watermark, badge, badge_text, consent), [picture], [out])
    reenactor = new_reenactor(engine, prepared, neutral=recording.motions[0], smooth=False)
    height, width = reenactor.still().shape[:2]
    moments = list(zip(recording.motions, recording.seconds.tolist(), strict=True))
    with VideoSink(out, (width, height), rate=Fraction(RATE), seal=going.seal_for(out)) as sink:
        send = going.before(sink.send)
        for index, (motion, at) in enumerate(track(moments, description=out.name, console=Console(stderr=True))):
            send(Frame(reenactor.perform(motion, at), index, at, Fraction(at).limit_denominator(1000)))
    typer.echo(f"{out}: {len(moments)} frames of {width} x {height} px")
