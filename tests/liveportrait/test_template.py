"""The reference's motion templates: read whole, whatever pickle wrote them, and never run."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from reenact.errors import MediaError
from reenact.liveportrait import points
from reenact.liveportrait.directions import Region
from reenact.liveportrait.template import read_template
from reenact.recording import load_recording, save_recording


def frame(seed: int, old: bool = False) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "scale": np.array([[1.4 + 0.01 * seed]], np.float32),
        "R_d" if old else "R": points.rotation(*rng.uniform(-10, 10, 3)).T[None].astype(np.float32),
        "exp": rng.normal(0, 0.02, (1, 21, 3)).astype(np.float32),
        "t": rng.normal(0, 0.05, (1, 3)).astype(np.float32),
    }


def template(count: int = 3, old: bool = False) -> dict[str, object]:
    prefix = "c_d_" if old else "c_"
    return {
        "n_frames": count,
        "output_fps": 25,
        "motion": [frame(seed, old) for seed in range(count)],
        f"{prefix}eyes_lst": [np.array([[0.3, 0.31]], np.float32)] * count,
        f"{prefix}lip_lst": [np.array([[0.1]], np.float32)] * count,
    }


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("old", [False, True])
def test_a_template_is_read_whatever_wrote_it(tmp_path: Path, protocol: int, old: bool) -> None:
    path = tmp_path / "template.pkl"
    path.write_bytes(pickle.dumps(template(old=old), protocol=protocol))
    recording = read_template(path)
    np.testing.assert_allclose(recording.seconds, [0, 0.04, 0.08])
    for seed, motion in enumerate(recording.motions):
        wanted = frame(seed)
        np.testing.assert_allclose(motion.rotation.T, wanted["R"][0], atol=1e-7)
        np.testing.assert_allclose(motion.expression[:21] / points.CENTIMETRES, wanted["exp"][0], atol=1e-8)
        np.testing.assert_allclose(motion.translation[:2], wanted["t"][0, :2])
        assert motion.scale * points.CENTIMETRES == pytest.approx(1.4 + 0.01 * seed)
        np.testing.assert_allclose(points.openness(motion), [0.3, 0.31, 0.1], rtol=1e-6)


def test_a_template_becomes_a_recording_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "template.pkl"
    path.write_bytes(pickle.dumps(template()))
    recording = read_template(path)
    save_recording(tmp_path / "ours.npz", recording)
    again = load_recording(tmp_path / "ours.npz")
    avatar = recording.motions[2]
    for before, after in zip(recording.motions, again.motions, strict=True):
        moved = [points.transfer(avatar, r[0], r[1], Region.ALL) for r in ((before, recording.motions[0]),)]
        same = points.transfer(avatar, after, again.motions[0], Region.ALL)
        np.testing.assert_allclose(points.points(same), points.points(moved[0]), atol=1e-3)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("echo this must never run > /tmp/reenact-evil",)


def hidden_in_an_array() -> dict[str, object]:
    return {**template(), "motion": np.array([Evil()], dtype=object)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps(Evil()), r"names (posix|nt)\.system"),
        (pickle.dumps(hidden_in_an_array()), r"(array of O8|array of \|O|names (posix|nt)\.system)"),
        (pickle.dumps(print), r"names builtins\.print"),
        (pickle.dumps(template())[:-50], "found none"),
        (pickle.dumps(template(0)), "no frame in it"),
        (pickle.dumps([1, 2, 3]), "found none"),
        (pickle.dumps({**template(), "motion": [{"exp": np.zeros((1, 20, 3))}] * 3}), "found none"),
        (b"\x89PNG", "found none"),
        (b"", "found none"),
    ],
    ids=["code", "code in an array", "a name", "cut off", "empty", "a list", "other shapes", "a picture", "nothing"],
)
def test_anything_else_is_an_error_and_nothing_runs(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "template.pkl"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=said):
        read_template(path)
    assert not Path("/tmp/reenact-evil").exists()


def test_a_template_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="could not read it"):
        read_template(tmp_path / "none.pkl")
