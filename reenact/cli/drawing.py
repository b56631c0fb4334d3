"""The options about what draws, on what, and how the actor's motion reaches the avatar: the same in all commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reenact.liveportrait import Region

LIVEPORTRAIT = "liveportrait"
"""Panel of `--help` for what only that engine can do."""

EngineOption = Annotated[str, typer.Option(metavar="NAME|FOLDER", help="What draws: lite, liveportrait, a folder.")]
BackendOption = Annotated[
    str, typer.Option(metavar="NAME", help="What the engine runs on: cpu, cuda, openvino ..., or auto: the fastest.")
]
BackgroundOption = Annotated[bool, typer.Option(help="Keep what is behind the avatar's head still.")]
FaceBoxOption = Annotated[
    str | None, typer.Option(metavar="x0,y0,x1,y1", help="Where in the (first) avatar picture the face is, px.")
]
RegionOption = Annotated[Region, typer.Option(help="What of the face follows the actor.", rich_help_panel=LIVEPORTRAIT)]
StitchingOption = Annotated[
    bool, typer.Option(help="Keep shoulders and the square's border still.", rich_help_panel=LIVEPORTRAIT)
]
RetargetEyesOption = Annotated[
    bool,
    typer.Option("--retarget-eyes", help="Open and shut the eyes by their own network.", rich_help_panel=LIVEPORTRAIT),
]
RetargetLipsOption = Annotated[
    bool,
    typer.Option("--retarget-lips", help="Open and shut the lips by their own network.", rich_help_panel=LIVEPORTRAIT),
]
CloseLipsOption = Annotated[
    bool,
    typer.Option("--close-lips", help="Take an avatar's open mouth to be shut at rest.", rich_help_panel=LIVEPORTRAIT),
]
MultiplierOption = Annotated[
    float, typer.Option(min=0, max=10, help="Exaggerate all motion, or calm it.", rich_help_panel=LIVEPORTRAIT)
]
InsightfaceOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Find the avatar's face by InsightFace's networks, in this folder.",
        rich_help_panel=LIVEPORTRAIT,
    ),
]
AbsoluteOption = Annotated[
    bool,
    typer.Option(
        "--absolute/--relative", help="Take on the actor's pose and expression as they are, or what changes from rest."
    ),
]
