"""Training on two bundled pictures: what a sample is made of, and that a run can be stopped and gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from needs import needs

from reenact.devices.pictures import write_picture
from reenact.faces import Finder, mesh
from reenact.lite import LiteEngine, open_lite
from reenact.lite.features import TOUCH, mouth_gap
from reenact.types import Image

pytestmark = needs("torch")

ROOT = Path(__file__).parents[2]
CONFIG = """
steps = 3
batch = 2
fresh = 2
log_every = 1
save_every = 1
[data]
licences = ["public-domain"]
[data.folders]
"data" = 1.0
[losses]
adversarial = 0.1
"""


@pytest.fixture(scope="module")
def plain() -> LiteEngine:
    return open_lite(background=False, paints=False)


@pytest.fixture
def folder(tmp_path: Path, pictures: dict[str, Image]) -> Path:
    """A config, and beside it a folder of two stills, one of which nobody may train on."""
    stills = tmp_path / "data" / "stills"
    stills.mkdir(parents=True)
    for name in ("collins", "hopper"):
        write_picture(stills / f"{name}.png", pictures[name])
    rows = "stills/collins.png,public-domain(likely)\nstills/hopper.png,all rights reserved\n"
    (tmp_path / "data" / "manifest.csv").write_text("file,licence\n" + rows)
    (tmp_path / "run.toml").write_text(CONFIG)
    return tmp_path


def training(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "training", "--config", str(folder / "run.toml"), "--out", str(folder / "run")]
    return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_closed_mouth_hides_what_the_still_shows(
    plain: LiteEngine, finder: Finder, pictures: dict[str, Image]
) -> None:
    from training.alter import Change, altered

    smile = pictures["collins"]
    avatar = plain.prepare(smile, finder.only(smile))
    source = altered(plain, avatar, Change(mouth=0.0, eyes=1.0, look=np.zeros(2)))
    assert mouth_gap(avatar.motion.shape) > 2 * TOUCH
    assert mouth_gap(source.motion.shape) < TOUCH
    inner = np.zeros(smile.shape[:2], np.uint8)
    cv2.fillPoly(inner, [avatar.face.landmarks[mesh.LIPS_INNER, :2].astype(np.int32)], 1)
    paler = [1 - np.ptp(image[inner > 0].mean(0)) / 255 for image in (smile, source.image)]  # teeth are, lips are not
    assert paler[0] > paler[1] + 0.02


def test_a_clip_in_which_both_eyes_are_never_open_gives_no_samples(
    plain: LiteEngine, finder: Finder, tmp_path: Path, pictures: dict[str, Image]
) -> None:
    """Somebody who winks all the time: there is no frame to make an avatar of."""
    from training.pairs import TARGETS, of_clip
    from training.sources import Shots

    shots = Shots(plain, finder, write_still(tmp_path, pictures["hopper"]))
    assert len(list(of_clip(plain, shots, np.random.default_rng(0)))) == TARGETS
    shots.__dict__["awake"] = np.full(len(shots.seen), 0.3)  # which is kept there once it is known
    assert list(of_clip(plain, shots, np.random.default_rng(0))) == []


def write_still(folder: Path, image: Image) -> Path:
    write_picture(folder / "still.png", image)
    return folder / "still.png"


def test_a_sample_of_a_still_differs_from_the_truth_at_the_lips_only(
    plain: LiteEngine, finder: Finder, pictures: dict[str, Image]
) -> None:
    from training.alter import Change, altered
    from training.pairs import sample

    smile = pictures["collins"]
    target = plain.prepare(smile, finder.only(smile))
    source = altered(plain, target, Change(mouth=0.0, eyes=1.0, look=np.zeros(2)))
    avatar = plain.prepare(source.image, source.face)
    mouth = sample(avatar, target.motion, target.image, sharp=True).mouth
    off = np.abs(mouth.shown.astype(float) - mouth.truth).mean(1)[0]
    assert off[mouth.marks[0, 0] > 200].mean() > 20
    assert off[:16].max() == 0
    assert (mouth.marks[0, 2] > 0).sum() > 0.5 * (mouth.marks[0, 0] > 0).sum()  # the source shows none of the inside


def test_samples_hold_no_files_open() -> None:
    """Shared tensors do, one each: the pool of a real run ran out of them."""
    from training.pairs import Views

    assert Views.__annotations__ == dict.fromkeys(("shown", "marks", "truth"), "Bytes")


def test_an_untrained_generator_changes_nothing() -> None:
    import torch

    from export.lite.generator import MARKS, mouth_generator

    region = torch.rand(2, 3 + MARKS, 128, 128)
    painted = mouth_generator()(region)
    assert torch.equal(painted[:, :3], region[:, :3])


def test_a_run_learns_stops_and_goes_on(folder: Path) -> None:
    done = training(folder, "--steps", "1")
    assert done.returncode == 0, done.stderr
    assert training(folder).returncode != 0  # there is a checkpoint already
    done = training(folder, "--resume")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (folder / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3]
    assert {"pixels", "perceptual", "adversarial", "discriminator"} <= rows[-1]["mouth"].keys()
    for name in ("checkpoint.pt", "curves.png", "mouth.png", "eyes.png"):
        assert (folder / "run" / name).stat().st_size > 1000


def test_nothing_is_trained_on_without_a_licence(folder: Path) -> None:
    from training.config import ConfigError, read_config
    from training.sources import open_library

    data = read_config(folder / "run.toml").data
    engine, finder = object(), object()
    library = open_library(engine, finder, folder / "data", data)  # type: ignore[arg-type]
    assert [shots.path.name for shots in library.stills] == ["collins.png"]
    with pytest.raises(ConfigError, match="whose manifest names one of: CC0"):
        open_library(engine, finder, folder / "data", data.model_copy(update={"licences": ("CC0",)}))  # type: ignore[arg-type]
    (folder / "data" / "manifest.csv").unlink()
    done = training(folder)
    assert done.returncode != 0
    assert "manifest.csv" in done.stderr


def test_a_config_with_a_typo_says_so(folder: Path) -> None:
    (folder / "run.toml").write_text("stesp = 3\n" + CONFIG)
    done = training(folder)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "stesp" in done.stderr


def test_the_whole_graph_with_an_untrained_generator_draws_what_the_warp_draws() -> None:
    import torch

    from export.lite.example import lite_example
    from export.lite.graph import Lite
    from export.lite.warp import Warp

    given = {name: torch.from_numpy(value) for name, value in lite_example(129, 200).items()}
    geometry = {name: value for name, value in given.items() if name.split("_")[0] not in ("mouth", "eyes")}
    with torch.no_grad():
        assert torch.equal(Lite()(**given), Warp()(**geometry))


def test_a_change_of_colours_is_the_same_for_what_is_shown_and_for_the_truth() -> None:
    import torch

    from training.augment import mirrored, recoloured

    rng, picture = torch.Generator().manual_seed(0), torch.rand(4, 3, 8, 8)
    shown, truth = recoloured((picture, picture), rng)
    assert torch.equal(shown, truth)
    assert not torch.equal(shown, picture)
    elsewhere = torch.empty(4, 3, 8, 8, device="meta")  # any device but the random numbers' own
    assert {recoloured((elsewhere,), rng)[0].device.type, mirrored((elsewhere,), rng)[0].device.type} == {"meta"}


def test_moments_of_a_run_are_averaged(folder: Path, tmp_path: Path) -> None:
    """The weights that are exported are the mean; the rest is the last one's, so that a run could go on from there."""
    import torch

    moments = []
    for step in ("1", "2"):
        assert training(folder, "--steps", step, *(["--resume"] if moments else [])).returncode == 0
        moments.append(torch.load(folder / "run" / "checkpoint.pt", weights_only=True))
        (folder / "run" / "checkpoint.pt").rename(folder / f"{step}.pt")
        torch.save(moments[-1], folder / "run" / "checkpoint.pt")
    command = [sys.executable, "-m", "training.average", *(str(folder / name) for name in ("mean.pt", "1.pt", "2.pt"))]
    assert "steps 1, 2" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    mean = torch.load(folder / "mean.pt", weights_only=True)
    for region in ("mouth", "eyes"):
        for name, value in mean[region]["average"].items():
            torch.testing.assert_close(
                value, (moments[0][region]["average"][name] + moments[1][region]["average"][name]) / 2
            )
        assert mean[region]["generator"].keys() == moments[1][region]["generator"].keys()
    assert mean["step"] == 2
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode != 0  # it is there now


