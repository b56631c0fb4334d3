"""`auto` takes the fastest backend that is right, remembers it, and replaces one that dies."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from films import write_film

from reenact.backends.auto import AutoNetwork, Form
from reenact.backends.onnx import OnnxNetwork, open_network
from reenact.backends.protocol import Availability, Backend
from reenact.backends.registry import backends, named
from reenact.backends.remembered import TOLERANCE, cache_folder, everything
from reenact.backends.trial import psnr
from reenact.bundle import bundled, open_bundle
from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.doctor import DOUBLE
from reenact.errors import BackendError, BundleError
from reenact.faces import Finder, Tracker
from reenact.lite import LiteEngine, open_lite
from reenact.lite.appearance import Appearance
from reenact.lite.engine import LIVELY
from reenact.network import Tensor
from reenact.pipeline import Reenactor
from reenact.render import render
from reenact.types import Frame, Image

DOUBLED = Form("double", "0" * 64, lambda: DOUBLE)
ONE = {"x": np.full(1, 1.5, np.float32)}


class Clock:
    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What trials measure with: goes on only as fake sessions say."""
    clock = Clock()
    monkeypatch.setattr("reenact.backends.trial.time", clock)
    return clock


@pytest.fixture(autouse=True)
def _forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@dataclass(eq=False)
class Fake:
    """A backend that computes what the CPU does, takes as long as it says, and has one fault."""

    name: str
    cost: float
    clock: Clock
    fault: str = ""
    """nan, wrong, shape, refuses, absent, or dies."""
    dies_after: int = 0
    """Calls."""
    version: str = "1"
    loads: int = field(default=0)
    calls: int = field(default=0)

    def probe(self) -> Availability:
        return Availability(self.fault != "absent", self.version, "a chip", "absent")

    def load(self, model: bytes, *, name: str, threads: int | None = None, bfloat16: bool = False) -> FakeSession:
        assert self.fault != "absent"
        if self.fault == "refuses":
            raise BackendError(f"{name}: no such operator")
        self.loads += 1
        return FakeSession(self, open_network(model, name=name, threads=threads))


class FakeSession:
    def __init__(self, backend: Fake, real: OnnxNetwork) -> None:
        self._backend, self._real = backend, real
        self.name, self.provider = real.name, backend.name
        self.inputs, self.outputs = real.inputs, real.outputs

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        backend = self._backend
        backend.calls += 1
        backend.clock.now += backend.cost
        if backend.fault == "dies" and backend.calls > backend.dies_after:
            raise BackendError(f"{self.name}: {backend.name} fell off the bus")
        out = dict(self._real(**inputs))
        for name, value in out.items():
            if backend.fault == "nan":
                value.flat[-1] = np.nan
            out[name] = {"wrong": value * 1.1, "shape": value[None]}.get(backend.fault, value)
        return out


def auto(*candidates: Backend) -> AutoNetwork:
    return AutoNetwork([DOUBLED], candidates)


def test_the_fastest_is_taken_whatever_the_order(clock: Clock) -> None:
    some = [Fake("cpu", 3.0, clock), Fake("slow", 4.0, clock), Fake("quick", 1.0, clock)]
    for order in (some, some[::-1]):
        network = auto(*order)
        assert network(**ONE)["y"] == 3.0
        assert network.provider == "quick"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("nan", "nan dB"),
        ("wrong", "20.0 dB"),
        ("shape", "-inf dB"),
        ("refuses", "no such operator"),
        ("dies", "fell off the bus"),
    ],
)
def test_what_is_not_right_is_never_taken_however_fast(
    clock: Clock, caplog: pytest.LogCaptureFixture, fault: str, said: str
) -> None:
    cpu, bad = Fake("cpu", 3.0, clock), Fake("bad", 0.001, clock, fault)
    for _ in ("found out", "remembered"):
        network = auto(cpu, bad)
        assert network(**ONE)["y"] == 3.0
        assert network.provider == "cpu"
    assert said in caplog.text
    assert bad.loads <= 1
    (findings,) = everything()
    assert findings.ranking() == [("double", "cpu")]
    assert said in findings.trials[1].complaint


