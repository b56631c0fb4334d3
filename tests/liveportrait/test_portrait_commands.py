"""`--engine FOLDER`: the commands run the whole way through the tiny engine, and say what is wrong with a folder."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from films import write_film
from test_template import template
from typer.testing import CliRunner

from reenact.bundle import bundled
from reenact.cli.main import app
from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.errors import BundleError, MediaError
from reenact.types import Image

TINY = Path(__file__).parents[1] / "engines" / "liveportrait-tiny"
HOPPER = bundled("examples", "hopper.jpg")


def test_render_goes_the_whole_way(tmp_path: Path, actor_film: list[Image]) -> None:
    even = [np.ascontiguousarray(image[:600, :574]) for image in actor_film[:12]]
    film, out = write_film(tmp_path / "actor.mp4", even), tmp_path / "out.mp4"
    result = CliRunner().invoke(
        app, ["render", str(HOPPER), str(film), "-o", str(out), "--engine", str(TINY), "--json"]
    )
    assert result.exception is None, result.exception
    said = json.loads(result.stdout.splitlines()[-1])
    assert said["frames"] == 12
    assert said["frames_without_face"] == 0
    with VideoSource(out) as made:
        shown = [frame.image for frame in made]
    assert len(shown) == 12
    assert shown[0].shape == read_picture(HOPPER).shape


def test_image_takes_the_engine_too(tmp_path: Path) -> None:
    out, actor = tmp_path / "out.png", bundled("examples", "tanguy.jpg")
    result = CliRunner().invoke(app, ["image", str(HOPPER), str(actor), "-o", str(out), "--engine", str(TINY)])
    assert result.exception is None, result.exception
    before, after = read_picture(HOPPER).astype(int), read_picture(out).astype(int)
    assert after.shape == before.shape
    assert np.abs(after - before).max() > 50


def run(tmp_path: Path, engine: Path | str) -> BaseException | None:
    actor = bundled("examples", "tanguy.jpg")
    arguments = ["image", str(HOPPER), str(actor), "-o", str(tmp_path / "out.png"), "--engine", str(engine)]
    return CliRunner().invoke(app, arguments).exception


def test_an_engine_that_is_not_here_is_an_error_that_says_how_to_get_it(tmp_path: Path) -> None:
    error = run(tmp_path, "styleportrait")
    assert isinstance(error, BundleError)
    assert "not on this machine" in str(error)
    assert "reenact pull" in str(error)


def test_demo_plays_a_motion_template(tmp_path: Path) -> None:
    motion, out = tmp_path / "template.pkl", tmp_path / "demo.mp4"
    motion.write_bytes(pickle.dumps(template(3)))
    result = CliRunner().invoke(app, ["demo", "-o", str(out), "--motion", str(motion), "--engine", str(TINY)])
    assert result.exception is None, result.exception
    with VideoSource(out) as made:
        assert len(list(made)) == 3


def test_a_motion_of_another_kind_is_refused(tmp_path: Path) -> None:
    error = CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "demo.mp4"), "--engine", str(TINY)]).exception
    assert isinstance(error, MediaError)
    assert "moves 22 points, the recording holds 478" in str(error)
    assert not (tmp_path / "demo.mp4").exists()


def test_what_the_engine_cannot_do_is_refused(tmp_path: Path) -> None:
    arguments = ["image", str(HOPPER), str(HOPPER), "-o", str(tmp_path / "o.png"), "--engine", str(TINY)]
    error = CliRunner().invoke(app, [*arguments, "--no-background"]).exception
    assert isinstance(error, BundleError)
    assert "--no-background is for lite" in str(error)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.unlink(), "warp-tiled.onnx: cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "sha256 differs"),
        (lambda path: shutil.copy(path.with_name("eyes.onnx"), path), "sha256 differs"),
    ],
    ids=["missing", "truncated", "another"],
)
def test_a_harmed_engine_is_an_error(tmp_path: Path, harm, said: str) -> None:
    folder = tmp_path / "engine"
    shutil.copytree(TINY, folder)
    harm(folder / "warp-tiled.onnx")
    error = run(tmp_path, folder)
    assert isinstance(error, BundleError)
    assert said in str(error)
    assert not (tmp_path / "out.png").exists()
