"""Which programs have a device open, as far as Linux tells this user."""

from __future__ import annotations

import os
from pathlib import Path

PROCESSES = Path("/proc")


def openers(device: Path, processes: Path = PROCESSES) -> list[str]:
    """Name and number of each process that has `device` open: "obs (4711)". Not this one, nor other users'."""
    found = []
    others = (path for path in processes.glob("[0-9]*") if path.name != str(os.getpid()))
    for process in sorted(others, key=lambda path: int(path.name)):
        try:
            if any(link.readlink() == device for link in (process / "fd").iterdir()):
                found.append(f"{(process / 'comm').read_text().strip()} ({process.name})")
        except OSError:
            continue  # another user's, or just gone
    return found