def test_nan_is_no_number_above_the_tolerance() -> None:
    good, bad = np.ones((2, 2), np.float32), np.array([[1, 1], [1, np.nan]], np.float32)
    assert psnr({"y": good}, {"y": good}) == 120
    assert np.isnan(psnr({"y": bad, "z": good}, {"y": good, "z": good}))
    assert not psnr({"y": bad}, {"y": good}) >= TOLERANCE
    assert psnr({"z": good}, {"y": good}) == psnr({"y": good[0]}, {"y": good}) == float("-inf")


def test_the_peak_of_a_picture_is_white_and_of_other_numbers_the_largest() -> None:
    picture, grey = np.full((8, 8, 3), 100, np.uint8), np.full((8, 8, 3), 101, np.uint8)
    assert psnr({"y": grey}, {"y": picture}) == pytest.approx(48.13, abs=0.01)
    assert psnr({"y": grey / 100}, {"y": picture / 100}) == pytest.approx(40)


def test_every_form_is_tried_on_every_backend_that_it_suits(clock: Clock) -> None:
    """The quicker form wins on the backend that takes it; one that is quicker still but not right does not."""

    @dataclass(eq=False)
    class Choosy(Fake):
        def load(self, model: bytes, *, name: str, threads: int | None = None, bfloat16: bool = False) -> FakeSession:
            session = super().load(model, name=name, threads=threads)
            half, broken = Fake(self.name, self.cost / 2, clock), Fake(self.name, self.cost / 9, clock, "nan")
            session._backend = {"double": self, "half": half, "broken": broken}[name]
            return session

    forms = [DOUBLED, *(replace(DOUBLED, name=name, backends=("chip", "gpu")) for name in ("half", "broken"))]
    some = [Choosy("cpu", 1.0, clock), Choosy("chip", 1.5, clock), Choosy("gpu", 9.0, clock)]
    network = AutoNetwork(forms, some)
    assert network(**ONE)["y"] == 3.0
    assert network.provider == "chip, as half"
    (findings,) = everything()
    tried = {(trial.form, trial.backend) for trial in findings.trials}
    assert tried == {("double", "cpu"), *((form.name, name) for form in forms for name in ("chip", "gpu"))}
    assert findings.ranking() == [
        ("half", "chip"),
        ("double", "cpu"),
        ("double", "chip"),
        ("half", "gpu"),
        ("double", "gpu"),
    ]
    assert AutoNetwork([replace(DOUBLED, sha256="1" * 64)], some)._key != network._key


def test_what_is_not_installed_is_not_loaded(clock: Clock) -> None:
    absent = Fake("absent", 0.1, clock, "absent")
    network = auto(Fake("cpu", 3.0, clock), absent)
    network(**ONE)
    assert network.provider == "cpu"
    assert absent.calls == 0


def test_the_winner_is_remembered(clock: Clock) -> None:
    cpu, quick = Fake("cpu", 3.0, clock), Fake("quick", 1.0, clock)
    auto(cpu, quick)(**ONE)
    tried = quick.calls
    again = auto(cpu, quick)
    assert again(**ONE)["y"] == 3.0
    assert (again.provider, quick.calls) == ("quick", tried + 2)  # once to see that it is still right
    assert "quick" in next(cache_folder().glob("*.json")).read_text()


def test_another_version_is_found_out_anew(clock: Clock) -> None:
    cpu, quick = Fake("cpu", 3.0, clock), Fake("quick", 1.0, clock)
    auto(cpu, quick)(**ONE)
    quick.version, quick.cost = "2", 9.0
    again = auto(cpu, quick)
    again(**ONE)
    assert again.provider == "cpu"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        '{"name": "double"}',
        ('"milliseconds": 1000.0', '"milliseconds": "soon"'),
        ('"milliseconds": 1000.0', '"milliseconds": -5'),
        ('"milliseconds": 1000.0', '"milliseconds": NaN'),
        ('"psnr": 120.0', '"psnr": 3.0'),
        ('"psnr": 120.0', '"psnr": null'),
    ],
)
def test_a_file_that_is_not_what_it_was_is_made_anew(clock: Clock, content: str | tuple[str, str]) -> None:
    cpu, quick = Fake("cpu", 3.0, clock), Fake("quick", 1.0, clock)
    auto(cpu, quick)(**ONE)
    (file,) = cache_folder().glob("*.json")
    sound = file.read_text()
    file.write_text(content if isinstance(content, str) else sound.replace(*content))
    assert file.read_text() != sound
    assert everything() == []
    again = auto(cpu, quick)
    again(**ONE)
    assert again.provider == "quick"
    assert file.read_text() == sound


