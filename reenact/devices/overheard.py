"""What foreign code writes to the process's stderr, past Python, while it runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable

STDERR = 2


def overheard(act: Callable[[], object], *, pass_on: bool = True) -> str:
    """Do `act`; what was written to file descriptor 2 meanwhile, by any thread. It is passed on afterwards, or lost."""
    try:
        kept = os.dup(STDERR)
    except OSError:  # a program without a console: nothing can be said, so nothing is heard
        act()
        return ""
    with tempfile.TemporaryFile() as ear:
        os.dup2(ear.fileno(), STDERR)
        try:
            act()
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)
            ear.seek(0)
            said = ear.read()
            if pass_on:
                os.write(STDERR, said)
    return said.decode(errors="replace")
