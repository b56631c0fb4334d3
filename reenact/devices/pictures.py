"""Picture files in and out. In: every kind that people have, upright and opaque; out: PNG or JPEG, whole or not at all.

The only place, with the cameras, where colours are other than RGB.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from reenact.devices.files import Seal, Unfinished, check_readable, writing
from reenact.devices.headers import Header, read_header
from reenact.errors import MediaError
from reenact.types import Array, Image

LARGEST_MEGAPIXELS = 100
LARGEST_BYTES = 500_000_000
SMALLEST_SIDE = 32
"""px; below this no face can be seen."""
BEHIND_ALPHA = 255
"""Grey level that shows through transparent parts: white, as viewers show them."""
JPEG_QUALITY = 95
Layers = cv2.typing.MatLike
_SUFFIXES = (".png", ".jpg", ".jpeg")


def read_picture(path: Path) -> Image:
    """Read a PNG, JPEG, WebP or BMP file: RGB uint8 (H, W, 3), EXIF rotation applied, transparency laid on white.

    CMYK and 16-bit pictures come out as 8-bit RGB. Raises MediaError for anything that is no whole picture between
    32 px a side and 100 megapixels; an oversized one is refused by its header, before it is decoded.
    """
    check_readable(path, "a picture")
    data = _read(path)
    header = read_header(data)
    if header is None:
        raise MediaError(
            f"{path}: wanted a PNG, JPEG, WebP or BMP picture, found something else; save it as PNG first."
        )
    _check_header(path, header)
    return _decode(path, data, header)


def write_picture(path: Path, image: Image, seal: Seal | None = None) -> None:
    """Write RGB uint8 (H, W, 3) as PNG or JPEG by `path`'s suffix. Raises MediaError when it cannot be written."""
    check_picture_name(path)
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix.lower() != ".png" else []
    encoded, data = cv2.imencode(path.suffix.lower(), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not encoded:
        raise MediaError(f"{path}: could not encode a picture of {image.shape[1]} x {image.shape[0]} px; try .png.")
    unfinished = Unfinished(path, seal)
    try:
        with writing(path):
            unfinished.path.write_bytes(data.tobytes())
        unfinished.finish()
    finally:
        unfinished.discard()


def check_picture_name(path: Path) -> None:
    """Raise MediaError unless `path` ends like a picture that `write_picture` can write."""
    if path.suffix.lower() not in _SUFFIXES:
        raise MediaError(f"{path}: wanted a picture name, found suffix {path.suffix!r}; end it with .png or .jpg.")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise MediaError(f"{path}: wanted a picture, found more than {LARGEST_BYTES // 10**6} MB; make it smaller.")
        return path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path}: wanted a picture, could not read it ({error.strerror}); check the disk.") from error


def _check_header(path: Path, header: Header) -> None:
    size = f"{header.width} x {header.height} px"
    if header.width * header.height > LARGEST_MEGAPIXELS * 10**6:
        raise MediaError(f"{path}: {size} is over the limit of {LARGEST_MEGAPIXELS} megapixels; scale it down first.")
    if min(header.width, header.height) < SMALLEST_SIDE:
        raise MediaError(f"{path}: {size} is too small, each side needs {SMALLEST_SIDE} px; use a larger picture.")
    if not header.complete:
        raise MediaError(f"{path}: the {header.format} file breaks off or is damaged; copy or download it again.")


def _decode(path: Path, data: bytes, header: Header) -> Image:
    """cv2's colour mode makes 16 bits 8, converts CMYK, turns by EXIF, but drops alpha: hence the second look."""
    encoded = np.frombuffer(data, np.uint8)
    try:
        colour = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        layers = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if header.format in ("PNG", "WebP") else None
        stored = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) if _has_alpha(layers) else None
    except cv2.error as error:
        raise MediaError(f"{path}: the picture is damaged ({error.err}); save it again as PNG or JPEG.") from error
    if colour is None:
        raise MediaError(f"{path}: the picture is damaged and cannot be decoded; save it again as PNG or JPEG.")
    image = np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2RGB), np.uint8)
    if layers is None or stored is None:
        return image
    return _flatten(image, _turn_alike(_alpha(layers), stored, colour))


def _has_alpha(layers: Layers | None) -> bool:
    return layers is not None and layers.ndim == 3 and layers.shape[2] == 4


def _alpha(layers: Layers) -> Array:
    """(H, W) 0..1 of (H, W, 4) 8 or 16 bits."""
    full = 65535 if layers.dtype == np.uint16 else 255
    return np.asarray(layers[:, :, 3], np.float32) / full


def _turn_alike(alpha: Array, stored: Layers, upright: Layers) -> Array:
    """Turn `alpha` as EXIF turned `stored` (H, W, 3) into `upright`: cv2 turns colours but no alpha."""
    for flip in (False, True):
        for quarters in range(4):
            turned, layer = (np.rot90(a[:, ::-1] if flip else a, quarters) for a in (stored, alpha))
            if np.array_equal(turned, upright):
                return np.asarray(layer)
    raise MediaError("the picture is transparent and turned in a way unknown here; save it upright, as PNG.")


def _flatten(image: Image, alpha: Array) -> Image:
    """Lay `image` on `BEHIND_ALPHA` by `alpha` (H, W), 0..1."""
    opaque = alpha[:, :, None]
    return np.asarray(np.rint(image * opaque + BEHIND_ALPHA * (1 - opaque)), np.uint8)
