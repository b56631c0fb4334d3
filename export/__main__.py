"""python -m export ENGINE: write an engine's graphs from torch and check that the two agree.

ENGINE: lite or liveportrait; each says more with --help.
"""

from __future__ import annotations

import sys

ENGINES = ("lite", "liveportrait")


def main() -> None:
    """The engine that was named."""
    engine, arguments = sys.argv[1:2], sys.argv[2:]
    if engine == ["lite"]:
        from export.lite.__main__ import main as lite

        lite(arguments)
    elif engine == ["liveportrait"]:
        from export.liveportrait.__main__ import main as liveportrait

        liveportrait(arguments)
    else:
        sys.exit(f"usage: python -m export {{{','.join(ENGINES)}}} ...  (--help says more)")


if __name__ == "__main__":
    main()
