"""`reenact pull`: the licence is shown and has to be accepted before anything happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reenact.cli.main import app
from reenact.errors import WeightsError


def test_nothing_is_fetched_before_the_licence_is_accepted(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["pull", "liveportrait", "--to", str(tmp_path / "weights")])
    assert "MIT licence" in result.output
    assert isinstance(result.exception, WeightsError)
    assert "add --accept-licence" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_the_files_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REENACT_OFFLINE", "1")
    arguments = ["pull", "liveportrait", "--accept-licence", "--from", str(tmp_path), "--to", str(tmp_path / "weights")]
    result = CliRunner().invoke(app, arguments)
    assert "appearance_feature_extractor.pth is missing" in str(result.exception)
