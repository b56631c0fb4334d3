"""The sound of one film carried into another, packet by packet, without being decoded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from reenact.devices.video import open_film, start_of
from reenact.errors import MediaError


class SoundCopy:
    """Every sound stream of `path`, added to `output` as it is; `copy_until` then carries the packets over in time."""

    def __init__(self, path: Path, output: OutputContainer) -> None:
        self._path = path
        self._output = output
        self._input = open_film(path)
        self._start = start_of(self._input)
        self._twins = {s.index: self._twin(s) for s in self._input.streams.audio}
        self._packets = self._read()
        self._next = next(self._packets, None)

    def copy_until(self, seconds: Fraction | None) -> None:
        """Write the packets due by `seconds` of the film; None: all that are left. Raises MediaError."""
        while self._next is not None and (seconds is None or _due(self._next) <= seconds):
            self._next.stream = self._twins[self._next.stream.index]
            self._output.mux(self._next)
            self._next = next(self._packets, None)

    def close(self) -> None:
        self._input.close()

    def _twin(self, stream: AudioStream) -> AudioStream:
        codec = stream.codec_context.name
        if codec not in self._output.supported_codecs:
            self.close()
            container = self._output.format.name
            raise MediaError(f"{self._path}: its sound ({codec}) does not fit into {container}; write a .mkv or .mov.")
        return self._output.add_stream_from_template(stream)

    def _read(self) -> Iterator[Packet[AudioStream]]:
        if not self._twins:
            return
        try:
            for packet in self._input.demux(self._input.streams.audio):
                if packet.dts is not None and packet.time_base:
                    shift = round(self._start / packet.time_base)
                    packet.dts -= shift
                    packet.pts = None if packet.pts is None else packet.pts - shift
                    yield packet
        except (av.FFmpegError, OSError) as error:
            raise MediaError(f"{self._path}: the film's sound breaks off or is damaged; copy it again.") from error


def _due(packet: Packet[AudioStream]) -> Fraction:
    return Fraction(packet.dts or 0) * (packet.time_base or 1)