def test_a_run_begins_with_another_ones_generators_that_knew_fewer_planes(folder: Path) -> None:
    import torch

    from export.lite.generator import MARKS, mouth_generator

    assert training(folder, "--steps", "1").returncode == 0
    state = torch.load(folder / "run" / "checkpoint.pt", weights_only=True)
    for region in ("mouth", "eyes"):
        weights = state[region]["average"]
        weights["down.0.weight"] = weights["down.0.weight"][:, :7].clone()
    torch.save(state, folder / "older.pt")
    (folder / "run" / "checkpoint.pt").unlink()
    (folder / "text.pt").write_text("no checkpoint")
    for name in ("none.pt", "text.pt"):
        refused = training(folder, "--steps", "1", "--weights", str(folder / name))
        assert refused.returncode != 0
        assert f"{name}: wanted a checkpoint" in refused.stderr
    (folder / "run.toml").write_text("rate = 1e-30\n" + (folder / "run.toml").read_text())
    assert training(folder, "--steps", "1", "--weights", str(folder / "older.pt")).returncode == 0
    generator, given = mouth_generator(), torch.rand(1, 3 + MARKS, 128, 128)
    generator.load_state_dict(torch.load(folder / "run" / "checkpoint.pt", weights_only=True)["mouth"]["average"])
    blind = torch.cat([given[:, :7], torch.zeros_like(given[:, 7:])], 1)
    assert torch.equal(generator(given), generator(blind))
    torch.testing.assert_close(
        generator.state_dict()["down.0.weight"][:, :7], state["mouth"]["average"]["down.0.weight"]
    )


def test_another_actor_shows_the_same_in_another_light(
    plain: LiteEngine, finder: Finder, pictures: dict[str, Image]
) -> None:
    from reenact.lite.glimpse import KNOWN
    from training.glimpses import UNKNOWN, any_actor

    seen = plain.motion(pictures["collins"], finder.only(pictures["collins"])).glimpse
    assert seen is not None
    rng = np.random.default_rng(0)
    others = [any_actor(seen, rng) for _ in range(200)]
    known = [other for other in others if other is not None]
    assert 0.5 * UNKNOWN < 1 - len(known) / len(others) < 2 * UNKNOWN
    for other in known:
        assert 0 <= other.min() <= other.max() <= 1
        np.testing.assert_array_equal(other[:, KNOWN], seen[:, KNOWN])
        assert other[seen[:, KNOWN] == 0].max(initial=0) == 0
    assert np.std([other[:, 0].mean() for other in known]) > 0.03
