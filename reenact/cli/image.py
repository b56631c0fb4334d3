"""reenact image: one avatar picture, one actor picture, one picture out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from reenact.cli.assemble import LITE, PLAIN, engine_folder, open_engine, parse_box, read_face
from reenact.cli.drawing import (
    BackendOption,
    BackgroundOption,
    CloseLipsOption,
    EngineOption,
    FaceBoxOption,
    InsightfaceOption,
    MultiplierOption,
    RegionOption,
    RetargetEyesOption,
    RetargetLipsOption,
    StitchingOption,
)
from reenact.cli.provenance import (
    BadgeOption,
    BadgePlace,
    BadgeTextOption,
    ConsentOption,
    Marks,
    WatermarkOption,
    outgoing,
)
from reenact.compose import paste_back
from reenact.devices.files import check_writable
from reenact.devices.pictures import check_picture_name, write_picture
from reenact.errors import MediaError
from reenact.faces import open_finder
from reenact.liveportrait import Directions
from reenact.provenance.badge import TEXT


def image(
    avatar: Annotated[
        Path,
        typer.Argument(help="The picture that will move: photo, painting, statue, cartoon.", show_default=False),
    ],
    actor: Annotated[
        Path,
        typer.Argument(
            metavar="ACTOR_PICTURE", help="The picture whose pose and expression it takes on.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The picture to write: .png or .jpg.", show_default=False)],
    engine: EngineOption = LITE,
    backend: BackendOption = "cpu",
    background: BackgroundOption = True,
    face_box: FaceBoxOption = None,
    region: RegionOption = PLAIN.region,
    stitching: StitchingOption = PLAIN.stitching,
    retarget_eyes: RetargetEyesOption = PLAIN.retarget_eyes,
    retarget_lips: RetargetLipsOption = PLAIN.retarget_lips,
    close_lips: CloseLipsOption = PLAIN.close_lips,
    multiplier: MultiplierOption = PLAIN.multiplier,
    insightface: InsightfaceOption = None,
    watermark: WatermarkOption = True,
    badge: BadgeOption = BadgePlace.NONE,
    badge_text: BadgeTextOption = TEXT,
    consent: ConsentOption = None,
) -> None:
    """Make a picture of AVATAR, in its own size, with the pose and expression of the actor in ACTOR_PICTURE."""
    if out.resolve() in (avatar.resolve(), actor.resolve()):
        raise MediaError(f"{out}: would overwrite an input; name another file with -o.")
    check_picture_name(out)
    check_writable(out)
    directions = Directions(region, stitching, retarget_eyes, retarget_lips, close_lips, multiplier)
    box = parse_box(face_box)
    busy = Console(stderr=True).status  # in a terminal only; a large picture takes a while
    with busy(f"preparing {avatar.name}"):
        drawing = open_engine(
            engine, backend=backend, background=background, directions=directions, insightface=insightface
        )
        finder = open_finder()
        seen, seen_face = read_face(finder, avatar, box)
        acted, acted_face = read_face(finder, actor)
        prepared = drawing.prepare(seen, seen_face)
        motion = drawing.adopt(prepared.motion, drawing.motion(acted, acted_face))
    going = outgoing(Marks(watermark, badge, badge_text, consent), engine_folder(engine), [avatar], [out])
    with busy(f"drawing {out.name}"):
        made = going.finish(paste_back(drawing.animate(prepared, motion), prepared))
        write_picture(out, made, going.seal_for(out))
    typer.echo(f"{out}: {made.shape[1]} x {made.shape[0]} px")
