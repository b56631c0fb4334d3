"""Pictures of every kind come in right, and broken ones are told apart. cmyk.jpg is `rgb()`, written by Pillow."""

import errno
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from reenact.devices.pictures import read_picture, write_picture
from reenact.errors import MediaError
from reenact.types import Image

CMYK = Path(__file__).with_name("cmyk.jpg")


def rgb() -> Image:
    """(64, 96, 3): colours that differ from corner to corner."""
    y, x = np.mgrid[0:64, 0:96]
    return np.stack([x * 2.6, y * 3.9, (x + y) * 1.5], -1).clip(0, 255).astype(np.uint8)


def save(path: Path, bgr: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), bgr)
    return path


def alpha() -> np.ndarray:
    return np.linspace(0, 255, 96).astype(np.uint8)[None].repeat(64, 0)


def on_white(image: Image) -> np.ndarray:
    opaque = alpha()[:, :, None] / 255
    return image * opaque + 255 * (1 - opaque)


def exif(orientation: int) -> bytes:
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x112, 3, 1, orientation, 0) + b"\0\0\0\0"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header says so, without the pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_a_png_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", rgb())
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), rgb())
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_jpeg_comes_back_nearly_as_it_was_written(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.JPG", rgb())
    np.testing.assert_allclose(read_picture(tmp_path / "a.JPG").astype(int), rgb(), atol=6)


def test_a_cmyk_jpeg_has_its_colours() -> None:
    np.testing.assert_allclose(read_picture(CMYK).astype(int), rgb(), atol=4)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = save(tmp_path / "deep.png", rgb()[:, :, ::-1].astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_picture(deep), rgb())


@pytest.mark.parametrize("scale", [1, 257], ids=["8 bits", "16 bits"])
def test_gray_becomes_three_equal_channels(tmp_path: Path, scale: int) -> None:
    gray = rgb()[:, :, 2]
    path = save(tmp_path / "gray.png", gray.astype(np.uint8 if scale == 1 else np.uint16) * scale)
    np.testing.assert_array_equal(read_picture(path), np.dstack([gray] * 3))


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_transparent_parts_show_white(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clear{suffix}"
    lossless = [cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == ".webp" else []
    assert cv2.imwrite(str(path), np.dstack([rgb()[:, :, ::-1], alpha()]), lossless)
    np.testing.assert_allclose(read_picture(path), on_white(rgb()), atol=1)


def test_sixteen_bit_transparency_shows_white(tmp_path: Path) -> None:
    path = save(tmp_path / "clear.png", np.dstack([rgb()[:, :, ::-1], alpha()]).astype(np.uint16) * 257)
    np.testing.assert_allclose(read_picture(path), on_white(rgb()), atol=1)


def test_a_palette_picture_has_its_colours(tmp_path: Path) -> None:
    indices = np.arange(64 * 96).reshape(64, 96) % 200
    palette = np.stack([np.arange(200), 255 - np.arange(200), np.arange(200) // 2], -1).astype(np.uint8)
    rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in indices)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 64, 8, 3, 0, 0, 0)) + chunk(b"PLTE", palette.tobytes())
    path = tmp_path / "palette.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    np.testing.assert_array_equal(read_picture(path), palette[indices])


@pytest.mark.parametrize(("orientation", "quarters"), [(3, 2), (6, -1), (8, 1)])
def test_exif_turns_a_jpeg_upright(tmp_path: Path, orientation: int, quarters: int) -> None:
    jpeg = cv2.imencode(".jpg", rgb()[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    app1 = b"Exif\0\0" + exif(orientation)
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(app1) + 2) + app1 + jpeg[2:])
    np.testing.assert_allclose(read_picture(path).astype(int), np.rot90(rgb(), quarters), atol=12)


def test_exif_turns_transparency_too(tmp_path: Path) -> None:
    png = cv2.imencode(".png", np.dstack([rgb()[:, :, ::-1], alpha()]))[1].tobytes()
    after_header = 8 + 25
    path = tmp_path / "turned.png"
    path.write_bytes(png[:after_header] + chunk(b"eXIf", exif(6)) + png[after_header:])
    np.testing.assert_allclose(read_picture(path), np.rot90(on_white(rgb()), -1), atol=1)


def refusal(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        read_picture(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    assert "no such file" in refusal(tmp_path / "none.png")
    assert "folder" in refusal(tmp_path)
    assert "0 bytes" in refusal(tmp_path / "empty.png")


def test_a_text_file_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture\n" * 50)
    assert "something else" in refusal(tmp_path / "text.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp"])
def test_a_picture_that_breaks_off_is_refused(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"whole{suffix}", rgb())
    data = path.read_bytes()
    for length in (len(data) * 2 // 3, len(data) - 2):
        path.write_bytes(data[:length])
        assert "breaks off" in refusal(path)


def test_every_early_end_is_a_media_error(tmp_path: Path) -> None:
    for suffix in (".png", ".jpg", ".webp", ".bmp"):
        path = save(tmp_path / f"whole{suffix}", rgb())
        data = path.read_bytes()
        for length in range(1, 100, 7):
            path.write_bytes(data[:length])
            refusal(path)


def test_a_png_with_one_wrong_byte_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "hurt.png", rgb())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "is damaged" in refusal(path)


def test_a_damaged_png_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hollow.png").write_bytes(png_of_size(64, 64))
    assert "damaged" in refusal(tmp_path / "hollow.png")


def test_a_tiny_picture_is_refused(tmp_path: Path) -> None:
    assert "1 x 1 px is too small" in refusal(save(tmp_path / "dot.png", np.zeros((1, 1, 3), np.uint8)))


def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", None)
    (tmp_path / "huge.png").write_bytes(png_of_size(20_000, 20_000))
    assert "100 megapixels" in refusal(tmp_path / "huge.png")


def test_a_picture_is_not_written_where_that_cannot_be(tmp_path: Path) -> None:
    for out, reason in (
        (tmp_path / "none" / "a.png", "not there"),
        (tmp_path / "a.xyz", ".xyz"),
        (Path("/dev/null/a.png"), "not there"),
    ):
        with pytest.raises(MediaError, match=reason):
            write_picture(out, rgb())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(MediaError, match="folder"):
        write_picture(tmp_path / "a.png", rgb())
    assert (tmp_path / "a.png").is_dir()


def test_a_full_disk_leaves_the_old_picture_and_no_half_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"old")

    def full(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(MediaError, match="no space left"):
        write_picture(tmp_path / "a.png", rgb())
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"old"
