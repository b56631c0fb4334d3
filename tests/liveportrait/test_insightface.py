"""The optional look by InsightFace, with a package made up at the boundary: the real networks cannot be had here."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from reenact.bundle import bundled
from reenact.cli.main import app
from reenact.crop import bounding_box, to_image
from reenact.errors import BackendError, BundleError, NoFaceError, ReenactError, WeightsError
from reenact.extras import how_to_install
from reenact.faces import Finder
from reenact.liveportrait import open_liveportrait
from reenact.liveportrait.engine import Appearance
from reenact.liveportrait.framing import AVATAR, face_square
from reenact.liveportrait.insightface import EYES, MOUTH, open_insightface, outline_106
from reenact.types import Array, Face, Image

TINY = Path(__file__).parents[1] / "engines" / "liveportrait-tiny"
HOPPER = bundled("examples", "hopper.jpg")


class Package:
    """Stands for `insightface.app.FaceAnalysis`; sees the faces that it is told, px of the picture it gets."""

    def __init__(self, *faces: Array) -> None:
        self.faces = faces
        self.opened: list[object] = []
        self.seen: list[Image] = []

    def __call__(self, name: str, **how: object) -> Package:
        self.opened.append((name, how))
        return self

    def prepare(self, ctx_id: int, det_size: tuple[int, int]) -> None:
        self.opened.append((ctx_id, det_size))

    def get(self, image: Image) -> list[SimpleNamespace]:
        self.seen.append(image)
        return [SimpleNamespace(landmark_2d_106=face.astype(np.float32)) for face in self.faces]


def marks(box: Array) -> Array:
    """(106, 2) all over a box, eyes above the mouth."""
    points = np.random.default_rng(0).uniform(box[:2], box[2:], (106, 2))
    points[0], points[1] = box[:2], box[2:]
    (x0, y0, x1, y1) = box
    for eye, x in zip(EYES, (0.7 * x0 + 0.3 * x1, 0.3 * x0 + 0.7 * x1), strict=True):
        points[list(eye)] = [x, 0.6 * y0 + 0.4 * y1]
    points[list(MOUTH)] = [[0.6 * x0 + 0.4 * x1, 0.2 * y0 + 0.8 * y1], [0.4 * x0 + 0.6 * x1, 0.2 * y0 + 0.8 * y1]]
    return points


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("det_10g.onnx", "2d106det.onnx"):
        (tmp_path / name).write_bytes(b"weights")
    return tmp_path


def install(monkeypatch: pytest.MonkeyPatch, package: object) -> None:
    app_module = ModuleType("insightface.app")
    app_module.FaceAnalysis = package
    monkeypatch.setitem(sys.modules, "insightface", ModuleType("insightface"))
    monkeypatch.setitem(sys.modules, "insightface.app", app_module)


def test_the_avatars_square_is_laid_as_the_reference_lays_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, finder: Finder, hopper: Image
) -> None:
    face = finder.only(hopper)
    wanted, elsewhere = marks(face.box + [5, -9, 11, 3]), marks(np.array([0.0, 0, 60, 60]))
    package = Package(elsewhere, wanted)
    install(monkeypatch, package)
    avatar = open_liveportrait(TINY, insightface=folder).prepare(hopper, face)
    assert package.opened[0] == (
        str(folder.resolve()),
        {"allowed_modules": ["detection", "landmark_2d_106"], "providers": ["CPUExecutionProvider"]},
    )
    np.testing.assert_array_equal(package.seen[0][..., ::-1], hopper)
    square = face_square(outline_106(wanted), *AVATAR)
    look = avatar.appearance
    assert isinstance(look, Appearance)
    corner = look.window.affine[:, 2] + avatar.crop.to_frame[:, 2]
    np.testing.assert_allclose(corner, to_image(square, 1, 1)[:, 2], atol=1e-3)
    plain = open_liveportrait(TINY).prepare(hopper, face)
    assert np.abs(plain.crop.to_frame[:, 2] - avatar.crop.to_frame[:, 2]).max() > 3


def test_of_a_large_picture_it_sees_a_smaller_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package(marks(np.array([100.0, 200, 300, 500])))
    install(monkeypatch, package)
    large = np.zeros((2560, 2000, 3), np.uint8)
    face = Face(np.zeros((478, 3)), np.array([200.0, 400, 600, 1000]), 1.0)
    outline = open_insightface(folder)(large, face)
    assert package.seen[0].shape == (1280, 1000, 3)
    np.testing.assert_allclose(bounding_box(outline.around), [200.5, 400.5, 600.5, 1000.5], atol=0.01)


def test_no_face_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch, finder: Finder, hopper: Image) -> None:
    install(monkeypatch, Package())
    with pytest.raises(NoFaceError, match="InsightFace finds no face in the picture"):
        open_insightface(folder)(hopper, finder.only(hopper))


def test_landmarks_of_another_kind_are_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, finder: Finder, hopper: Image
) -> None:
    install(monkeypatch, Package(np.zeros((68, 2))))
    with pytest.raises(BackendError, match="insightface failed at a picture"):
        open_insightface(folder)(hopper, finder.only(hopper))


def test_missing_networks_are_named_and_nothing_is_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package()
    install(monkeypatch, package)
    (folder / "2d106det.onnx").unlink()
    with pytest.raises(WeightsError, match=r"wanted InsightFace's 2d106det\.onnx.*never fetched"):
        open_insightface(folder)
    with pytest.raises(WeightsError, match=r"wanted InsightFace's det_10g\.onnx and 2d106det\.onnx"):
        open_insightface(folder / "nowhere")
    assert package.opened == []


def test_a_missing_package_is_an_error_that_says_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "insightface", None)
    with pytest.raises(BackendError, match=re.escape(how_to_install("insightface"))):
        open_insightface(folder)


def test_networks_that_do_not_load_are_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, **how: object) -> Package:
        raise ValueError("Protobuf parsing failed\nand more")

    install(monkeypatch, broken)
    with pytest.raises(BackendError, match=r"cannot load it \(Protobuf parsing failed\)"):
        open_insightface(folder)


def image(tmp_path: Path, engine: str, folder: Path) -> BaseException | None:
    words = ["image", HOPPER, HOPPER, "-o", tmp_path / "out.png", "--engine", engine, "--insightface", folder]
    return CliRunner().invoke(app, [str(word) for word in words]).exception


def test_the_commands_take_it(folder: Path, monkeypatch: pytest.MonkeyPatch, finder: Finder, hopper: Image) -> None:
    package = Package(marks(finder.only(hopper).box))
    install(monkeypatch, package)
    assert image(folder, str(TINY), folder) is None
    assert len(package.seen) == 1  # the avatar; the actor is seen as ever
    error = image(folder, "lite", folder)
    assert isinstance(error, BundleError)
    assert "engine lite: knows no insightface" in str(error)
    assert isinstance(image(folder, str(TINY), folder / "nowhere"), ReenactError)
