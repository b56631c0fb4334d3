"""The check of the virtual camera, run inside the VM by scripts/vcam-test. Exit status 0: all is well.

usage: python -m scripts.vcam.inside OUT [STEP ...]
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reenact.devices.v4l2 import Kernel
from reenact.devices.v4l2_recording import Recorder
from reenact.devices.v4l2_sink import V4L2Sink
from reenact.errors import DeviceError
from reenact.types import Frame, Image
from scripts.vcam import consumers, pattern
from scripts.vcam.browser import visit
from scripts.vcam.capture import camera, replug
from scripts.vcam.consumers import DEVICE, SIZE, ended_anyhow

FPS = 5.0
LIVE_FPS = 3
AVATAR = Path("examples/hopper.jpg")
WORST = 4.0
"""Levels: colours may be off by what 8 bit YUV costs."""
AVATAR_ERROR = 8.0
"""Levels, in the mean: the engine crops and scales the picture in its own way, and chroma has half the resolution."""


def check_numbers(name: str, pictures: list[Image], *, first: int = 2) -> None:
    """Numbers rise, colours are right; the first pictures may be older than the reader. Few may be torn.

    The same one may come again: emulation is slow, and a steady sink repeats what it has.
    """
    seen = [pattern.read(picture) for picture in pictures[first:]]
    numbers, worst, torn = [one.number for one in seen], max(one.worst for one in seen), sum(one.torn for one in seen)
    print(f"    {name}: numbers {numbers}, worst colour error {worst:.1f} levels, torn {torn}", flush=True)
    assert sorted(numbers) == numbers, "numbers fall"
    assert len(set(numbers)) > len(numbers) // 3, "the same picture again and again"
    assert worst <= WORST, "wrong colours"
    assert torn <= len(seen) // 4, "torn pictures"


def usual_rate(moments: list[float]) -> float:
    """Pictures a second by the median gap: a busy host makes emulation miss some, which are left out."""
    return float(1 / np.median(np.diff(moments)))


def idle(out: Path) -> None:
    """A device that nobody uses takes pictures and gives none."""
    found = consumers.abilities()
    assert (found.output, found.capture) == (True, False), found


def restarts(out: Path) -> None:
    """Three times a producer is killed and another started; each time another consumer, the last one twice."""
    for turn, reader in enumerate((_v4l2_ctl, _ffmpeg, _opencv)):
        with ended_anyhow(consumers.start_coded(FPS, out / f"coded-{turn}.log")) as producer:
            reader(out)
            consumers.end(producer, signal.SIGKILL)
        found = consumers.abilities()
        print(f"    killed {turn + 1}: output {found.output}, capture {found.capture}", flush=True)
        assert found.output, "after the kill the device takes no producer"


def _v4l2_ctl(out: Path) -> None:
    rate = consumers.told_rate()
    print(f"    v4l2-ctl is told {rate} fps", flush=True)
    assert abs(rate - FPS) < 0.1
    check_numbers("v4l2-ctl", consumers.by_v4l2_ctl(8, out))


def _ffmpeg(out: Path) -> None:
    check_numbers("ffmpeg", consumers.by_ffmpeg(8, out))


def _opencv(out: Path) -> None:
    check_numbers("OpenCV", consumers.by_opencv(10)[0])
    pictures, moments, told = consumers.by_opencv(24)
    rate = usual_rate(moments[4:])
    print(f"    OpenCV again: measured {rate:.2f} fps (it asks the driver for {told:.0f} itself)", flush=True)
    check_numbers("OpenCV", pictures)
    assert abs(rate - FPS) < FPS * 0.15, "not the rate that was set"


def dark(out: Path) -> None:
    """A program that only wrote leaves a device that announces nothing (0.12.7); ours wakes it. With recordings."""
    record(out / "fresh.json", 2)
    command = (
        f"ffmpeg -loglevel error -re -f lavfi -i testsrc=s=640x360:r=5 -frames:v 3 -pix_fmt yuv420p -f v4l2 {DEVICE}"
    )
    subprocess.run(command.split(), check=True)
    found = consumers.abilities()
    print(f"    after a program that only writes: output {found.output}, capture {found.capture}", flush=True)
    assert not found.output, "the device has not fallen dark: is this not 0.12.7?"
    record(out / "dark.json", 1)
    assert consumers.abilities().output


def busy(out: Path) -> None:
    """One producer at a time, and the second hears who it is; a reader that stays gets the next one's pictures."""
    with ended_anyhow(consumers.start_coded(FPS, out / "coded-busy.log")) as producer:
        try:
            record(out / "busy.json", 1)
        except DeviceError as error:
            print("    second producer:", error, flush=True)
            assert str(producer.pid) in str(error), "it does not name the producer"
        else:
            raise AssertionError("a second producer got in")
        reader = f"v4l2-ctl -d {DEVICE} --stream-mmap=2 --stream-count=30 --stream-to={out}/held.raw"
        with ended_anyhow(consumers.start(*reader.split(), to=out / "reader.log")) as held:
            time.sleep(3)
            consumers.end(producer)
            try:
                record(out / "held.json", 1, (320, 180))
            except DeviceError as error:
                print("    another size, while a reader stays:", error, flush=True)
                assert "640x360" in str(error)
            else:
                raise AssertionError("another size was taken")
            with ended_anyhow(consumers.start_coded(FPS, out / "coded-held.log")):
                assert held.wait(60) == 0, "the reader got no more pictures"
    pictures = consumers.from_i420(out / "held.raw")
    check_numbers("the reader that stayed, its last pictures", pictures[-6:], first=0)


