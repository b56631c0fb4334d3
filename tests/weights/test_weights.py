"""Fetching weights from a server that is honest, breaks off, lies, or serves other bytes; checking files at hand."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from export.liveportrait.official import weight_files
from reenact.errors import WeightsError
from reenact.weights import WeightFile, Weights, adopt, fetch, known, open_weights

CONTENT = {"base/first.pth": bytes(range(256)) * 40, "small/second.pth": b"\x07" * 5000}


def file_of(path: str, content: bytes) -> WeightFile:
    return WeightFile(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass
class Server:
    """Serves CONTENT; `faults` holds what it does to the next requests of a path."""

    url: str = ""
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Range header of every request."""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, wanted = self.path.removeprefix("/"), self.headers.get("Range")
            state.asked.append((path, wanted))
            faults = state.faults.get(path, [])
            fault = faults.pop(0) if faults else ""
            if path not in CONTENT or fault == "gone":
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and fault != "no ranges" else 0
            content = CONTENT[path] if fault != "other bytes" else b"\x55" * len(CONTENT[path])
            body = content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            if fault == "lies longer":
                self.send_header("Content-Length", str(len(body) + 100))
            elif fault != "no length":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if fault == "breaks off" else body)
            if fault == "no length":
                self.wfile.write(b"and more")

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_port}/"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def weights(server: Server) -> Weights:
    files = [file_of(path, content) for path, content in CONTENT.items()]
    return Weights(name="test", licence="MIT", licence_text="free", mirrors=[server.url], files=files)


def whole(folder: Path) -> bool:
    return all((folder / path).read_bytes() == content for path, content in CONTENT.items())


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part")]


def test_everything_is_fetched_once(weights: Weights, server: Server, tmp_path: Path) -> None:
    done: dict[str, int] = {}
    fetch(weights, tmp_path, lambda file, here: done.update({file.name: here}))
    fetch(weights, tmp_path)
    assert whole(tmp_path)
    assert leftovers(tmp_path) == []
    assert len(server.asked) == 2
    assert done == {"first.pth": 10240, "second.pth": 5000}


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["breaks off", "breaks off"]
    fetch(weights, tmp_path)
    assert whole(tmp_path)
    assert [wanted for path, wanted in server.asked if "first" in path] == [None, "bytes=5120-", "bytes=7680-"]


