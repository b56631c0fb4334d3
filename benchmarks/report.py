"""A table for people, then one JSON line for programs; nan becomes null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def table(title: str, rows: Mapping[str, Mapping[str, float]], columns: Sequence[str]) -> None:
    """One line per row; columns that a row lacks stay empty."""
    drawn = Table("", header_style="bold")
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
    return f"{value:.0f}" if value == int(value) and abs(value) >= 1 else f"{value:.4g}"
