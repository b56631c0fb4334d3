"""`reenact render`: an avatar does what the actor does in a film."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reenact.cli.assemble import LITE, PLAIN, engine_folder, open_engine, open_tracker, parse_box, prepare_avatar
from reenact.cli.drawing import (
    AbsoluteOption,
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
from reenact.cli.neutral import find_neutral
from reenact.cli.provenance import (
    BadgeOption,
    BadgePlace,
    BadgeTextOption,
    ConsentOption,
    Marks,
    Outgoing,
    WatermarkOption,
    outgoing,
)
from reenact.compose import paste_back
from reenact.devices.files import check_writable
from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink, check_film_name
from reenact.engine import Engine
from reenact.errors import MediaError
from reenact.faces import open_finder
from reenact.liveportrait import Directions
from reenact.pipeline import Reenactor
from reenact.provenance.badge import TEXT
from reenact.render import Layout, Rendered, width_beside
from reenact.render import render as render_frames
from reenact.stopwatch import Stopwatch, TimedEngine
from reenact.types import Avatar, Frame, Motion


def render(
    avatar: Annotated[Path, typer.Argument(help="The picture that will move.", show_default=False)],
    actor: Annotated[Path, typer.Argument(metavar="ACTOR_VIDEO", help="The film it follows.", show_default=False)],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The film to write: .mp4, .mov or .mkv.", show_default=False)
    ],
    layout: Annotated[Layout, typer.Option(help="The avatar alone, or the actor beside it.")] = Layout.AVATAR,
    size: Annotated[
        int | None, typer.Option(min=64, max=4096, help="Short side of the avatar, px. Default: its own, at most 1080.")
    ] = None,
    neutral: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="When the actor's face is at rest. Default: the calmest moment."),
    ] = None,
    engine: EngineOption = LITE,
    backend: BackendOption = "cpu",
    background: BackgroundOption = True,
    face_box: FaceBoxOption = None,
    absolute: AbsoluteOption = False,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print one closing JSON line.")] = False,
) -> None:
    """Make a film of AVATAR doing what the actor does in ACTOR_VIDEO, with its sound."""
    box = parse_box(face_box)
    directions = Directions(region, stitching, retarget_eyes, retarget_lips, close_lips, multiplier)
    check_output(out, avatar, actor)
    if absolute and neutral is not None:
        raise typer.BadParameter("--neutral is for relative motion; leave it or --absolute out")
    watch = Stopwatch()
    with VideoSource(actor) as film:
        drawing = open_engine(
            engine, backend=backend, background=background, directions=directions, insightface=insightface
        )
        prepared = prepare_avatar(drawing, open_finder(), avatar, size=size, face_box=box)
        going = outgoing(Marks(watermark, badge, badge_text, consent), engine_folder(engine), [avatar], [out])
        rest = None if absolute else neutral_of(drawing, actor, neutral)
        with _sink(out, prepared, film, actor, layout, going) as sink:
            perform = _reenactor(drawing, prepared, rest, watch, absolute)
            started = perf_counter()
            with _progress(film.seconds) as progress:
                rendered = render_frames(
                    watch.timed_items("decode", film),
                    perform,
                    replace(going, finish=watch.timed("mark", going.finish)).before(watch.timed("encode", sink.send)),
                    look=perform.look,
                    layout=layout,
                    progress=progress,
                )
    _report(out, rendered, watch, perf_counter() - started, as_json)


def check_output(out: Path, *inputs: Path) -> None:
    """Raise MediaError unless a film could be written to `out`, which must be none of the `inputs`."""
    check_film_name(out)
    for path in inputs:
        if out.resolve() == path.resolve():
            raise MediaError(f"{out}: would overwrite what it is made from; give another name with -o.")
    check_writable(out)


def neutral_of(engine: Engine, actor: Path, at: float | None) -> Motion:
    """The actor's neutral, from a look of its own at the film; in a terminal, how far it has looked is to be seen."""
    with VideoSource(actor) as film, Console(stderr=True).status("looking for the actor at rest") as busy:
        return find_neutral(engine, open_tracker(), _searched(film, busy.update), actor, at)


def _searched(film: VideoSource, say: Callable[[str], None]) -> Iterator[Frame]:
    """The film's frames; `say` hears how far it is."""
    start: float | None = None
    for frame in film:
        start = frame.captured_at if start is None else start
        say(f"looking for the actor at rest, {frame.captured_at - start:.0f} s of film")
        yield frame


def _sink(out: Path, avatar: Avatar, film: VideoSource, actor: Path, layout: Layout, going: Outgoing) -> VideoSink:
    height, width = avatar.image.shape[:2]
    if layout is Layout.SIDE_BY_SIDE:
        with VideoSource(actor) as look:
            for frame in look:
                width += width_beside(frame.image, height)
                break
    seal = going.seal_for(out)
    return VideoSink(out, (width, height), rate=film.rate, time_base=film.time_base, sound_from=actor, seal=seal)


def _reenactor(engine: Engine, avatar: Avatar, neutral: Motion | None, watch: Stopwatch, absolute: bool) -> Reenactor:
    """As assembled for everybody, with every stage measured."""
    return Reenactor(
        TimedEngine(engine, watch),
        watch.timed("track", open_tracker()),
        avatar,
        neutral=neutral,
        absolute=absolute,
        compose=watch.timed("compose", paste_back),
    )


@contextmanager
def _progress(seconds: float | None) -> Iterator[Callable[[Frame], None]]:
    """A bar on stderr, where that is a terminal; to be called with each frame of a film `seconds` long."""
    console = Console(stderr=True)
    columns = BarColumn(), TextColumn("{task.fields[count]} frames"), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("render", total=seconds, count=0)
        first: list[float] = []

        def advance(frame: Frame) -> None:
            first[:] = first or [frame.captured_at]
            bar.update(task, completed=frame.captured_at - first[0], count=frame.index + 1)

        yield advance


def _report(out: Path, rendered: Rendered, watch: Stopwatch, seconds: float, as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary(rendered, watch, seconds)))
        return
    rate, faceless = rendered.frames / seconds, rendered.frames_without_face
    print(f"{out}: {rendered.frames} frames in {seconds:.1f} s ({rate:.1f} a second), {faceless} without a face")


def summary(rendered: Rendered, watch: Stopwatch, seconds: float) -> dict[str, object]:
    """The closing line for programs. seconds: how long the rendering took."""
    return {
        "frames": rendered.frames,
        "seconds": round(seconds, 3),
        "fps": round(rendered.frames / seconds, 2),
        "stages": {
            stage: {name: round(value, 3) for name, value in asdict(taken).items()}
            for stage, taken in watch.summary().items()
        },
        "frames_without_face": rendered.frames_without_face,
    }