def test_a_later_call_goes_on_too(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["breaks off"] * 4
    with pytest.raises(WeightsError, match=r"first\.pth: no mirror .* broke off 4 times"):
        fetch(weights, tmp_path)
    assert leftovers(tmp_path) == ["first.pth.part"]
    assert not (tmp_path / "base/first.pth").exists()
    fetch(weights, tmp_path)
    assert whole(tmp_path)
    assert server.asked[4][1] == "bytes=9600-"


def test_a_server_without_ranges_is_read_from_the_start(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["breaks off", "no ranges"]
    fetch(weights, tmp_path)
    assert whole(tmp_path)


def test_a_server_that_lies_about_the_length_is_refused(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["lies longer"]
    with pytest.raises(WeightsError, match=r"has 10340 bytes, wanted 10240: another file"):
        fetch(weights, tmp_path)


def test_a_server_that_sends_more_than_it_should_is_refused(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["no length"]
    with pytest.raises(WeightsError, match=r"sent more than the 10240 bytes wanted"):
        fetch(weights, tmp_path)
    assert not (tmp_path / "base/first.pth").exists()


def test_wrong_bytes_are_never_given_the_name(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["other bytes"]
    with pytest.raises(WeightsError, match=r"the right size, other bytes"):
        fetch(weights, tmp_path)
    assert list(tmp_path.rglob("*.p*")) == []
    fetch(weights, tmp_path)
    assert whole(tmp_path)


def test_the_next_mirror_serves_where_the_first_fails(weights: Weights, server: Server, tmp_path: Path) -> None:
    server.faults["base/first.pth"] = ["gone"]
    twice = weights.model_copy(update={"mirrors": [server.url, server.url]})
    fetch(twice, tmp_path)
    assert whole(tmp_path)


def test_a_dead_mirror_is_named(weights: Weights, tmp_path: Path) -> None:
    dead = weights.model_copy(update={"mirrors": ["http://127.0.0.1:9/"]})
    with pytest.raises(WeightsError, match=r"http://127\.0\.0\.1:9/: broke off 4 times"):
        fetch(dead, tmp_path)


def test_offline_means_offline(
    weights: Weights, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REENACT_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"REENACT_OFFLINE is set; get it elsewhere and use --from DIR"):
        fetch(weights, tmp_path)
    assert server.asked == []
    laid(tmp_path)
    fetch(weights, tmp_path)  # all there: no network needed
    assert server.asked == []


def laid(folder: Path, **changed: bytes) -> Path:
    """The files under their own names, some with other content."""
    for path, content in CONTENT.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(changed.get(place.stem, content))
    return folder


Take = Callable[[Weights, Path], None]
"""Uses the files of a folder, once all of them are the right ones."""


def pulled(weights: Weights, folder: Path) -> None:
    adopt(weights, folder, folder.parent / "here")
    assert whole(folder.parent / "here")


def exported(weights: Weights, folder: Path) -> None:
    assert set(weight_files(folder, ["first", "second"], weights)) == {"first", "second"}


takes = pytest.mark.parametrize("take", [pulled, exported], ids=["pull --from", "export"])


@takes
def test_files_at_hand_are_taken(weights: Weights, tmp_path: Path, take: Take) -> None:
    take(weights, laid(tmp_path / "mine"))
    assert leftovers(tmp_path) == []


@takes
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CONTENT["base/first.pth"][:-10], r"first\.pth: cut off, 10230 of 10240 bytes"),
        (CONTENT["base/first.pth"] + b"x", r"first\.pth: 10241 bytes, wanted 10240; not the official file"),
        (b"\x00" * 10240, r"first\.pth: the right size, other bytes \(sha256 differs\)"),
        (CONTENT["small/second.pth"], r"wanted first\.pth, found second\.pth under its name"),
    ],
    ids=["truncated", "wrong size", "wrong hash", "another's name"],
)
def test_each_wrong_file_has_its_own_error(
    weights: Weights, tmp_path: Path, take: Take, content: bytes, said: str
) -> None:
    with pytest.raises(WeightsError, match=said):
        take(weights, laid(tmp_path / "mine", first=content))
    assert not (tmp_path / "here").exists()


@takes
def test_a_missing_and_a_renamed_file_are_told_apart(weights: Weights, tmp_path: Path, take: Take) -> None:
    mine = laid(tmp_path / "mine")
    (mine / "base/first.pth").rename(mine / "base/model(1).pth")
    with pytest.raises(WeightsError, match=r"wanted first\.pth, found it renamed to model\(1\)\.pth"):
        take(weights, mine)
    (mine / "base/model(1).pth").unlink()
    with pytest.raises(WeightsError, match=r"first\.pth is missing; fetch it with `reenact pull`"):
        take(weights, mine)
    with pytest.raises(WeightsError, match=r"wanted a folder with first\.pth, found none"):
        take(weights, tmp_path / "nowhere")


def test_the_converted_edition_is_taken_as_it_is(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "first.safetensors"
    path.write_bytes(b"anything")
    assert weight_files(tmp_path, ["first"], weights) == {"first": path}
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / path.name).write_bytes(b"else")
    with pytest.raises(WeightsError, match="several first files"):
        weight_files(tmp_path, ["first"], weights)


def test_the_official_weights_are_described_whole() -> None:
    weights = open_weights("liveportrait")
    assert weights.licence == "MIT"
    assert len({file.sha256 for file in weights.files}) == len(weights.files) == 5
    assert all(len(file.sha256) == 64 for file in weights.files)
    assert sum(file.size for file in weights.files) == 522320239
    assert all(mirror.endswith("/") for mirror in weights.mirrors)


def test_unknown_weights_are_an_error_that_says_which_there_are() -> None:
    assert known() == ["liveportrait"]
    with pytest.raises(WeightsError, match="there are: liveportrait"):
        open_weights("stylegan")
