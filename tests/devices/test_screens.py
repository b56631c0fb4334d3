"""Window and virtual camera: what they need is named when it is missing. What they show needs a screen."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from reenact.devices.sink import FrameSink
from reenact.devices.virtualcam import SET_UP, VirtualCamSink
from reenact.devices.window import WindowSink
from reenact.errors import DeviceError
from reenact.types import Frame


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


class Loopback:
    """Stands for pyvirtualcam.Camera."""

    def __init__(self, **asked: object) -> None:
        self.asked = asked
        self.sent: list[np.ndarray] = []
        self.closed = False

    def send(self, image: np.ndarray) -> None:
        if len(self.sent) == 2:
            raise RuntimeError("device is gone")
        self.sent.append(image)

    def close(self) -> None:
        self.closed = True


def install(monkeypatch: pytest.MonkeyPatch, camera: object) -> None:
    module = SimpleNamespace(Camera=camera, PixelFormat=SimpleNamespace(RGB="RGB"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", module)


def test_a_virtual_camera_gets_rgb_frames_until_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Loopback] = []
    install(monkeypatch, lambda **asked: made.append(Loopback(**asked)) or made[0])
    frame = Frame(np.full((48, 64, 3), (9, 8, 7), np.uint8), 0, 0.0)
    with VirtualCamSink((64, 48), 25) as sink:
        sink.send(frame)
        sink.send(frame)
        with pytest.raises(DeviceError, match="device is gone"):
            sink.send(frame)
    assert made[0].asked == {"width": 64, "height": 48, "fps": 25, "fmt": "RGB"}
    np.testing.assert_array_equal(made[0].sent[0], frame.image)
    assert made[0].closed


def test_a_virtual_camera_that_is_not_set_up_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise RuntimeError("'v4l2loopback' backend: No v4l2 loopback\ndevices found")

    monkeypatch.setattr(sys, "platform", "linux")
    install(monkeypatch, refuse)
    with pytest.raises(DeviceError, match=SET_UP["linux"]) as caught, VirtualCamSink((64, 48)):
        pass
    assert "\n" not in str(caught.value)
