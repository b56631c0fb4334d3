"""What happens to films and pictures on their way: encoders of call apps and platforms, cropping, scaling, mirrors."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
import cv2
import numpy as np

from reenact.types import Image

Change = Callable[[Image], Image]
KEPT = 0.7
"""Of each side, when a picture is cropped."""
SCREEN = (1920, 1080)
"""(width, height) px."""


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder at work."""

    name: str
    options: Mapping[str, str]


X264 = Codec("libx264", {"preset": "medium"})
CALL = Codec("libx264", {"preset": "veryfast", "tune": "zerolatency"})
X265 = Codec("libx265", {"preset": "fast", "x265-params": "log-level=none:pools=1"})
VP9 = Codec("libvpx-vp9", {"deadline": "realtime", "cpu-used": "7"})


@dataclass(frozen=True, slots=True)
class FilmAttack:
    """Frames are changed one by one, then encoded."""

    codec: Codec
    megabits: float
    """A second."""
    change: Change = field(default=lambda image: image)
    whole: bool = True
    """Whether the picture keeps all its parts, in place."""

    def __call__(self, frames: Sequence[Image], rate: int = 25) -> Iterator[Image]:
        """The frames as the receiver sees them."""
        return recoded([self.change(frame) for frame in frames], self.codec, self.megabits, rate)


def recoded(frames: Sequence[Image], codec: Codec, megabits: float, rate: int) -> Iterator[Image]:
    """Encode and decode, in memory."""
    film = io.BytesIO()
    with av.open(film, "w", format="matroska") as container:
        stream = container.add_stream(codec.name, rate=rate, options=dict(codec.options))
        height, width = (side - side % 2 for side in frames[0].shape[:2])
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate, stream.time_base = int(megabits * 1e6), Fraction(1, rate)
        stream.codec_context.thread_count = 1
        for frame in frames:
            even = np.ascontiguousarray(frame[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        container.mux(stream.encode())
    film.seek(0)
    with av.open(film) as container:
        for picture in container.decode(video=0):
            yield picture.to_ndarray(format="rgb24")


def jpeg(quality: int) -> Change:
    """Saved and opened again."""

    def change(image: Image) -> Image:
        data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])

    return change


def short_side(length: int) -> Change:
    """Scaled until the shorter side has so many px."""

    def change(image: Image) -> Image:
        scale = length / min(image.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), np.uint8)

    return change


def cropped(image: Image) -> Image:
    """70 % of each side, off the middle, scaled up to the old size."""
    height, width = image.shape[:2]
    top, left = round(0.13 * height), round(0.21 * width)
    part = image[top : top + round(KEPT * height), left : left + round(KEPT * width)]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def mirrored(image: Image) -> Image:
    """As one sees oneself."""
    return np.ascontiguousarray(image[:, ::-1])


def on_screen(image: Image) -> Image:
    """Mirrored, as large as fits on a screen, with black beside it."""
    scale = min(SCREEN[0] / image.shape[1], SCREEN[1] / image.shape[0])
    width, height = round(image.shape[1] * scale), round(image.shape[0] * scale)
    left, top = (SCREEN[0] - width) // 2, (SCREEN[1] - height) // 2
    screen = np.zeros((SCREEN[1], SCREEN[0], 3), np.uint8)
    screen[top : top + height, left : left + width] = cv2.resize(mirrored(image), (width, height))
    return screen


FILM_ATTACKS: Mapping[str, FilmAttack] = {
    "x264 2 Mb/s": FilmAttack(X264, 2),
    "x264 1 Mb/s": FilmAttack(X264, 1),
    "x264 0.5 Mb/s": FilmAttack(X264, 0.5),
    "x264 0.4 Mb/s, as in calls": FilmAttack(CALL, 0.4),
    "VP9 0.9 Mb/s, as in calls": FilmAttack(VP9, 0.9),
    "x265 0.9 Mb/s": FilmAttack(X265, 0.9),
    "360p, x264 0.6 Mb/s": FilmAttack(X264, 0.6, short_side(360)),
    "mirrored, x264 1 Mb/s": FilmAttack(X264, 1, mirrored),
    "crop 70 % + rescale, x264 8 Mb/s": FilmAttack(X264, 8, cropped, whole=False),
    "crop 70 % + rescale, x264 1 Mb/s": FilmAttack(X264, 1, cropped, whole=False),
    "mirrored on a 1080p screen, x264 4 Mb/s": FilmAttack(CALL, 4, on_screen, whole=False),
}

STILL_ATTACKS: Mapping[str, Change] = {
    "nothing": lambda image: image,
    "JPEG q90": jpeg(90),
    "JPEG q75": jpeg(75),
    "JPEG q50": jpeg(50),
    "360p, JPEG q75": lambda image: jpeg(75)(short_side(360)(image)),
    "mirrored, JPEG q75": lambda image: jpeg(75)(mirrored(image)),
    "crop 70 % + rescale": cropped,
    "crop 70 % + rescale, JPEG q75": lambda image: jpeg(75)(cropped(image)),
}
