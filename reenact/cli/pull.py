"""reenact pull: bring weights that are not ours to this machine, once, and check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from reenact.errors import WeightsError
from reenact.weights import WeightFile, Weights, adopt, fetch, open_weights


def pull(
    name: Annotated[str, typer.Argument(help="Whose: liveportrait.", show_default=False)],
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to. Default: weights/NAME.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Take files that are at hand; no network.")
    ] = None,
    accept_licence: Annotated[bool, typer.Option("--accept-licence", help="I have read the licence.")] = False,
) -> None:
    """Fetch the weights of an engine: shows their licence, goes on where it stopped, checks every byte."""
    weights, folder = open_weights(name), to or Path("weights") / name
    typer.echo(f"{weights.licence_text.strip()}\n")
    if not accept_licence:
        raise WeightsError(f"{name}: licence {weights.licence}, see above; if you accept it, add --accept-licence.")
    if source is not None:
        adopt(weights, source, folder)
    else:
        _fetch(weights, folder)
    typer.echo(f"{folder}: {len(weights.files)} files, all as published. Next, in a checkout with the group `export`:")
    typer.echo(f"python -m export {name} --weights {folder}")


def _fetch(weights: Weights, folder: Path) -> None:
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(file: WeightFile, done: int) -> None:
            if file.name not in tasks:
                tasks[file.name] = bar.add_task(file.name, total=file.size)
            bar.update(tasks[file.name], completed=done)

        fetch(weights, folder, show)
