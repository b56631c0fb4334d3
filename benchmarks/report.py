"""A table for people, then one JSON line for programs; nan becomes null."""

from __future__ import annotations

import json
import math
import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from rich.box import HEAVY_HEAD, MARKDOWN
from rich.console import Console
from rich.table import Table

from reenact.backends.processor import processor

RESULTS = Path(__file__).parent / "results"


def output_options(parser: ArgumentParser) -> None:
    """How the tables look, and whether the numbers are kept."""
    parser.add_argument("--markdown", action="store_true", help="tables as README has them")
    parser.add_argument("--keep", action="store_true", help="also write the JSON line to benchmarks/results")


def table(
    title: str, rows: Mapping[str, Mapping[str, float]], columns: Sequence[str], *, markdown: bool = False
) -> None:
    """One line per row; columns that a row lacks stay empty."""
    drawn = Table("", header_style="bold", box=MARKDOWN if markdown else HEAVY_HEAD)
    for column in columns:
        drawn.add_column(column.replace("_", " "), justify="right")
    for name, row in rows.items():
        drawn.add_row(name, *(_number(row.get(column)) for column in columns), style="bold" if name == "mean" else "")
    console = Console(width=max(100, 14 * (len(columns) + 1)))
    console.print(title)
    console.print(drawn)


def json_line(values: Mapping[str, Any]) -> None:
    """The last line."""
    print(json.dumps(plain(values), allow_nan=False), flush=True)


def keep(kind: str, values: Mapping[str, Any]) -> Path:
    """Write what `json_line` prints to a file of its own, named for kind, day, engine, backend and processor.

    An engine and a backend only where `values` has them. Where that file is there, the next gets a number: nothing is
    ever overwritten.
    """
    about = [*(str(values[key]) for key in ("engine", "backend") if key in values), processor()]
    stem = "-".join([f"{kind}-{date.today()}", *re.findall(r"[a-z0-9]+", " ".join(about).lower())])
    content = json.dumps(plain(values), indent=1, allow_nan=False) + "\n"
    RESULTS.mkdir(exist_ok=True)
    for number in count(1):
        path = RESULTS / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            file.write(content)
            break
    return path


def plain(value: Any) -> Any:
    """Fit for JSON: numbers rounded to five places, nan as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    whole = math.isfinite(value) and value == int(value) and abs(value) >= 1
    return f"{value:.0f}" if whole else f"{value:.4g}"
