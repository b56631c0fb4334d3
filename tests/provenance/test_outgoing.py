"""No sink gets a picture without the mark: camera, window, film and picture, live and offline, moving and at rest."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from reenact.bundle import bundled
from reenact.cli import live as live_command
from reenact.cli import provenance
from reenact.cli.main import app
from reenact.cli.provenance import BadgePlace, Marks, Outgoing, check_watermark, outgoing
from reenact.devices.memory import MemorySink
from reenact.devices.pictures import read_picture
from reenact.devices.synthetic import Synthetic, SyntheticCamera
from reenact.devices.video import VideoSource
from reenact.devices.video_sink import VideoSink
from reenact.devices.virtualcam import VirtualCamSink
from reenact.errors import ProvenanceError
from reenact.extras import how_to_install
from reenact.loop import run
from reenact.provenance.detector import Detector, Finding
from reenact.provenance.outgoing import Finished
from reenact.provenance.settings import ProvenanceSettings
from reenact.types import Frame, Image

LITE = bundled("engines", "lite")
HOPPER = bundled("examples", "hopper.jpg")


def find(*images: Image) -> Finding:
    detector = Detector()
    for image in images:
        detector.add(image)
    return detector.find(everywhere=False)


class Still:
    """A performer that shows the same picture whatever happens."""

    face_found = calibrated = True

    def __init__(self, picture: Image) -> None:
        self._picture = picture

    def __call__(self, frame: Frame) -> Frame:
        return frame.with_image(self._picture)

    def still(self) -> Image:
        return self._picture


class Loopback:
    """Stands for pyvirtualcam.Camera."""

    sent: list[Image] = []  # noqa: RUF012

    def __init__(self, **_: object) -> None:
        self.sent.clear()

    def send(self, image: Image) -> None:
        self.sent.append(image)

    def close(self) -> None:
        pass


def fake_pygame(shown: list[Image]) -> SimpleNamespace:
    """Stands for pygame: keeps what is drawn."""

    def frombuffer(data: bytes, size: tuple[int, int], _: str) -> None:
        shown.append(np.frombuffer(data, np.uint8).reshape(size[1], size[0], 3))

    screen = SimpleNamespace(blit=lambda *_: None)
    nothing = lambda *_: None  # noqa: E731
    display = SimpleNamespace(
        init=nothing,
        quit=nothing,
        flip=nothing,
        set_caption=nothing,
        set_mode=lambda _: screen,
        get_driver=lambda: "x11",
    )
    event = SimpleNamespace(get=list)
    return SimpleNamespace(display=display, image=SimpleNamespace(frombuffer=frombuffer), event=event, error=OSError)


@pytest.fixture
def going(tmp_path: Path) -> Outgoing:
    return outgoing(Marks(), LITE, [HOPPER], [tmp_path / "film.mp4"])


def test_every_live_sink_gets_marked_pictures_and_the_film_is_signed(
    tmp_path: Path, hopper: Image, going: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Image] = []
    monkeypatch.setitem(sys.modules, "pygame", fake_pygame(shown))
    pixel_format = SimpleNamespace(RGB="RGB")
    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=Loopback, PixelFormat=pixel_format))
    monkeypatch.setattr(live_command, "virtual_camera", VirtualCamSink)  # on Linux too: there is no device here
    memory = MemorySink()
    film = tmp_path / "film.mp4"
    size = hopper.shape[1], hopper.shape[0]
    names = [name for name in live_command.NAMED_SINKS if name != "null"] + [str(film)]
    sinks = {name: live_command.make_sink(name, size, 30, print, going.seal_for(film)) for name in names}
    camera = SyntheticCamera(Synthetic(6, fps=30))
    run(camera, Finished(Still(hopper), going.finish), sinks | {"memory": memory})
    with VideoSource(film) as source:
        filmed = [frame.image for frame in source]
    seen = [shown[-1], Loopback.sent[-1], memory.frames[-1].image, filmed[-1]]
    findings = [find(image) for image in seen]
    assert all(finding.marked for finding in findings)
    assert len({finding.payload for finding in findings}) == 1
    assert findings[0].payload is not None
    assert findings[0].payload.signed
    assert b"jumdc2pa" in film.read_bytes()


class Unplugged:
    """A camera that gives nothing."""

    def __enter__(self) -> Unplugged:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Frame | None]:
        while True:
            time.sleep(0.02)
            yield None


def test_pictures_at_rest_are_marked_too(hopper: Image, going: Outgoing) -> None:
    memory = MemorySink()
    performer = Finished(Still(hopper), going.finish)
    run(Unplugged(), performer, {"memory": memory}, seconds=0.3, rate=20)
    assert memory.frames
    assert all(find(frame.image).marked for frame in memory.frames)
    assert performer.face_found
    assert performer.calibrated


def live_arguments(tmp_path: Path, *more: str) -> list[str]:
    actor = tmp_path / "actor.mp4"
    if not actor.exists():
        picture = read_picture(bundled("examples", "tanguy.jpg"))
        with VideoSink(actor, (picture.shape[1], picture.shape[0])) as sink:
            for index in range(8):
                sink.send(Frame(picture, index, index / 20, Fraction(index, 20)))
    return ["live", str(HOPPER), "--camera", str(actor), "--sink", "null", "--size", "256", *more]


def test_reenact_live_sends_nothing_unmarked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = MemorySink()
    monkeypatch.setattr(live_command, "NullSink", lambda: memory)
    result = CliRunner().invoke(app, live_arguments(tmp_path, "--json"), catch_exceptions=False)
    assert result.exit_code == 0
    assert memory.frames
    assert all(find(frame.image).marked for frame in memory.frames)


def test_a_film_and_its_side_by_side_layout_are_marked(tmp_path: Path) -> None:
    actor = live_arguments(tmp_path)[3]
    for layout in ("avatar", "side-by-side"):
        out = tmp_path / f"{layout}.mp4"
        arguments = ["render", str(HOPPER), actor, "-o", str(out), "--size", "256", "--layout", layout]
        assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
        with VideoSource(out) as film:
            assert find(*(frame.image for frame in film)).payload is not None


def test_pictures_are_marked_and_signed(tmp_path: Path) -> None:
    actor = bundled("examples", "tanguy.jpg")
    for name in ("out.png", "out.jpg"):
        arguments = ["image", str(HOPPER), str(actor), "-o", str(tmp_path / name)]
        assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
        payload = find(read_picture(tmp_path / name)).payload
        assert payload is not None
        verified = CliRunner().invoke(app, ["verify", "--json", str(tmp_path / name)])
        assert verified.exit_code == 0
        report = json.loads(verified.stdout)
        assert report["signature"]["watermark"] == report["watermark"]["id"] == payload.id


def test_no_watermark_is_possible_and_says_what_it_means(
    tmp_path: Path, hopper: Image, caplog: pytest.LogCaptureFixture
) -> None:
    bare = outgoing(Marks(watermark=False), LITE, [HOPPER], [])
    np.testing.assert_array_equal(bare.finish(hopper), hopper)
    assert "no watermark" in caplog.text
    assert "AI Act" in caplog.text


def test_no_watermark_is_refused_where_the_settings_require_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text("[provenance]\nrequire_watermark = true\n", encoding="utf-8")
    monkeypatch.setenv("REENACT_CONFIG", str(config))
    with pytest.raises(ProvenanceError, match="--no-watermark is not allowed"):
        outgoing(Marks(watermark=False), LITE, [HOPPER], [])
    check_watermark(True, ProvenanceSettings(require_watermark=True))


def test_the_badge_is_shown_when_asked_for(hopper: Image) -> None:
    badged = outgoing(Marks(badge=BadgePlace.CORNER, badge_text="KI"), LITE, [HOPPER], []).finish(hopper)
    plain = outgoing(Marks(), LITE, [HOPPER], []).finish(hopper)
    corner = np.abs(badged[-60:, -120:].astype(int) - plain[-60:, -120:]).max()
    elsewhere = np.abs(badged[:300, :300].astype(int) - plain[:300, :300]).max()
    assert corner > 100
    assert elsewhere < 20
    assert find(badged).marked


def test_without_the_extra_one_line_says_that_files_are_not_signed(
    monkeypatch: pytest.MonkeyPatch, hopper: Image, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(provenance, "missing", lambda: "c2pa")
    unsigned = outgoing(Marks(), LITE, [HOPPER], [Path("a.mp4"), Path("b.png")])
    assert unsigned.seal is None
    payload = find(unsigned.finish(hopper)).payload
    assert payload is not None
    assert not payload.signed
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert how_to_install("provenance") in record.getMessage()


def test_without_watermark_and_extra_the_line_claims_neither(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(provenance, "missing", lambda: "c2pa")
    outgoing(Marks(watermark=False), LITE, [HOPPER], [Path("a.mp4")])
    assert "a.mp4: will be neither watermarked nor signed" in caplog.text


def test_ctrl_c_at_the_question_is_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "readline", interrupted, raising=False)
    ask = provenance.asking()
    assert ask is not None
    with pytest.raises(KeyboardInterrupt):
        ask([Path("anna.jpg")])


def test_a_kind_of_file_that_cannot_carry_a_signature_is_said(caplog: pytest.LogCaptureFixture) -> None:
    going = outgoing(Marks(), LITE, [HOPPER], [Path("a.mkv"), Path("b.mp4")])
    assert going.seal_for(Path("a.mkv")) is None
    assert going.seal_for(Path("b.mp4")) is not None
    (record,) = caplog.records
    assert "a.mkv: not signed" in record.getMessage()


def test_two_runs_have_two_names(hopper: Image) -> None:
    runs = {find(outgoing(Marks(), LITE, [HOPPER], []).finish(hopper)).payload for _ in range(2)}
    assert len(runs) == 2


def test_the_question_is_asked_in_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provenance.asking() is None
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    ask = provenance.asking()
    assert ask is not None
    asked: list[str] = []
    monkeypatch.setattr(provenance.typer, "prompt", lambda text, **_: asked.append(text) or "myself")
    assert ask([Path("anna.jpg")]) == "myself"
    assert len(asked) == 1
