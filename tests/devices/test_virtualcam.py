"""pyvirtualcam's sink with the real package and a backend in memory; which sink a system gets; what set-up says."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import pyvirtualcam

from reenact.devices.overheard import overheard
from reenact.devices.v4l2_sink import V4L2Sink
from reenact.devices.virtualcam import FAILURES, VirtualCamSink, check_virtual_camera, virtual_camera
from reenact.devices.virtualcam_setup import set_up
from reenact.errors import DeviceError
from reenact.extras import how_to_install
from reenact.types import Frame


class Memory:
    """A backend of pyvirtualcam: keeps what it gets; says `failure` on stderr as native code would."""

    opened: list[Memory]
    failure = b""
    refuses = ""

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        if self.refuses:
            raise RuntimeError(self.refuses)
        self.asked = width, height, fps, device
        self.frames: list[np.ndarray] = []
        self.closed = False
        self.opened.append(self)

    def send(self, frame: np.ndarray) -> None:
        self.frames.append(frame.copy())
        os.write(2, self.failure)

    def close(self) -> None:
        self.closed = True

    def device(self) -> str:
        return "memory"

    def native_fourcc(self) -> None:
        return None


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Memory]]:
    backend = type("Backend", (Memory,), {"opened": []})
    pyvirtualcam.register_backend("memory", backend)
    yield backend
    del pyvirtualcam.camera.BACKENDS["memory"]


def frame(size: tuple[int, int] = (64, 48)) -> Frame:
    return Frame(np.full((size[1], size[0], 3), (9, 8, 7), np.uint8), 0, 0.0)


def test_frames_arrive_as_rgb_and_the_camera_is_closed(memory: type[Memory]) -> None:
    with VirtualCamSink((64, 48), 25, "memory", backend="memory") as sink:
        sink.send(frame())
    assert memory.opened[0].asked == (64, 48, 25, "memory")
    np.testing.assert_array_equal(memory.opened[0].frames[0].reshape(48, 64, 3), frame().image)
    assert memory.opened[0].closed


def test_an_odd_side_grows_by_a_pixel(memory: type[Memory]) -> None:
    with VirtualCamSink((63, 47), backend="memory") as sink:
        sink.send(frame((63, 47)))
    assert memory.opened[0].asked[:2] == (64, 48)
    np.testing.assert_array_equal(memory.opened[0].frames[0].reshape(48, 64, 3), frame().image)


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_that_is_only_printed_is_raised(
    failure: str, memory: type[Memory], capfd: pytest.CaptureFixture[str]
) -> None:
    with VirtualCamSink((64, 48), backend="memory") as sink:
        sink.send(frame())
        memory.failure = f"{failure}: no such device\n".encode()
        with pytest.raises(DeviceError, match=f"did not go out .*{failure}: no such device"):
            sink.send(frame())
    assert failure in capfd.readouterr().err


def test_other_words_on_stderr_are_no_failure_and_are_passed_on(
    memory: type[Memory], capfd: pytest.CaptureFixture[str]
) -> None:
    memory.failure = b"hello from another thread\n"
    with VirtualCamSink((64, 48), backend="memory") as sink:
        sink.send(frame())
    assert len(memory.opened[0].frames) == 1
    assert capfd.readouterr().err == "hello from another thread\n"


def test_what_foreign_code_says_is_heard_even_when_it_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def act() -> None:
        os.write(2, b"before the fall")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        overheard(act)
    os.write(2, b", and after it")
    assert capfd.readouterr().err == "before the fall, and after it"


def test_without_a_stderr_there_is_nothing_to_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such(fd: int) -> int:
        raise OSError(9, "Bad file descriptor")

    done: list[str] = []
    monkeypatch.setattr(os, "dup", no_such)
    assert overheard(lambda: done.append("done")) == ""
    assert done == ["done"]


def test_a_frame_of_another_size_is_refused(memory: type[Memory]) -> None:
    with (
        VirtualCamSink((64, 48), backend="memory") as sink,
        pytest.raises(DeviceError, match="unexpected frame shape"),
    ):
        sink.send(frame((32, 32)))


def test_a_virtual_camera_that_is_not_set_up_says_how(memory: type[Memory], monkeypatch: pytest.MonkeyPatch) -> None:
    memory.refuses = "OBS Virtual Camera device not found!\nDid you install OBS?"
    with pytest.raises(DeviceError, match="not found! Did you install OBS") as caught:
        VirtualCamSink((64, 48), backend="memory").__enter__()
    assert set_up().line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_linux_has_a_sink_of_its_own_and_the_others_need_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert isinstance(virtual_camera((64, 48)), V4L2Sink)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert isinstance(virtual_camera((64, 48)), VirtualCamSink)
    check_virtual_camera()
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(DeviceError, match=re.escape(how_to_install("camera"))):
        check_virtual_camera()


@pytest.mark.parametrize(
    ("families", "package"),
    [
        (["ubuntu", "debian"], "apt install -y v4l2loopback-dkms linux-headers-"),
        (["debian"], "apt install -y v4l2loopback-dkms"),
        (["fedora"], "dnf install -y akmod-v4l2loopback"),
        (["manjaro", "arch"], "pacman -S --needed --noconfirm v4l2loopback-dkms"),
    ],
)
def test_each_distribution_has_its_commands(families: list[str], package: str) -> None:
    plan = set_up("linux", families)
    assert package in plan.line
    assert plan.commands[-1] == (
        'sudo modprobe v4l2loopback devices=1 video_nr=10 card_label="Reenact Camera" exclusive_caps=1 max_buffers=2'
    )
    assert "\n" not in plan.line
    assert any("/etc/modules-load.d/v4l2loopback.conf" in command for command in plan.at_boot)
    assert any("max_buffers=2' | sudo tee /etc/modprobe.d/" in command for command in plan.at_boot)
    assert any("mokutil" in step for step in plan.steps)


def test_an_unknown_linux_gets_what_all_have_in_common_and_others_steps_for_a_person() -> None:
    unknown = set_up("linux", ["nixos"])
    assert unknown.commands[0].startswith("sudo modprobe v4l2loopback")
    assert "v4l2loopback" in unknown.steps[0]
    assert "OBS Studio 30" in set_up("darwin").line
    assert "UnityCapture" in set_up("win32").line
    assert set_up("darwin").steps[-1] == set_up("win32").steps[-1] == how_to_install("camera")
    assert set_up("freebsd").line == "This system has none that we know."
    assert set_up("darwin").commands == set_up("win32").at_boot == ()
