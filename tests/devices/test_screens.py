"""Window and virtual camera: what they need is named when it is missing."""

from __future__ import annotations

import os
import re
import sys
from types import SimpleNamespace

import pytest

from reenact.devices.sink import FrameSink
from reenact.devices.virtualcam import VirtualCamSink
from reenact.devices.window import WindowSink
from reenact.errors import DeviceError
from reenact.extras import how_to_install


@pytest.mark.parametrize(
    ("sink", "package", "extra"),
    [
        (WindowSink((64, 48), print), "pygame", "window"),
        (VirtualCamSink((64, 48)), "pyvirtualcam", "camera"),
    ],
    ids=["window", "virtualcam"],
)
def test_a_missing_extra_is_named_with_the_command(
    sink: FrameSink, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DeviceError, match=re.escape(how_to_install(extra))), sink:
        pass


def test_without_a_screen_there_is_one_line_and_none_of_the_library_s(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    display = SimpleNamespace(
        init=lambda: os.write(2, b"error: XDG_RUNTIME_DIR is invalid"),
        get_driver=lambda: "offscreen",
        quit=lambda: None,
    )
    monkeypatch.setitem(sys.modules, "pygame", SimpleNamespace(display=display, error=RuntimeError))
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    with pytest.raises(DeviceError, match="no screen to open one on"), WindowSink((64, 48), print):
        pass
    assert capfd.readouterr().err == ""
