"""Window and virtual camera: what they need is named when it is missing."""

from __future__ import annotations

import sys

import pytest

from reenact.devices.sink import FrameSink
from reenact.devices.virtualcam import VirtualCamSink
from reenact.devices.window import WindowSink
from reenact.errors import DeviceError


@pytest.mark.parametrize(
    ("sink", "package", "command"),
    [
        (WindowSink((64, 48), print), "pygame", r"pip install 'reenact\[window\]'"),
        (VirtualCamSink((64, 48)), "pyvirtualcam", r"pip install 'reenact\[camera\]'"),
    ],
    ids=["window", "virtualcam"],
)
def test_a_missing_extra_is_named_with_the_command(
    sink: FrameSink, package: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DeviceError, match=command), sink:
        pass
