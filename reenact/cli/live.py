"""`reenact live`: an avatar does what the actor does in front of the camera, now."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from reenact import loop
from reenact.cli.assemble import LITE, PLAIN, engine_folder, new_reenactor, open_engine, parse_box, prepare_avatar
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
from reenact.cli.keys import terminal_keys
from reenact.cli.provenance import (
    BadgeOption,
    BadgePlace,
    BadgeTextOption,
    ConsentOption,
    Marks,
    WatermarkOption,
    outgoing,
)
from reenact.cli.stage import Stage, first_avatar, pictures_of
from reenact.cli.status import HELP, status
from reenact.devices.camera import Camera
from reenact.devices.files import Seal, check_writable
from reenact.devices.memory import NullSink
from reenact.devices.paced import ClipCamera
from reenact.devices.sink import FrameSink
from reenact.devices.source import LiveSource
from reenact.devices.video_sink import MUXERS, VideoSink
from reenact.devices.virtualcam import check_virtual_camera, virtual_camera
from reenact.devices.window import WindowSink
from reenact.engine import Engine
from reenact.errors import MediaError
from reenact.faces import open_finder
from reenact.liveportrait import Directions
from reenact.provenance.badge import TEXT
from reenact.provenance.outgoing import Finished
from reenact.types import Array, Avatar

REDRAW_SECONDS = 0.2
VIRTUALCAM = "virtualcam"
"""Also VIRTUALCAM:NAME, for one of several."""
NAMED_SINKS = (VIRTUALCAM, "window", "null")
FILM_NAME = re.compile(r"\.[A-Za-z]\w{1,4}$")
"""What tells a film's name from a camera's, while there is no such file."""


def live(
    avatar: Annotated[
        Path, typer.Argument(help="The picture that will move, or a folder of them.", show_default=False)
    ],
    camera: Annotated[
        str | None,
        typer.Option(
            metavar="N|NAME|PATH",
            help="A camera by number, name or path, or a film that plays as one. Default: the first camera.",
        ),
    ] = None,
    sink: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join((f"{VIRTUALCAM}[:NAME]", *NAMED_SINKS[1:], "FILE.mp4")),
            help="Where it goes; repeatable. Default: window.",
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so many.")] = None,
    size: Annotated[int, typer.Option(min=64, max=4096, help="Short side of the avatar, px.")] = 512,
    fps: Annotated[int, typer.Option(min=1, max=240, help="Frames a second, asked of the camera.")] = 30,
    mirror: Annotated[bool, typer.Option(help="See the actor as in a mirror.")] = True,
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
    """Make AVATAR do what the actor in front of the camera does. Keys: c m space n p b q, ? for help."""
    names = sink or ["window"]
    pictures = pictures_of(avatar)
    check_sinks(names, [camera or "", *map(str, pictures)])
    source = open_source(camera, fps)
    directions = Directions(region, stitching, retarget_eyes, retarget_lips, close_lips, multiplier)
    opened = cache(
        lambda still: open_engine(
            engine, backend=backend, background=still, directions=directions, insightface=insightface
        )
    )
    drawing, prepare = opened(background), _preparing(opened, engine, size, {pictures[0]: parse_box(face_box)})
    first, pictures = first_avatar(pictures, prepare, background)
    reenactor = new_reenactor(drawing, first, smooth=True, absolute=absolute)
    stage = Stage(reenactor, pictures, prepare, mirror=mirror, background=background)
    films = [Path(name) for name in names if is_film(name)]
    going = outgoing(Marks(watermark, badge, badge_text, consent), engine_folder(engine), pictures, films)
    keys: deque[str] = deque()
    sinks = {name: make_sink(name, stage.size, fps, keys.append, going.seal_for(Path(name))) for name in names}
    steady = [name for name in names if virtual_name(name) is not None]
    show = Finished(stage, going.finish)
    with terminal_keys() as pressed:
        desk = Desk(stage, lambda: pressed() + "".join(keys.popleft() for _ in range(len(keys))))
        try:
            stats = loop.run(source, show, sinks, rate=fps, steady=steady, seconds=seconds, watch=desk, look=stage.look)
        finally:
            desk.clear()
    print(json.dumps(asdict(stats) | {"camera": _mode(source)}) if as_json else status(stats))


def virtual_name(sink: str) -> str | None:
    """Of `--sink virtualcam[:NAME]` the name, or "" for any; None: another kind of sink."""
    kind, _, name = sink.partition(":")
    return name if kind == VIRTUALCAM else None


def is_film(sink: str) -> bool:
    """Whether `--sink` names a file."""
    return sink not in NAMED_SINKS and virtual_name(sink) is None


def check_sinks(names: list[str], inputs: list[str]) -> None:
    """Before anything is opened: MediaError where a film cannot be written, DeviceError without a virtual camera."""
    meant = [str(Path(name).resolve()) if is_film(name) else name for name in names]
    for name, what in zip(names, meant, strict=True):
        if meant.count(what) > 1:
            raise MediaError(f"--sink {name}: given twice; leave one out.")
        device = virtual_name(name)
        if device is not None:
            check_virtual_camera(device or None)
        elif is_film(name):
            path = Path(name)
            if path.suffix.lower() not in MUXERS:
                raise MediaError(
                    f"--sink {name}: wanted {', '.join(NAMED_SINKS)} or a film name that ends with {', '.join(MUXERS)}."
                )
            check_writable(path)
            if path.resolve() in [Path(other).resolve() for other in inputs]:
                raise MediaError(f"{name}: would overwrite what it is made from; give --sink another name.")


def open_source(camera: str | None, fps: int) -> LiveSource:
    """A camera by number, name or path, the first one for None, or a film file that plays in real time, once."""
    if camera is not None and (Path(camera).is_file() or FILM_NAME.search(camera)):
        return ClipCamera(Path(camera))
    return Camera(camera, fps=fps)


def make_sink(
    name: str, size: tuple[int, int], fps: int, on_key: Callable[[str], object], seal: Seal | None = None
) -> FrameSink:
    """The sink that `--sink name` means, for pictures of `size`. seal: for a film."""
    device = virtual_name(name)
    if device is not None:
        return virtual_camera(size, fps, device or None)
    if name == "window":
        return WindowSink(size, on_key)
    return NullSink() if name == "null" else VideoSink(Path(name), size, preset="veryfast", seal=seal)


def _mode(source: LiveSource) -> dict[str, object] | None:
    """What a camera gives; None for a film."""
    return asdict(source.mode) if isinstance(source, Camera) and source.mode is not None else None


def _preparing(
    opened: Callable[[bool], Engine], name: str, size: int, boxes: Mapping[Path, Array | None]
) -> Callable[[Path, bool], Avatar]:
    """What makes an avatar of a picture, with a background that stays or, where the engine can do that, does not."""
    finder = open_finder()
    return lambda path, still: prepare_avatar(
        opened(still or name != LITE), finder, path, size=size, face_box=boxes.get(path)
    )


class Desk:
    """Between two frames: does what keys say and keeps the status line. False when the run is to end."""

    def __init__(self, stage: Stage, pressed: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._stage, self._pressed, self._clock = stage, pressed, clock
        self._drawn = float("-inf")
        self._acts: Mapping[str, Callable[[], object]] = {
            "c": stage.recalibrate,
            "m": stage.mirror,
            " ": stage.pause,
            "n": lambda: stage.turn(1),
            "p": lambda: stage.turn(-1),
            "b": stage.toggle_background,
            "?": self._help,
        }

    def __call__(self, stats: loop.LiveStats) -> bool:
        for key in self._pressed():
            if key == "q":
                return False
            self._acts.get(key, lambda: None)()
        self._draw(stats)
        return True

    def clear(self) -> None:
        """Take the status line away."""
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _help(self) -> None:
        self.clear()
        print(HELP, file=sys.stderr)

    def _draw(self, stats: loop.LiveStats) -> None:
        if sys.stderr.isatty() and self._clock() - self._drawn >= REDRAW_SECONDS:
            self._drawn = self._clock()
            line = status(stats, self._stage.remark, get_terminal_size().columns - 1)
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
