"""Keys pressed in the terminal, one by one, without Return."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def terminal_keys() -> Iterator[Callable[[], str]]:
    """A function that gives the keys pressed since its last call, "" for none: always "" where stdin is no terminal.

    The terminal is as it was before, whatever happens within.
    """
    if not sys.stdin.isatty():
        yield lambda: ""
    elif sys.platform == "win32":
        yield _windows_keys
    else:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        try:
            tty.setcbreak(sys.stdin)
            yield _unix_keys
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _unix_keys() -> str:
    import os
    import select

    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return os.read(sys.stdin.fileno(), 64).decode(errors="ignore") if ready else ""


def _windows_keys() -> str:
    keys = ""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            keys += msvcrt.getwch()
    return keys
