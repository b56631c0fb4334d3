"""What many tests share: bundled pictures, real networks (loaded once), a film of an actor drawn from them.

Being here makes `tests` importable too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reenact.bundle import bundled
from reenact.compose import paste_back
from reenact.devices.pictures import read_picture
from reenact.faces import Finder, open_finder
from reenact.lite import LiteEngine, open_lite
from reenact.pipeline import Reenactor
from reenact.recording import Recording, load_recording
from reenact.types import Avatar, Image, Motion


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where settings, keys and statements of the tests lie."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the user's own folders."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.delenv("REENACT_CONFIG", raising=False)


@pytest.fixture(scope="session")
def pictures() -> dict[str, Image]:
    """The bundled pictures: photo, photo with a toothy smile, painting."""
    return {name: read_picture(bundled("examples", f"{name}.jpg")) for name in ("hopper", "collins", "tanguy")}


@pytest.fixture(scope="session")
def hopper(pictures: dict[str, Image]) -> Image:
    """A frontal face with closed lips, 512 x 600 px."""
    return pictures["hopper"]


@pytest.fixture(scope="session")
def finder() -> Finder:
    return open_finder()


@pytest.fixture(scope="session")
def engine() -> LiteEngine:
    return open_lite()


@pytest.fixture(scope="session")
def avatar(engine: LiteEngine, finder: Finder, hopper: Image) -> Avatar:
    return engine.prepare(hopper, finder.only(hopper))


@pytest.fixture(scope="session")
def performance() -> Recording:
    """Ten seconds of a bundled motion, 25 a second; the first one is the neutral."""
    return load_recording(bundled("examples", "performance.npz"))


@pytest.fixture(scope="session")
def actor_film(engine: LiteEngine, finder: Finder, pictures: dict[str, Image], performance: Recording) -> list[Image]:
    """50 frames of somebody who moves: the painting, performing. 575 x 600 px."""
    painting = pictures["tanguy"]
    actor = engine.prepare(painting, finder.only(painting))
    reenactor = Reenactor(engine, lambda image: None, actor, neutral=performance.motions[0], compose=paste_back)
    moments = list(zip(performance.motions, performance.seconds.tolist(), strict=True))[::5]
    return [reenactor.perform(motion, at) for motion, at in moments]


@pytest.fixture(scope="session")
def neutral(engine: LiteEngine, finder: Finder, actor_film: list[Image]) -> Motion:
    """Of the actor in `actor_film`."""
    return engine.motion(actor_film[0], finder.only(actor_film[0]))
