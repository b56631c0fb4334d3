"""reenact image: one avatar picture, one actor picture, one picture out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    avatar: Annotated[Path, typer.Argument(help="the picture that is to move: photo, painting, statue, cartoon")],
    actor: Annotated[Path, typer.Argument(help="the picture whose pose and expression it takes on")],
    out: Annotated[Path, typer.Option("-o", "--out", help="the picture to write: .png or .jpg")],
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
    """Give the avatar the actor's pose and expression; the output has the avatar's own size."""
    if out.resolve() in (avatar.resolve(), actor.resolve()):
        raise MediaError(f"{out}: would overwrite an input; name another file with -o.")
    check_picture_name(out)
    check_writable(out)
    directions = Directions(region, stitching, retarget_eyes, retarget_lips, close_lips, multiplier)
    drawing = open_engine(
        engine, backend=backend, background=background, directions=directions, insightface=insightface
    )
    finder = open_finder()
    seen, seen_face = read_face(finder, avatar, parse_box(face_box))
    acted, acted_face = read_face(finder, actor)
    prepared = drawing.prepare(seen, seen_face)
    motion = drawing.adopt(prepared.motion, drawing.motion(acted, acted_face))
    going = outgoing(Marks(watermark, badge, badge_text, consent), engine_folder(engine), [avatar], [out])
    write_picture(out, going.finish(paste_back(drawing.animate(prepared, motion), prepared)), going.seal_for(out))
