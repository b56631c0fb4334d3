"""The program from its first moment on: `reenact`, and python -m reenact."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Load the program, which takes a second, and run it; Ctrl-C ends it silently with 130 in that second too."""
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # nothing is open yet; C modules lose exceptions
    from reenact.cli.main import main as program

    signal.signal(signal.SIGINT, before)
    program()


if __name__ == "__main__":
    main()
