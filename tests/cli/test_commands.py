"""reenact image, faces and demo, as a user calls them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from reenact.bundle import bundled
from reenact.cli.provenance import own_version
from reenact.devices.pictures import read_picture, write_picture
from reenact.faces import Finder, open_blendshapes
from reenact.faces.blendshapes import NAMES
from reenact.types import Image

HOPPER, COLLINS, TANGUY = (str(bundled("examples", f"{name}.jpg")) for name in ("hopper", "collins", "tanguy"))


def reenact(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "reenact", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_image_gives_the_avatar_the_actors_smile(tmp_path: Path, finder: Finder, pictures: dict[str, Image]) -> None:
    done = reenact("image", HOPPER, COLLINS, "-o", tmp_path / "out.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'out.png'}: 512 x 600 px\n"
    image = read_picture(tmp_path / "out.png")
    assert image.shape == pictures["hopper"].shape
    smile, blendshapes = NAMES.index("mouthSmileLeft"), open_blendshapes()
    before, after = (blendshapes(finder.only(x).landmarks)[smile] for x in (pictures["hopper"], image))
    assert after > before + 0.2


def test_faces_prints_everything_as_json(finder: Finder, pictures: dict[str, Image]) -> None:
    done = reenact("faces", COLLINS, "--json")
    said = json.loads(done.stdout)
    assert said["size"] == [512, 512]
    (face,) = said["faces"]
    seen = finder(pictures["collins"])[0]
    np.testing.assert_allclose(face["landmarks"], seen.landmarks, atol=1e-3)
    np.testing.assert_allclose(face["box"], seen.box, atol=0.01)
    assert set(face["blendshapes"]) == set(NAMES)
    assert abs(face["pose"]["yaw"]) < 40


def test_faces_speaks_to_people_and_draws(tmp_path: Path) -> None:
    done = reenact("faces", TANGUY, "-o", tmp_path / "drawn.png")
    assert done.stdout.startswith("face 0: box ")
    drawn, picture = read_picture(tmp_path / "drawn.png"), read_picture(Path(TANGUY))
    changed = (drawn != picture).any(2).mean()
    assert 0.01 < changed < 0.5


@pytest.mark.parametrize("words", [("faces",), ("image", HOPPER)])
def test_a_picture_without_a_face_is_one_line_and_exit_1(tmp_path: Path, words: tuple[str, ...]) -> None:
    wall = tmp_path / "wall.png"
    write_picture(wall, np.full((200, 200, 3), 128, np.uint8))
    out = ("-o", str(tmp_path / "out.png"))
    done = reenact(*words, wall, *out)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "wall.png" in done.stderr
    assert "no face" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_image_says_in_a_terminal_what_it_is_busy_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # stderr counts as a terminal
    wall = tmp_path / "wall.png"
    write_picture(wall, np.full((200, 200, 3), 128, np.uint8))
    assert "preparing wall.png" in reenact("image", wall, COLLINS, "-o", tmp_path / "out.png").stderr


def test_image_does_not_overwrite_its_input(tmp_path: Path, hopper: Image) -> None:
    mine = tmp_path / "mine.png"
    write_picture(mine, hopper)
    done = reenact("image", mine, COLLINS, "-o", mine)
    assert done.returncode == 1
    assert "overwrite" in done.stderr
    np.testing.assert_array_equal(read_picture(mine), hopper)


def test_a_face_box_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    done = reenact("image", HOPPER, COLLINS, "-o", tmp_path / "out.png", "--face-box", "10,10,5")
    assert done.returncode == 2
    assert "x0,y0,x1,y1" in done.stderr


def test_demo_makes_a_film_in_which_the_avatar_moves(tmp_path: Path) -> None:
    done = reenact("demo", "-o", tmp_path / "demo.mp4")
    assert done.returncode == 0, done.stderr
    with av.open(str(tmp_path / "demo.mp4")) as film:
        images = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]
    assert len(images) == 250
    assert images[0].shape == (600, 512, 3)
    moved = [np.abs(image - images[0])[140:340, 170:350].mean() for image in images]  # her face
    assert np.quantile(moved, 0.9) > 4


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "reenact", "demo", "-o", str(tmp_path / "demo.mp4")],
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background inherit: ignored
    )
    while run.poll() is None and not list(tmp_path.iterdir()):
        time.sleep(0.05)
    assert run.poll() is None, "it ended before it could be stopped"
    run.send_signal(how)
    _, said = run.communicate(timeout=60)
    assert run.returncode not in (0, None)
    assert b"Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_program_loads_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"
    (tmp_path / "typer.py").write_text(stopped, encoding="utf-8")  # what is loaded first
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = reenact("--help")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_it_says_its_name_and_version() -> None:
    done = reenact("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"reenact {own_version()}\n"


def test_help_names_every_command() -> None:
    said = reenact("--help").stdout
    for command in ("image", "render", "live", "demo", "faces", "doctor"):
        assert command in said
