"""The V4L2 output against what the driver v4l2loopback 0.12.7 really answered.

recordings/ is written by scripts/vcam-test in a VM: `fresh` (two frames), `dark` (after a program that only wrote),
`busy` (another producer runs), `held` (a reader holds another size).
"""

from __future__ import annotations

import errno
import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reenact.devices.nodes import CameraInfo
from reenact.devices.v4l2_output import Output
from reenact.devices.v4l2_recording import Event, Recorder, Replay
from reenact.devices.v4l2_sink import RETURN_SECONDS, V4L2Sink, describe, loopbacks
from reenact.devices.yuv import I420, YUYV, pad_even, to_yuv
from reenact.errors import DeviceError
from reenact.types import Frame

SIZE = (640, 360)
DEVICE = Path("/dev/video10")
OURS, OTHER = CameraInfo(11, "Reenact Camera", True), CameraInfo(9, "OBS", True)
STREAMON = "40045612"
S_FMT, S_PARM = "c0d05605", "c0cc5616"


def recorded(name: str) -> list[Event]:
    path = Path(__file__).with_name("recordings") / f"{name}.json"
    return [Event(**event) for event in json.loads(path.read_text())]


def changed(events: list[Event], request: str, **to: object) -> list[Event]:
    """`events`, where the calls with `request` were answered otherwise."""
    return [replace(event, **to) if event.asked.startswith(request) else event for event in events]


def until(events: list[Event], call: str, count: int = 1) -> list[Event]:
    """`events` before the `count`th `call`."""
    places = [place for place, event in enumerate(events) if event.call == call]
    return events[: places[count - 1]]


