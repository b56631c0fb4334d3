"""The program `reenact`: its commands, and what becomes of errors."""

from __future__ import annotations

import logging
import signal
import sys

import typer

from reenact.cli.demo import demo
from reenact.cli.doctor import doctor
from reenact.cli.faces import faces
from reenact.cli.image import image
from reenact.cli.live import live
from reenact.cli.pull import pull
from reenact.cli.render import render
from reenact.cli.verify import verify
from reenact.errors import ReenactError

app = typer.Typer(
    help="One picture and an actor in, the moving avatar out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (image, render, live, demo, faces, verify, pull, doctor):
    app.command()(command)


def main() -> None:
    """The program `reenact`."""
    logging.basicConfig(level=logging.WARNING, format="reenact: %(message)s", stream=sys.stderr)
    for name in ("SIGTERM", "SIGHUP"):  # so that half-written files go; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    try:
        app()
    except KeyboardInterrupt:  # before or after typer's own care
        sys.exit(130)
    except ReenactError as error:
        sys.exit(f"reenact: {error}")
