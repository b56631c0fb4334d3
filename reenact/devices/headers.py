"""What a picture file says of itself, read without decoding it: its format, its size, and whether all of it is there.

Bytes in, a `Header` out; knows PNG, JPEG, WebP and BMP, and nothing of pixels or files.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """The first thing to know of a picture file."""

    format: str
    """PNG, JPEG, WebP or BMP."""
    width: int
    """px, as stored (before any EXIF rotation)."""
    height: int
    """px, as stored."""
    complete: bool
    """Whether the file goes on to the end that its format prescribes, and its checksums, if any, are right."""


def read_header(data: bytes) -> Header | None:
    """The header of a whole file's bytes; None where the bytes are no picture of a known format."""
    for magic, reader in _READERS:
        if re.match(magic, data, re.DOTALL):
            try:
                return reader(data)
            except (struct.error, IndexError):
                return None
    return None


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if data[end : end + 4] != zlib.crc32(data[at + 4 : end]).to_bytes(4, "big"):
            break
        if kind == b"IEND":
            return Header("PNG", width, height, True)
        at = end + 4
    return Header("PNG", width, height, False)


_SIZE_MARKERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""In the compressed data FF 00 is a byte FF, FF D0..D7 a restart: anything else ends it."""


def _jpeg(data: bytes) -> Header | None:
    size: tuple[int, int] | None = None
    at = 2
    while found := _NEXT_MARKER.search(data, at):
        marker = data[found.end() - 1]
        if marker == 0xD9:
            return Header("JPEG", *size, True) if size else None
        (length,) = struct.unpack_from(">H", data, found.end())
        if marker in _SIZE_MARKERS:
            height, width = struct.unpack_from(">HH", data, found.end() + 3)
            size = width, height
        at = found.end() + length
    return Header("JPEG", *size, False) if size else None


def _webp(data: bytes) -> Header | None:
    (length,) = struct.unpack_from("<I", data, 4)
    complete = len(data) >= length + 8
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        return None
    return Header("WebP", width, height, complete)


def _bmp(data: bytes) -> Header:
    (length,) = struct.unpack_from("<I", data, 2)
    width, height = struct.unpack_from("<ii", data, 18)
    return Header("BMP", abs(width), abs(height), len(data) >= length)


_READERS: tuple[tuple[bytes, Callable[[bytes], Header | None]], ...] = (
    (rb"\x89PNG\r\n\x1a\n", _png),
    (rb"\xff\xd8\xff", _jpeg),
    (rb"RIFF....WEBP", _webp),
    (rb"BM.{4}\x00\x00\x00\x00", _bmp),
)
