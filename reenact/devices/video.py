"""Films in: every frame of a file as upright RGB with its exact time, in constant memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from reenact.devices.files import check_readable
from reenact.errors import MediaError
from reenact.types import Frame, Image

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,mxf,gif"
"""Films only: FFmpeg would also open texts, pictures and playlists that point elsewhere."""
EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
"""How colours are converted: the default is off by one grey level more."""
MISSING_END = Fraction(1, 2)
"""Seconds that a film may fall short of the length its header states."""
BROADCASTS = ("mpegts", "mpeg")
"""Containers whose times are the sender's clock; in the others a film that starts late is meant to."""
FARTHEST_BACK = Fraction(10)
"""Seconds that a film's times may go back: some swap neighbours, joined films start again."""
_UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED."""


def open_film(path: Path) -> InputContainer:
    """Open a film file for reading. Raises MediaError for anything else."""
    check_readable(path, "a film")
    try:
        return av.open(
            str(path.absolute()), options={"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}, mode="r"
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(
            f"{path}: wanted a film, found none that can be read (no film at all, or cut short); check it in a player."
        ) from error


def start_of(container: InputContainer) -> Fraction:
    """Seconds to be taken off all times, so that pictures and sound of a broadcast begin at 0; 0 for other films."""
    if container.format.name not in BROADCASTS:
        return Fraction(0)
    streams = (*container.streams.video, *container.streams.audio)
    starts = [s.start_time * s.time_base for s in streams if s.start_time is not None and s.time_base]
    return min(starts, default=Fraction(0))


class VideoSource:
    """A FrameSource: the first moving picture of a film file. Frame.timestamp is the file's own, variable rate or not.

    Each is later than the one before: times that a file swaps, repeats or leaves out are put between the others.
    Rotation is applied (phone films), every colour space becomes RGB, pixels are taken as square. Iterate once.
    Raises MediaError: where it is no film with pictures on opening; while iterating where it breaks off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._container = open_film(path)
        self._stream = _pictures(path, self._container)
        self._stream.thread_type = "AUTO"
        self._start = start_of(self._container)
        self._reformatter = VideoReformatter()

    @property
    def time_base(self) -> Fraction:
        """Seconds per tick: every timestamp is a multiple."""
        return self._stream.time_base or Fraction(1, 90_000)

    @property
    def rate(self) -> Fraction:
        """Frames per second on average, as the file says; 30 where it does not."""
        return self._stream.average_rate or Fraction(30)

    @property
    def seconds(self) -> float | None:
        """How long the film is, as the file says; None where it does not."""
        end = self._stated_end()
        return None if end is None else float(end - (self._stream.start_time or 0) * self.time_base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; iterating is over."""
        self._container.close()

    def __iter__(self) -> Iterator[Frame]:
        tick: int | None = None
        for index, picture in enumerate(self._pictures()):
            tick = self._tick(picture, tick)
            timestamp = tick * self.time_base - self._start
            yield Frame(self._image(picture), index, float(timestamp), timestamp)

    def _tick(self, picture: VideoFrame, last: int | None) -> int:
        """When a picture is due, after `last`, whatever is stated."""
        stated = [tick for tick in (picture.pts, picture.dts) if tick is not None]
        if last is None:
            return stated[0] if stated else self._stream.start_time or 0
        if stated and (last - stated[0]) * self.time_base > FARTHEST_BACK:
            raise MediaError(f"{self.path}: its times go back on the way; join its parts anew with a video tool.")
        gap = 1 / (self.rate * self.time_base)
        return next((tick for tick in stated if tick > last), last + max(1, round(gap / 2 if stated else gap)))

    def _pictures(self) -> Iterator[VideoFrame]:
        reached = Fraction(0)
        decoding: deque[int] = deque()
        try:
            for packet in self._container.demux():
                if packet.pts is not None and packet.time_base and self._bounds_end(packet.stream):
                    reached = max(reached, (packet.pts + (packet.duration or 0)) * packet.time_base)
                if packet.stream is self._stream:
                    if packet.is_corrupt:
                        raise self._broken(reached)
                    if packet.dts is not None and self._container.format.name == "avi":
                        decoding.append(packet.dts)
                    for picture in self._stream.decode(packet):
                        if picture.is_corrupt:
                            raise self._broken(reached)
                        if decoding:  # AVI knows no times of display; in order they are those of decoding
                            picture.pts = decoding.popleft()
                        yield picture
        except (av.FFmpegError, OSError) as error:
            raise self._broken(reached) from error
        end = self._stated_end()
        if end is not None and reached < end - MISSING_END:
            raise self._broken(reached)

    def _stated_end(self) -> Fraction | None:
        """When the film ends by its header; only these containers know, the others guess from what is there."""
        name, container = self._container.format.name, self._container
        if name.startswith("mov") and self._stream.duration is not None:
            return ((self._stream.start_time or 0) + self._stream.duration) * self.time_base
        if name.startswith("matroska") and container.duration is not None:
            return Fraction(container.duration, av.time_base)
        return None

    def _bounds_end(self, stream: Stream) -> bool:
        """Whether `_stated_end` is about this stream: MP4 states each one's, Matroska the longest."""
        return stream is self._stream or self._stream.duration is None

    def _broken(self, reached: Fraction) -> MediaError:
        at = max(float(reached - self._start), 0)
        return MediaError(f"{self.path}: the film breaks off or is damaged at {at:.2f} s; copy it again.")

    def _image(self, picture: VideoFrame) -> Image:
        """RGB, upright. Where the file names no colour matrix, the one that players assume for its height."""
        assumed = Colorspace.ITU709 if picture.height >= 720 else Colorspace.ITU601
        converted = self._reformatter.reformat(
            picture,
            format="rgb24",
            src_colorspace=assumed if picture.colorspace == _UNSPECIFIED and not picture.format.is_rgb else None,
            dst_color_range=ColorRange.JPEG,
            interpolation=EXACT,
        )
        return np.ascontiguousarray(np.rot90(converted.to_ndarray(), round(picture.rotation / 90)), np.uint8)


def _pictures(path: Path, container: InputContainer) -> VideoStream:
    """The first stream of moving pictures; the cover of a sound file is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    container.close()
    raise MediaError(f"{path}: wanted a film, found no moving pictures in it; give a file that has some.")