def record(path: Path, count: int, size: tuple[int, int] = SIZE) -> None:
    """Send `count` pictures and write down what the driver answered; tests play it back."""
    recorder = Recorder(Kernel())
    try:
        with V4L2Sink(size, 25, str(DEVICE), system=recorder) as sink:
            for number in range(count):
                sink.send(Frame(pattern.draw(number, *size), number, time.monotonic()))
    finally:
        path.write_text(json.dumps([asdict(event) for event in recorder.events], indent=0) + "\n")


def live(out: Path) -> None:
    """The program itself: vivid as the first camera that is no loopback; four readers see the avatar at rest."""
    log = out / "live.log"
    command = f"-m reenact live {AVATAR} --sink virtualcam --size 240 --fps {LIVE_FPS} --json"
    with ended_anyhow(consumers.start(sys.executable, *command.split(), to=log)) as program:
        consumers.wait_for_pictures(program, log, 400)
        pictures, moments, _ = consumers.by_opencv(16)
        size = pictures[0].shape[1], pictures[0].shape[0]
        seen = {
            "OpenCV": pictures[-1],
            "v4l2-ctl": consumers.by_v4l2_ctl(4, out, size)[-1],
            "ffmpeg": consumers.by_ffmpeg(4, out, size)[-1],
            "Chromium": _by_chromium(out),
        }
        status = consumers.end(program, signal.SIGINT)
    said = log.read_text()
    print("   ", said.strip()[-900:], flush=True)
    rate = usual_rate(moments[3:])
    errors = {name: float(np.abs(picture - _avatar(picture)).mean()) for name, picture in seen.items()}
    print(
        f"    measured {rate:.2f} fps; {size[0]}x{size[1]} px; mean error to the avatar, levels: {errors}", flush=True
    )
    assert status == 0, f"exit status {status}"
    assert json.loads(said.strip().splitlines()[-1])["camera"]["width"] > 0
    assert max(errors.values()) < AVATAR_ERROR, "this is not the avatar"
    assert abs(rate - LIVE_FPS) < LIVE_FPS * 0.15, "not the rate that was set"


def _by_chromium(out: Path) -> Image:
    visit("label=Reenact&count=2", 400, out / "chromium-live.png", out / "chromium-live.log")
    return np.asarray(cv2.cvtColor(cv2.imread(str(out / "chromium-live.png")), cv2.COLOR_BGR2RGB), np.uint8)


def _avatar(like: Image) -> npt.NDArray[np.float64]:
    picture = cv2.cvtColor(cv2.imread(str(AVATAR)), cv2.COLOR_BGR2RGB)
    return cv2.resize(picture, like.shape[1::-1], interpolation=cv2.INTER_AREA).astype(float)


def chromium(out: Path) -> None:
    """getUserMedia in a browser: the camera's name, numbers, colours; the picture that it saw is kept."""
    with ended_anyhow(consumers.start_coded(3, out / "coded-chromium.log")):
        seen = visit("label=Reenact&count=8", 540, out / "chromium.png", out / "chromium.log")
    frames, opened = seen.of("frame"), seen.of("open")
    assert opened, "the page opened no camera"
    print("    label:", opened[0]["label"], "settings:", opened[0]["settings"], flush=True)
    assert opened[0]["label"] == "Reenact Camera"
    numbers = [int(str(one["n"])) for one in frames]
    worst = max(float(str(one["worst"])) for one in frames)
    print(f"    Chromium: numbers {numbers}, worst colour error {worst} levels", flush=True)
    assert len(frames) == 8
    assert sorted(numbers) == numbers
    assert len(set(numbers)) > 4
    assert worst <= WORST
    assert (out / "chromium.png").stat().st_size > 0


STEPS: tuple[Callable[[Path], None], ...] = (idle, restarts, dark, busy, camera, replug, live, chromium)


def main(out: Path, wanted: list[str]) -> int:
    failed = []
    for step in STEPS:
        if wanted and step.__name__ not in wanted:
            continue
        began = time.monotonic()
        print(f"== {step.__name__}: {step.__doc__}", flush=True)
        try:
            step(out)
            said = "passed"
        except (AssertionError, OSError, subprocess.SubprocessError, DeviceError) as error:
            said = f"FAILED: {type(error).__name__}: {error}"
            failed.append(step.__name__)
        print(f"   {said} ({time.monotonic() - began:.0f} s)", flush=True)
    print("failed:", ", ".join(failed) if failed else "nothing", flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
