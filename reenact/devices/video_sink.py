"""Films out: H.264 for every player, with the frames' own times and another film's sound; whole or not at all."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from reenact.devices.files import Seal, Unfinished
from reenact.devices.sound import SoundCopy
from reenact.devices.video import EXACT
from reenact.errors import MediaError
from reenact.types import Frame, Image

MUXERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
CRF = "9"
"""x264's quality: flat areas stay within a grey level or two, detail mostly within three."""
LIVE_TICK = Fraction(1, 90_000)
"""Seconds; fine enough for any camera."""
_BEFORE_ALL = -(2**62)
"""Ticks."""


class VideoSink:
    """A FrameSink that writes a film: x264, yuv420p, BT.709.

    `size`: (width, height) px of the frames to come; an odd side grows by one pixel, its last row or column repeated.
    `time_base`: seconds per tick; a frame with a timestamp is shown exactly then (.mkv rounds to its milliseconds), one
    without as long after the first as it was captured. `sound_from`: a film whose sound is copied, bit by bit.
    The file appears under its name when all went well, with a frame in it, and never before. Raises MediaError.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        *,
        rate: Fraction = Fraction(30),
        time_base: Fraction = LIVE_TICK,
        sound_from: Path | None = None,
        preset: Literal["veryfast", "faster"] = "faster",
        seal: Seal | None = None,
    ) -> None:
        check_film_name(path)
        self._path = path
        self._size = size
        self._rate = rate
        self._time_base = time_base
        self._sound_from = sound_from
        self._preset = preset
        self._seal = seal
        self._reformatter = VideoReformatter()
        self._sound: SoundCopy | None = None
        self._started: float | None = None
        self._last = _BEFORE_ALL

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undo, self._named_errors():
            self._unfinished = Unfinished(self._path, self._seal)
            undo.callback(self._unfinished.discard)
            self._container = av.open(str(self._unfinished.path), "w", format=MUXERS[self._path.suffix.lower()])
            undo.callback(_close_anyhow, self._container)
            self._open_picture()
            if self._sound_from is not None:
                self._sound = SoundCopy(self._sound_from, self._container)
                undo.callback(self._sound.close)
            self._container.container_options.update(self._muxing())
            self._container.start_encoding()
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._undo:
            if error is None:
                self._finish()

    def send(self, frame: Frame) -> None:
        """Append `frame`. Raises MediaError where its size or time do not fit, or the disk is full."""
        height, width = frame.image.shape[:2]
        if (width, height) != self._size:
            raise MediaError(f"{self._path}: wanted frames of {self._size} px, found {(width, height)}; keep one size.")
        picture = self._picture(frame.image)
        picture.pts, picture.time_base = self._tick(frame), self._time_base
        with self._named_errors():
            self._container.mux(self._stream.encode(picture))
            if self._sound is not None:
                self._sound.copy_until(picture.pts * self._time_base)

    def _open_picture(self) -> None:
        self._stream = self._container.add_stream("libx264", rate=self._rate, options=self._options())
        self._stream.width, self._stream.height = (side + side % 2 for side in self._size)
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._time_base
        context = self._stream.codec_context
        context.time_base = self._time_base
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709

    def _finish(self) -> None:
        if self._last == _BEFORE_ALL:
            raise MediaError(f"{self._path}: no frame came, so there is no film; let it run for longer.")
        with self._named_errors():
            self._container.mux(self._stream.encode())
            if self._sound is not None:
                self._sound.copy_until(None)
            self._container.close()
        self._unfinished.finish()

    def _muxing(self) -> dict[str, str]:
        """Times as they are: not shifted, and where a film starts late, not by whole milliseconds (MP4's default)."""
        options = {"avoid_negative_ts": "disabled"}
        ticks = math.lcm(*(s.time_base.denominator for s in self._container.streams if s.time_base))
        if self._container.format.name != "matroska":
            options["movie_timescale"] = str(ticks if ticks < 2**31 else self._time_base.denominator)
        return options

    def _options(self) -> dict[str, str]:
        return {"crf": CRF, "preset": self._preset}

    def _picture(self, image: Image) -> VideoFrame:
        height, width = image.shape[:2]
        even = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge") if (height | width) % 2 else image
        return self._reformatter.reformat(
            VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=EXACT,
        )

    def _tick(self, frame: Frame) -> int:
        if frame.timestamp is not None:
            tick = round(frame.timestamp / self._time_base)
            if tick <= self._last:
                raise MediaError(
                    f"{self._path}: frame {frame.index} is not later than the one before; check the input."
                )
        else:
            self._started = frame.captured_at if self._started is None else self._started
            tick = max(round(Fraction(frame.captured_at - self._started) / self._time_base), self._last + 1, 0)
        self._last = tick
        return tick

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error  # the rest would name the temporary file
            raise MediaError(f"{self._path}: cannot write the film ({reason}); {NEXT_STEP}") from error


NEXT_STEP = "free some space, or choose another name."


def check_film_name(path: Path) -> None:
    """Raise MediaError unless `path` ends like a film that can be written."""
    if path.suffix.lower() not in MUXERS:
        raise MediaError(f"{path}: wanted a film name, found suffix {path.suffix!r}; end it with {', '.join(MUXERS)}.")


def _close_anyhow(container: OutputContainer) -> None:
    """After `close` this does nothing; a film that is given up may well fail to close."""
    with contextlib.suppress(av.FFmpegError, OSError, ValueError):
        container.close()
