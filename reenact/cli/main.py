"""The program `reenact`: its commands, and what becomes of errors."""

from __future__ import annotations

import logging
import signal
import sys
from typing import Annotated

import typer

from reenact.cli.demo import demo
from reenact.cli.doctor import doctor
from reenact.cli.faces import faces
from reenact.cli.image import image
from reenact.cli.live import live
from reenact.cli.provenance import own_version
from reenact.cli.pull import pull
from reenact.cli.render import render
from reenact.cli.verify import verify
from reenact.errors import ReenactError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (image, render, live, demo, faces, verify, pull, doctor):
    app.command()(command)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reenact {own_version()}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show name and version, and exit.")
    ] = False,
) -> None:
    """One picture and an actor in, the moving avatar out."""


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
