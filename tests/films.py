"""Tiny films for tests, made by PyAV alone: nothing of `reenact` that they are to test."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

VARIABLE = (0, 512, 1024, 2048, 2304, 4000, 4512, 5024, 6400, 6912)
"""Ticks of 1/12800 s: no two gaps alike for long."""
TICK = Fraction(1, 12_800)


def pictures(count: int, size: tuple[int, int] = (96, 64)) -> list[np.ndarray]:
    """Frames that differ: a gradient of which one corner grows brighter."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    return [np.stack([x * 2 % 256, y * 3 % 256, (x + 8 * i) % 256], -1).astype(np.uint8) for i in range(count)]


def write_film(
    path: Path,
    images: Sequence[np.ndarray],
    ticks: Iterable[int] | None = None,
    *,
    sound: str | None = None,
    options: dict[str, str] | None = None,
    colours: tuple[int, int] | None = None,
    codec: str = "libx264",
) -> Path:
    """Write `images` at `ticks` of `TICK` (25 a second by default). `colours`: (matrix, range) of FFmpeg."""
    height, width = images[0].shape[:2]
    with av.open(str(path), "w", options=options or {}) as film:
        video = film.add_stream(codec, rate=25, options={"crf": "4"} if codec == "libx264" else {})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.time_base = Fraction(1, 25) if codec == "mpeg2video" else TICK  # that one knows rates only
        if colours:
            video.codec_context.colorspace, video.codec_context.color_range = colours
        audio = film.add_stream(sound, rate=44_100, layout="mono") if sound else None
        matrix, span = colours or (5, 1)
        for tick, image in zip(ticks or range(0, 512 * len(images), 512), images, strict=False):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=matrix, dst_color_range=span, interpolation=0x44004)
            frame.pts, frame.time_base = tick, TICK
            film.mux(video.encode(frame))
        film.mux(video.encode())
        if audio:
            noise = np.random.default_rng(0).integers(-3000, 3000, (20, 1, 1024)).astype(np.int16)
            for index, samples in enumerate(noise):
                frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
                frame.sample_rate, frame.pts = 44_100, index * 1024
                film.mux(audio.encode(frame))
            film.mux(audio.encode())
    return path


def sound_of(path: Path) -> list[tuple[Fraction, bytes]]:
    """(time, bytes) of every sound packet."""
    with av.open(str(path)) as film:
        packets = [p for p in film.demux(film.streams.audio) if p.dts is not None]
        return [(p.pts * p.time_base, bytes(p)) for p in packets]


def samples_of(path: Path) -> np.ndarray:
    """(channels, n) the sound as it is heard."""
    with av.open(str(path)) as film:
        return np.concatenate([frame.to_ndarray() for frame in film.decode(audio=0)], axis=1)


def turn(path: Path) -> None:
    """Mark an MP4 as filmed with the phone held upright: players turn it a quarter clockwise."""
    data = path.read_bytes()
    at = data.index(b"tkhd") + 4 + 40
    fixed = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000]
    matrix = b"".join(number.to_bytes(4, "big", signed=True) for number in fixed)
    path.write_bytes(data[:at] + matrix + data[at + 36 :])
