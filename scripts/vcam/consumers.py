"""The programs around the virtual camera: producers that are started and ended, consumers that read pictures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from reenact.devices.v4l2 import Abilities, Kernel, query
from scripts.vcam.pattern import Image

DEVICE = Path("/dev/video10")
SIZE = (640, 360)
SETTLE_SECONDS = 3
Process = subprocess.Popen[bytes]


def abilities() -> Abilities:
    """What the device announces now."""
    kernel = Kernel()
    fd = kernel.open(str(DEVICE))
    try:
        return query(kernel, fd)
    finally:
        kernel.close(fd)


def start(*command: str, to: Path) -> Process:
    """Start a command of its own group; what it prints goes to the file `to`."""
    with to.open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def start_coded(fps: float, to: Path) -> Process:
    """The numbered pictures; returns when readers can see them, and the program is past its first, slow ones."""
    process = start(sys.executable, "-m", "scripts.vcam.coded", str(fps), to=to)
    wait_for_pictures(process, to, 120)
    time.sleep(SETTLE_SECONDS)
    return process


def wait_for_pictures(process: Process, log: Path, seconds: float) -> None:
    """Until a producer sends. Raises AssertionError: it ended, or took too long."""
    end = time.monotonic() + seconds
    while not is_sending():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"no producer: {log.read_text(errors='replace')[-1500:]}")
        time.sleep(0.3)


def is_sending() -> bool:
    found = abilities()
    return found.capture and not found.output


def end(process: Process, sign: signal.Signals = signal.SIGKILL) -> int:
    """Send `sign`; the exit status."""
    os.kill(process.pid, sign)
    return process.wait(120)


@contextmanager
def ended_anyhow(process: Process) -> Iterator[Process]:
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def by_v4l2_ctl(count: int, folder: Path, size: tuple[int, int] = SIZE) -> list[Image]:
    """Pictures as v4l2-ctl gets them."""
    path = folder / "v4l2-ctl.raw"
    stream = [f"--stream-count={count}", f"--stream-to={path}"]
    subprocess.run(["v4l2-ctl", "-d", str(DEVICE), "--stream-mmap=2", *stream], check=True, capture_output=True)
    return from_i420(path, size)


def from_i420(path: Path, size: tuple[int, int] = SIZE) -> list[Image]:
    """The pictures of a raw file of planes."""
    width, height = size
    planes = np.fromfile(path, np.uint8).reshape(-1, height * 3 // 2, width)
    return [np.asarray(cv2.cvtColor(one, cv2.COLOR_YUV2RGB_I420), np.uint8) for one in planes]


def by_ffmpeg(count: int, folder: Path, size: tuple[int, int] = SIZE) -> list[Image]:
    """Pictures as ffmpeg gets them."""
    path = folder / "ffmpeg.raw"
    command = f"ffmpeg -hide_banner -loglevel error -f v4l2 -i {DEVICE} -frames:v {count} -vsync passthrough"
    subprocess.run([*command.split(), *f"-f rawvideo -pix_fmt rgb24 -y {path}".split()], check=True)
    return list(np.fromfile(path, np.uint8).reshape(-1, size[1], size[0], 3))


def by_opencv(count: int) -> tuple[list[Image], list[float], float]:
    """Pictures as OpenCV gets them, the moments of reading (s), and the frame rate that it was told."""
    capture = cv2.VideoCapture(int(DEVICE.name[5:]), cv2.CAP_V4L2)
    assert capture.isOpened(), "OpenCV cannot open it"
    pictures, moments = [], []
    for _ in range(count):
        read, picture = capture.read()
        assert read, "OpenCV reads nothing"
        pictures.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
        moments.append(time.monotonic())
    rate = capture.get(cv2.CAP_PROP_FPS)
    capture.release()
    return pictures, moments, rate


def told_rate() -> float:
    """Frames a second as v4l2-ctl is told."""
    command = ["v4l2-ctl", "-d", str(DEVICE), "--get-parm"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(next(line for line in said.splitlines() if "per second" in line).split(":")[1].split()[0])
