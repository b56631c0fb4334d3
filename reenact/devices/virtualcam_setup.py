"""What has to be done on a machine once, so that it has a virtual camera. Words only: nothing here runs anything."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reenact.errors import DeviceError
from reenact.extras import how_to_install

NAME = "Reenact Camera"
"""What call apps are to list."""
OPTIONS = f'devices=1 video_nr=10 card_label="{NAME}" exclusive_caps=1 max_buffers=2'
"""Of the module v4l2loopback. exclusive_caps=1: else browsers do not list it. More than 2 buffers: 0.12.7 can panic."""
MODPROBE = f"sudo modprobe v4l2loopback {OPTIONS}"
AT_BOOT = (
    "echo v4l2loopback | sudo tee /etc/modules-load.d/v4l2loopback.conf",
    f"echo {shlex.quote(f'options v4l2loopback {OPTIONS}')} | sudo tee /etc/modprobe.d/v4l2loopback.conf",
)
RPM_FUSION = "https://mirrors.rpmfusion.org/free/fedora/rpmfusion-free-release-$(rpm -E %fedora).noarch.rpm"
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "debian": ("sudo apt install -y v4l2loopback-dkms linux-headers-$(uname -r)",),
    "fedora": (
        f"sudo dnf install -y {RPM_FUSION}",
        "sudo dnf install -y akmod-v4l2loopback kernel-devel-$(uname -r)",
        "sudo akmods --force",
    ),
    "arch": ("sudo pacman -S --needed --noconfirm v4l2loopback-dkms linux-headers",),
}
"""By the distribution, or the one it is like: what brings the module."""
SECURE_BOOT = (
    'If modprobe says "Key was rejected by service", Secure Boot wants the module\'s key: '
    "sudo mokutil --import {key}, reboot, and enrol it."
)
KEYS = {
    "debian": "/var/lib/dkms/mok.pub (Ubuntu: /var/lib/shim-signed/mok/MOK.der)",
    "fedora": "/etc/pki/akmods/certs/public_key.der",
    "arch": "/var/lib/dkms/mok.pub",
}
MACOS = (
    "Have macOS 13 or newer and OBS Studio 30 or newer; remove older copies of OBS, from the Trash too.",
    "Start OBS, press Start Virtual Camera, and allow the system extension (System Settings: Privacy & Security; "
    "macOS 15: General > Login Items & Extensions > Camera Extensions).",
    "Press Stop Virtual Camera and quit OBS. If the camera is said to be not installed, reboot.",
)
WINDOWS = (
    "Install OBS Studio 26 or newer; it need not run, and must not use its own virtual camera at the same time.",
    "Or install UnityCapture instead: run its Install.bat as administrator.",
)
BY_HAND = {"darwin": MACOS, "win32": WINDOWS}
"""By `sys.platform`: what a person does before the extra `camera` is installed."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """How a machine gets its virtual camera."""

    commands: tuple[str, ...]
    """For a shell, in order, to the end of this session of the machine; empty where a person has to do it."""
    at_boot: tuple[str, ...]
    """For a shell: what makes it stay after a reboot."""
    steps: tuple[str, ...]
    """For a person."""

    @property
    def line(self) -> str:
        """On one line: what an error says."""
        return " && ".join(self.commands) or " ".join(self.steps)


def set_up(system: str = sys.platform, families: Iterable[str] | None = None) -> SetUp:
    """How to get a virtual camera here.

    system: as `sys.platform`. families: the Linux distribution and those it is like, as /etc/os-release calls them;
    None: this machine's. A distribution that is not known gets what all have in common.
    """
    if system in BY_HAND:
        return SetUp((), (), (*BY_HAND[system], how_to_install("camera")))
    if not system.startswith("linux"):
        return SetUp((), (), ("This system has none that we know.",))
    family = next((name for name in (distribution() if families is None else families) if name in PACKAGES), None)
    if family is None:
        install = "Install the module v4l2loopback with your system's packages, or from its source."
        return SetUp((MODPROBE,), AT_BOOT, (install, SECURE_BOOT.format(key="MODULE'S-KEY")))
    return SetUp((*PACKAGES[family], MODPROBE), AT_BOOT, (SECURE_BOOT.format(key=KEYS[family]),))


def distribution() -> list[str]:
    """This Linux distribution and those it is like, nearest first. Empty where it does not say."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return []
    return [release.get("ID", ""), *release.get("ID_LIKE", "").split()]


def nothing_found(wanted: str | None) -> DeviceError:
    """The error for a machine without a virtual camera, or without the one that is called `wanted`."""
    what = "no v4l2loopback device" if wanted is None else f"no v4l2loopback device that is called {wanted!r}"
    step = f"set one up: {set_up('linux').line} (`reenact doctor --fix-camera` says more)"
    return DeviceError(f"virtualcam: wanted a virtual camera, found {what}; {step}")