def test_one_that_does_not_load_any_more_is_passed_over(clock: Clock) -> None:
    cpu, middle, quick = Fake("cpu", 3.0, clock), Fake("middle", 2.0, clock), Fake("quick", 1.0, clock)
    auto(cpu, middle, quick)(**ONE)
    quick.fault = "refuses"
    again = auto(cpu, middle, quick)
    assert again(**ONE)["y"] == 3.0
    assert again.provider == "middle"


def test_one_that_dies_is_replaced_by_the_next_best_and_no_call_is_lost(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    cpu, middle = Fake("cpu", 3.0, clock), Fake("middle", 2.0, clock)
    network = auto(cpu, middle, Fake("quick", 1.0, clock, "dies", dies_after=10))
    seen = []
    for _ in range(8):
        assert network(**ONE)["y"] == 3.0
        seen.append(network.provider)
    assert seen == sorted(seen, key=["quick", "middle"].index)
    assert set(seen) == {"quick", "middle"}
    assert "quick fell off the bus; going on with middle" in caplog.text


@pytest.mark.parametrize("wrong", [{"no_such_input": ONE["x"]}, {"x": np.ones(1, np.int64)}])
def test_inputs_that_no_backend_could_run_are_an_error_and_no_backend_s_death(
    clock: Clock, wrong: dict[str, Tensor]
) -> None:
    network = auto(Fake("cpu", 3.0, clock), Fake("quick", 1.0, clock))
    network(**ONE)
    with pytest.raises(BackendError, match="double"):
        network(**wrong)
    assert network(**ONE)["y"] == 3.0
    assert network.provider == "quick"


def test_where_the_reference_dies_that_was_the_fastest_the_next_goes_on(clock: Clock) -> None:
    cpu = Fake("cpu", 1.0, clock, "dies", dies_after=20)
    network = auto(cpu, Fake("slow", 3.0, clock))
    network(**ONE)
    assert network.provider == "cpu"
    cpu.dies_after = 0
    assert network(**ONE)["y"] == 3.0
    assert network.provider == "slow"


def test_when_nothing_is_left_the_error_comes_out(clock: Clock) -> None:
    cpu, slow = Fake("cpu", 1.0, clock), Fake("slow", 3.0, clock)
    network = auto(cpu, slow)
    network(**ONE)
    cpu.fault = slow.fault = "dies"
    with pytest.raises(BackendError, match="fell off the bus"):
        network(**ONE)


def test_a_runtime_that_raises_what_it_should_not_is_a_finding(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: Fake, model: bytes, **_: object) -> FakeSession:
        raise RuntimeError("driver\nand more")

    odd = Fake("odd", 0.1, clock)
    monkeypatch.setattr(odd, "load", load.__get__(odd))
    network = auto(Fake("cpu", 3.0, clock), odd)
    assert network(**ONE)["y"] == 3.0
    assert everything()[0].trials[1].complaint == "driver"


def test_a_form_that_cannot_be_read_any_more_ends_no_stream(clock: Clock) -> None:
    def gone() -> bytes:
        raise BundleError("gone")

    forms = [DOUBLED, replace(DOUBLED, name="half", sha256="1" * 64, backends=("quick",), read=gone)]
    network = AutoNetwork(forms, [Fake("cpu", 3.0, clock), Fake("quick", 1.0, clock)])
    assert network(**ONE)["y"] == 3.0
    assert [trial.complaint for trial in everything()[0].trials if trial.form == "half"] == ["gone"]


def test_a_remembered_winner_that_has_gone_wrong_is_found_out(clock: Clock) -> None:
    cpu, quick = Fake("cpu", 3.0, clock), Fake("quick", 1.0, clock)
    auto(cpu, quick)(**ONE)
    quick.fault = "nan"
    again = auto(cpu, quick)
    assert again(**ONE)["y"] == 3.0
    assert again.provider == "cpu"


def test_findings_hold_for_one_machine_and_one_way_to_run_a_form(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def key(form: Form) -> str:
        return AutoNetwork([form], [Fake("cpu", 1.0, clock)])._key.model_dump_json()

    keys = {key(DOUBLED), key(replace(DOUBLED, bfloat16=True)), key(replace(DOUBLED, backends=("cpu", "quick")))}
    monkeypatch.setattr("reenact.backends.auto.fingerprint", lambda: "another")
    assert len(keys | {key(DOUBLED)}) == 4


def test_a_form_that_paints_nothing_does_not_pass(engine: LiteEngine, finder: Finder, hopper: Image) -> None:
    """What the generators paint is a small part of the picture: all of it would hide that it is missing."""
    avatar = engine.prepare(hopper, finder.only(hopper), size=512)
    look, lively = avatar.appearance, engine.acting(avatar.motion, LIVELY)
    assert isinstance(look, Appearance)
    given = engine.tensors(look, lively)
    none = {name: value * 0 if name.endswith("_strength") else value for name, value in given.items()}
    wanted, got = (engine._draw(**tensors)["image"] for tensors in (given, none))
    assert psnr({"image": got}, {"image": wanted}) < TOLERANCE - 10


def test_every_backend_tells_whether_it_is_here_and_an_unknown_name_is_an_error() -> None:
    for backend in backends():
        found = backend.probe()
        assert bool(found.version and found.device) is found.ok is not bool(found.reason)
    assert named("cpu").probe().ok
    with pytest.raises(BackendError, match="backend cuda13 is unknown; there are auto, cpu"):
        named("cuda13")


def test_a_bundle_opens_a_network_on_the_fastest_that_is_here() -> None:
    network = open_bundle(bundled("engines", "faces")).network("detector_short", backend="auto")
    out = network(image=np.zeros((1, 3, 128, 128), np.float32))
    assert {name: value.shape for name, value in out.items()} == {"regressors": (1, 896, 16), "scores": (1, 896, 1)}
    (findings,) = everything()
    right = [trial for trial in findings.trials if not trial.complaint]
    best = min(right, key=lambda trial: trial.milliseconds or 0)
    assert findings.ranking()[0] == (best.form, best.backend)
    form = "" if best.form == "detector_short" else f", as {best.form}"
    assert network.provider == named(best.backend).load(DOUBLE, name="double").provider + form


def test_a_session_that_dies_in_mid_film_leaves_no_frame_out(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    clock: Clock,
    finder: Finder,
    hopper: Image,
    actor_film: list[Image],
) -> None:
    """The whole engine on a backend that falls off the bus while the film is being made."""
    count = 30
    fragile = Fake("fragile", 0.0, clock, "dies", dies_after=10**9)
    some: Sequence[Backend] = (Fake("cpu", 1.0, clock), fragile)
    monkeypatch.setattr("reenact.bundle.backends", lambda: some)
    engine = open_lite(backend="auto")
    reenactor = Reenactor(engine, Tracker(finder), engine.prepare(hopper, finder.only(hopper), size=128))
    providers: list[str] = []

    def watch(frame: Frame) -> None:
        providers.append(engine._draw.provider)  # type: ignore[attr-defined]
        if frame.index == count // 2:
            fragile.dies_after = fragile.calls

    source = write_film(tmp_path / "in.mp4", [image[:, :574] for image in actor_film[:count]])
    out = tmp_path / "out.mp4"
    height, width = reenactor.still().shape[:2]
    with caplog.at_level(logging.WARNING), VideoSource(source) as film:
        with VideoSink(out, (width, height), rate=film.rate, time_base=film.time_base, sound_from=source) as sink:
            report = render(film, reenactor, sink.send, look=reenactor.look, progress=watch)
        with VideoSource(source) as was, VideoSource(out) as made:
            assert [frame.timestamp for frame in made] == [frame.timestamp for frame in was]
    assert report.frames == count
    assert providers == ["fragile"] * (count // 2 + 1) + ["cpu"] * (count // 2 - 1)
    assert "fragile fell off the bus; going on with cpu" in caplog.text
