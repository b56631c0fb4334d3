"""A film as fast as it goes: frame by frame, pipelined, and all that `reenact render` does."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.pipeline import Reenactor
from reenact.provenance.payload import Payload
from reenact.provenance.watermark import Watermark
from reenact.render import render
from reenact.stopwatch import Stopwatch, summarise
from reenact.types import Frame

WARM_UP = 10
"""Frames that are not counted."""
STAGES = ("track", "motion", "transfer", "animate", "compose", "total", "decode")


def offline(reenactor: Reenactor, film: Path, count: int, watch: Stopwatch) -> dict[str, dict[str, float]]:
    """Every frame as fast as it goes; the stages' times without the warm-up."""
    perform = watch.timed("total", reenactor)
    for frame in watch.timed_items("decode", endless(film, count + WARM_UP)):
        perform(frame)
    durations = watch.durations
    order = [stage for stage in STAGES if stage in durations]
    counted = {stage: durations[stage][-count:] for stage in order}
    return {stage: asdict(summarise(seconds)) | {"mean_ms": mean_ms(seconds)} for stage, seconds in counted.items()}


def pipelined(reenactor: Reenactor, film: Path, count: int, send: Callable[[Frame], None]) -> dict[str, float]:
    """As `reenact render` does: looking a frame ahead, sending a frame behind. From one sent frame to the next."""
    moments: list[float] = []

    def noted(frame: Frame) -> None:
        send(frame)
        moments.append(time.perf_counter())

    render(endless(film, count + WARM_UP + 1), reenactor, noted, look=reenactor.look)
    gaps = np.diff(moments)[-count:].tolist()
    return asdict(summarise(gaps)) | {"mean_ms": mean_ms(gaps)}


def rendered(reenactor: Reenactor, film: Path, count: int) -> dict[str, float]:
    """The whole of `reenact render`: marked and encoded too."""
    height, width = reenactor.still().shape[:2]
    mark = Watermark(Payload(session=0, signed=False))
    with tempfile.TemporaryDirectory() as folder, VideoSink(Path(folder) / "out.mp4", (width, height)) as sink:
        return pipelined(reenactor, film, count, lambda frame: sink.send(frame.with_image(mark(frame.image))))


def mean_ms(seconds: list[float]) -> float:
    """Of durations in seconds."""
    return float(np.mean(seconds) * 1e3)


def endless(film: Path, count: int) -> Iterator[Frame]:
    """`count` frames of a film that starts anew where it ends; time goes on."""
    offset, index = 0.0, 0
    while True:
        with VideoSource(film) as source:
            for frame in source:
                if index == count:
                    return
                yield Frame(frame.image, index, offset + frame.captured_at)
                index += 1
        offset += frame.captured_at + 1 / float(source.rate)
