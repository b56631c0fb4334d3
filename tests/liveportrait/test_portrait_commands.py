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


def picture(tmp_path: Path, *options: str) -> Image:
    out, actor = tmp_path / "out.png", bundled("examples", "tanguy.jpg")
    words = ["image", str(HOPPER), str(actor), "-o", str(out), "--engine", str(TINY), "--no-watermark", *options]
    result = CliRunner().invoke(app, words)
    assert result.exception is None, result.exception
    return read_picture(out)


@pytest.mark.parametrize(
    "options",
    [
        ["--region", "lips"],
        ["--region", "pose"],
        ["--no-stitching"],
        ["--retarget-eyes"],
        ["--retarget-lips"],
        ["--multiplier", "2"],
    ],
    ids=" ".join,
)
def test_directions_reach_the_picture(tmp_path: Path, options: list[str]) -> None:
    assert (picture(tmp_path) != picture(tmp_path, *options)).mean() > 0.001


def test_no_motion_at_all_is_the_avatar_at_rest(tmp_path: Path) -> None:
    still = picture(tmp_path, "--multiplier", "0")
    np.testing.assert_array_equal(still, picture(tmp_path, "--multiplier", "0", "--region", "pose", "--retarget-eyes"))


@pytest.mark.parametrize("command", ["image", "render", "live"])
def test_directions_are_refused_where_the_engine_knows_none(
    tmp_path: Path, actor_film: list[Image], command: str
) -> None:
    film = write_film(tmp_path / "actor.mp4", [np.ascontiguousarray(image[:600, :574]) for image in actor_film[:2]])
    actor = {
        "image": [str(HOPPER), "-o", str(tmp_path / "o.png")],
        "render": [str(film), "-o", str(tmp_path / "o.mp4")],
        "live": ["--camera", str(film), "--sink", "null"],
    }[command]
    error = CliRunner().invoke(app, [command, str(HOPPER), *actor, "--region", "lips", "--no-stitching"]).exception
    assert isinstance(error, BundleError)
    assert "engine lite: knows no region, stitching; leave it out, or take --engine liveportrait" in str(error)


def test_render_and_live_take_directions(tmp_path: Path, actor_film: list[Image]) -> None:
    film = write_film(tmp_path / "actor.mp4", [np.ascontiguousarray(image[:600, :574]) for image in actor_film[:6]])
    said = ["--engine", str(TINY), "--region", "eyes", "--multiplier", "1.5", "--absolute", "--json"]
    render = CliRunner().invoke(app, ["render", str(HOPPER), str(film), "-o", str(tmp_path / "o.mp4"), *said])
    assert render.exception is None, render.exception
    assert json.loads(render.stdout.splitlines()[-1])["frames"] == 6
    live = CliRunner().invoke(app, ["live", str(HOPPER), "--camera", str(film), "--sink", "null", *said])
    assert live.exception is None, live.exception
    assert json.loads(live.stdout.splitlines()[-1])["calibrated"] is True


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
