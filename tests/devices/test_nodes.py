"""Which camera a word means: by number, path or name; what programs feed is no camera unless it is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reenact.devices import nodes
from reenact.devices.nodes import CameraInfo, by_name, find_camera, list_cameras
from reenact.devices.openers import openers
from reenact.errors import DeviceError

CAMERAS = [CameraInfo(0, "Reenact Camera", True), CameraInfo(2, "HD Webcam"), CameraInfo(4, "HD Webcam Pro")]


def test_cameras_are_listed_without_opening_them(tmp_path: Path) -> None:
    made = (
        ("pci0/usb1/video4linux/video2", "0", "Webcam"),
        ("pci0/usb1/video4linux/video3", "1", "Webcam"),
        ("virtual/video4linux/video0", "0", "Loopback"),
    )
    (tmp_path / "class").mkdir()
    for place, index, label in made:
        node = tmp_path / place
        node.mkdir(parents=True)
        (node / "index").write_text(f"{index}\n")
        (node / "name").write_text(f"{label}\n")
        (tmp_path / "class" / node.name).symlink_to(node)
    (tmp_path / "class" / "video4").symlink_to(tmp_path / "pulled out this moment")
    assert list_cameras(tmp_path / "class") == [CameraInfo(0, "Loopback", True), CameraInfo(2, "Webcam")]
    assert list_cameras(tmp_path / "none") == []


def test_a_name_finds_its_camera_exactly_or_in_part() -> None:
    assert by_name("hd webcam", CAMERAS) == 2
    assert by_name("pro", CAMERAS) == 4
    assert by_name("reenact", CAMERAS) == 0
    assert by_name("other", CAMERAS) is None
    with pytest.raises(DeviceError, match="2: HD Webcam, 4: HD Webcam Pro"):
        by_name("webcam", CAMERAS)


def test_by_default_a_loopback_is_no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(nodes, "list_cameras", lambda: CAMERAS)
    assert find_camera(None) == 2
    monkeypatch.setattr(nodes, "list_cameras", lambda: CAMERAS[:1])
    assert find_camera(None) is None
    assert find_camera("Reenact Camera") == 0


def test_a_path_finds_the_number_behind_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / "video7").touch()
    (tmp_path / "usb-Webcam-index0").symlink_to("video7")
    assert find_camera(str(tmp_path / "usb-Webcam-index0")) == 7
    assert find_camera(str(tmp_path / "video8")) is None
    assert find_camera("999") is None


def test_without_a_list_only_numbers_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert (find_camera(None), find_camera("3")) == (0, 3)
    with pytest.raises(DeviceError, match="choose by number"):
        find_camera("FaceTime")


def test_who_has_a_device_open_is_named(tmp_path: Path) -> None:
    device = Path("/dev/video10")
    for number, name, target in (("12", "obs", device), ("9", "zoom", device), ("7", "bash", Path("/dev/null"))):
        (tmp_path / number / "fd").mkdir(parents=True)
        (tmp_path / number / "comm").write_text(f"{name}\n")
        (tmp_path / number / "fd" / "3").symlink_to(target)
    (tmp_path / "13").mkdir()  # another user's: nothing to be seen
    (tmp_path / str(os.getpid())).symlink_to(tmp_path / "12")
    assert openers(device, tmp_path) == ["zoom (9)", "obs (12)"]
    assert openers(Path("/dev/video11"), tmp_path) == []