class Wait:
    """A clock that waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def sink(events: list[Event] | Replay, size: tuple[int, int] = SIZE, devices: int = 1) -> V4L2Sink:
    system = events if isinstance(events, Replay) else Replay(events)
    wait = Wait()
    find = lambda _: [DEVICE] * devices  # noqa: E731
    return V4L2Sink(size, 25, system=system, find=find, clock=wait.clock, pause=wait.pause)


def frame(size: tuple[int, int] = SIZE) -> Frame:
    return Frame(np.full((size[1], size[0], 3), (200, 40, 40), np.uint8), 0, 0.0)


def play(events: list[Event], count: int) -> None:
    """The sink asks what was recorded, in that order, and nothing else."""
    system = Replay(events)
    with sink(system) as opened:
        for _ in range(count):
            opened.send(frame())
    assert system.left == []


def test_a_device_is_asked_told_and_written_to_in_the_order_that_the_driver_needs() -> None:
    events = recorded("fresh")
    play(events, 2)
    requests = [event.asked.split()[0] for event in events if event.call == "ioctl"]
    assert requests[1:] == [S_FMT, S_PARM, STREAMON]


def test_a_device_that_fell_dark_is_woken_without_loading_the_module_again() -> None:
    events = recorded("dark")
    play(events, 1)
    assert events[2] == Event("ioctl", f"{STREAMON} 02000000", "02000000", errno.EINVAL)
    assert events[3].call == "close"


def test_a_second_producer_is_told_that_there_is_one() -> None:
    system = Replay(recorded("busy"))
    with pytest.raises(DeviceError, match="/dev/video10: another program sends into it; it is open in "):
        sink(system).__enter__()
    assert system.left == []


def test_a_size_that_a_reader_holds_is_named() -> None:
    system = Replay(recorded("held"))
    with pytest.raises(DeviceError, match=r"wanted 320x180 px, found that it is held at 640x360 px YU12 by .*; close"):
        sink(system, (320, 180)).__enter__()
    assert system.left == []


def test_of_several_devices_the_first_that_is_free_is_taken() -> None:
    system = Replay(recorded("busy") + until(recorded("fresh"), "write") + [Event("close", "")])
    with sink(system, devices=2):
        pass
    assert system.left == []
    with pytest.raises(DeviceError, match="another program"):
        sink(recorded("busy") * 2, devices=2).__enter__()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errno.EACCES, r"may not open it; join the group video: sudo usermod -aG video \$USER"),
        (errno.EBUSY, "another program sends into it; it is open in a program of another user"),
        (errno.ENOENT, "found no such device"),
        (errno.EIO, "cannot use it .*sudo modprobe -r v4l2loopback"),
    ],
)
def test_a_device_that_cannot_be_opened_says_why(error: int, said: str) -> None:
    with pytest.raises(DeviceError, match=said):
        sink([Event("open", str(DEVICE), error=error)]).__enter__()


@pytest.mark.parametrize(("request_", "said"), [(S_FMT, "another program"), (STREAMON, "another program")])
def test_newer_drivers_say_busy_later_and_are_let_go(request_: str, said: str) -> None:
    events = changed(recorded("fresh"), request_, error=errno.EBUSY)
    place = next(number for number, event in enumerate(events) if event.error)
    system = Replay([*events[: place + 1], Event("close", "")])
    with pytest.raises(DeviceError, match=said):
        sink(system).__enter__()
    assert system.left == []


def test_what_is_no_loopback_is_refused() -> None:
    opened, query = recorded("fresh")[:2]
    webcam = replace(query, answer=query.answer.replace(b"v4l2 loopback".hex(), b"uvcvideo\0\0\0\0\0".hex()))
    with pytest.raises(DeviceError, match="'Reenact Camera' of the driver 'uvcvideo'"):
        sink([opened, webcam, Event("close", "")]).__enter__()
    with pytest.raises(DeviceError, match="wanted a v4l2loopback device, found none"):
        sink([opened, replace(query, error=errno.ENOTTY), Event("close", "")]).__enter__()


def test_a_driver_that_has_only_yuyv_gets_yuyv() -> None:
    events = until(recorded("fresh"), "write")
    answer = next(event.answer for event in events if event.asked.startswith(S_FMT))
    told = changed(events, S_FMT, answer=answer[:32] + YUYV.hex() + answer[40:])
    two_bytes = str(SIZE[0] * SIZE[1] * 2)
    play([*told, Event("write", two_bytes, two_bytes), Event("close", "")], 1)


def test_a_rate_that_is_not_taken_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    play(changed(recorded("fresh"), S_PARM, error=errno.ENOTTY), 2)
    assert "not told the frame rate" in caplog.text


def test_when_the_device_goes_away_the_frame_waits_until_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    events = recorded("fresh")
    bytes_ = events[-2].asked
    gone = [Event("write", bytes_, error=errno.ENODEV), Event("close", "")]
    absent = [Event("open", str(DEVICE), error=errno.ENOENT)]
    play([*until(events, "write", 2), *gone, *absent * 3, *until(events, "write", 2), events[-1]], 2)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "is gone" in caplog.text
    assert "is back" in caplog.text


def test_a_device_that_stays_away_ends_the_run() -> None:
    events = recorded("fresh")
    gone = [Event("write", events[-2].asked, error=errno.ENODEV), Event("close", "")]
    absent = [Event("open", str(DEVICE), error=errno.ENOENT)]
    system = Replay([*until(events, "write"), *gone, *absent * 1000])
    with sink(system) as opened, pytest.raises(DeviceError, match=f"gone for {RETURN_SECONDS:.0f} s.*no such device"):
        opened.send(frame())
    assert 900 < len(system.left) < 1000


def test_half_a_picture_is_a_failure() -> None:
    events = changed(recorded("fresh"), "345600", answer="1000")
    output = Output(DEVICE, SIZE, 25, Replay(events))
    with pytest.raises(OSError, match="it took 1000 of 345600 bytes"):
        output.write(frame().image)


def test_frames_keep_one_size() -> None:
    with sink([*until(recorded("fresh"), "write"), Event("close", "")]) as opened:  # noqa: SIM117
        with pytest.raises(DeviceError, match=r"wanted frames of \(640, 360\) px, found \(320, 180\)"):
            opened.send(frame((320, 180)))


def test_an_odd_picture_grows_to_the_even_size_that_was_agreed_on() -> None:
    system = Replay(recorded("fresh"))
    with sink(system, (639, 359)) as opened:
        opened.send(frame((639, 359)))
        opened.send(frame((639, 359)))
    assert system.left == []


def test_a_recording_of_a_replay_is_the_recording() -> None:
    for name in ("fresh", "dark"):
        recorder = Recorder(Replay(recorded(name)))
        with V4L2Sink(SIZE, 25, system=recorder, find=lambda _: [DEVICE]) as opened:
            for _ in range(sum(event.call == "write" for event in recorded(name))):
                opened.send(frame())
        assert recorder.events == recorded(name)


def test_a_replay_is_asked_what_was_asked_then() -> None:
    with pytest.raises(AssertionError, match="asked open /dev/video3, recorded was open /dev/video10"):
        Replay(recorded("fresh")).open("/dev/video3")


@pytest.mark.parametrize("rgb", [(200, 40, 40), (40, 180, 60), (255, 255, 255), (0, 0, 0), (128, 128, 128)])
def test_colours_are_bt601_in_limited_range(rgb: tuple[int, int, int]) -> None:
    red, green, blue = (level / 255 for level in rgb)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    wanted = 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.772, 128 + 224 * (red - luma) / 1.402
    image = np.full((4, 6, 3), rgb, np.uint8)
    planes = to_yuv(image, I420).reshape(-1)
    found = planes[:24].mean(), planes[24:30].mean(), planes[30:].mean()
    np.testing.assert_allclose(found, wanted, atol=1.0)
    packed = to_yuv(image, YUYV).reshape(-1)
    assert packed.size == 48
    np.testing.assert_allclose((packed[0::2].mean(), packed[1::4].mean(), packed[3::4].mean()), wanted, atol=1.0)


def test_an_even_picture_is_left_as_it_is_and_an_odd_one_repeats_its_edge() -> None:
    image = frame((4, 2)).image
    assert pad_even(image) is image
    odd = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    assert pad_even(odd).shape == (4, 4, 3)
    np.testing.assert_array_equal(pad_even(odd)[3, 3], odd[2, 2])


def test_our_own_camera_comes_first_and_others_can_be_named() -> None:
    there = lambda: [CameraInfo(0, "Webcam"), OTHER, OURS]  # noqa: E731
    assert loopbacks(None, there) == [Path("/dev/video11"), Path("/dev/video9")]
    assert loopbacks("obs", there) == [Path("/dev/video9")]
    assert loopbacks("/dev/null", there) == [Path("/dev/null")]


@pytest.mark.parametrize("wanted", [None, "Webcam", "/dev/video998", "998"])
def test_without_a_loopback_the_commands_are_said(wanted: str | None) -> None:
    with pytest.raises(DeviceError, match=r"sudo modprobe v4l2loopback .*max_buffers=2") as caught:
        loopbacks(wanted, lambda: [CameraInfo(0, "Webcam")])
    assert "\n" not in str(caught.value)


def test_the_doctor_s_words_for_a_device(tmp_path: Path) -> None:
    look = [*recorded("fresh")[:2], Event("close", "")]
    assert describe(DEVICE, Replay(look), tmp_path) == "/dev/video10 (Reenact Camera): free"
    used = [*recorded("busy")[:2], Event("close", "")]
    (tmp_path / "max_buffers").write_text("8\n")
    assert describe(DEVICE, Replay(used), tmp_path).startswith(
        "/dev/video10 (Reenact Camera): in use; loaded with more"
    )
    with pytest.raises(DeviceError, match="/dev/video10: as recorded"):
        describe(DEVICE, Replay([Event("open", str(DEVICE), error=errno.EACCES)]), tmp_path)
