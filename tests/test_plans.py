"""A kept plan is used only where it is, to the letter, what would be built; else it is built, and replaced."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from export.plans import Key, fetched

KEY = Key(graph="ab12", version="1.7.1", targets="8.0 and up", sizes={"N": (1, 2, 8)})
PLAN = b"a plan\nof two lines"


def unwanted() -> bytes:
    raise AssertionError("built although it was kept")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where plans are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "reenact" / "plans"


@pytest.fixture
def kept(folder: Path) -> Path:
    """The file of a plan."""
    assert fetched(KEY, lambda: PLAN) == (PLAN, False)
    (path,) = folder.iterdir()
    return path


def test_what_was_built_is_kept(kept: Path) -> None:
    assert fetched(KEY, unwanted) == (PLAN, True)
    assert kept.suffix == ".plan"


def test_a_byte_that_flipped_anywhere_has_it_built_and_replaced(kept: Path) -> None:
    whole = kept.read_bytes()
    for place in range(len(whole)):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert fetched(KEY, lambda: PLAN) == (PLAN, False), place
        assert kept.read_bytes() == whole


def test_so_has_one_that_was_cut_short_or_goes_on_too_long(kept: Path) -> None:
    whole = kept.read_bytes()
    for damaged in [*(whole[:length] for length in range(len(whole))), whole + b"\n"]:
        kept.write_bytes(damaged)
        assert fetched(KEY, lambda: PLAN) == (PLAN, False)
        assert kept.read_bytes() == whole


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, graph="cd34"),
        replace(KEY, version="1.8.0"),
        replace(KEY, targets="7.5"),
        replace(KEY, sizes={"N": (1, 2, 9)}),
    ],
    ids=["graph", "version", "targets", "sizes"],
)
def test_another_graph_version_target_or_size_is_another_plan(kept: Path, other: Key) -> None:
    assert fetched(other, lambda: b"another") == (b"another", False)
    assert fetched(KEY, unwanted) == (PLAN, True)


def test_the_file_of_another_key_is_not_trusted_for_its_name(kept: Path, folder: Path) -> None:
    other = replace(KEY, version="1.8.0")
    fetched(other, lambda: b"another")
    (path,) = set(folder.iterdir()) - {kept}
    path.write_bytes(kept.read_bytes())
    assert fetched(other, lambda: b"another") == (b"another", False)


def test_two_that_build_at_once_do_no_harm(folder: Path) -> None:
    both = Barrier(2)

    def build(plan: bytes) -> Callable[[], bytes]:
        def wait() -> bytes:
            both.wait(timeout=10)
            return plan

        return wait

    plans = (b"one" * 100_000, b"two" * 100_000)
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(lambda plan: fetched(KEY, build(plan)), plans))
    assert got == [(plan, False) for plan in plans]
    assert fetched(KEY, unwanted)[0] in plans
    assert [path.suffix for path in folder.iterdir()] == [".plan"]


def test_where_nothing_can_be_kept_it_is_built_all_the_same(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_bytes(b"no folder")
    assert fetched(KEY, lambda: PLAN) == (PLAN, False)
    assert "a plan cannot be kept" in caplog.text


def test_a_build_that_fails_keeps_nothing(folder: Path) -> None:
    def fail() -> bytes:
        raise ValueError("not taken")

    with pytest.raises(ValueError, match="not taken"):
        fetched(KEY, fail)
    assert not folder.exists()
