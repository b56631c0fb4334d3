"""python -m benchmarks.plot RESULT.json OUT.png: what --keep of a benchmark wrote, as bars. Group `plot`.

backends: each form of a network on each backend, hollow where the outcome is not right. latency: the stages of a frame.
compare: this project and its peer side by side, stage by stage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """One length in a chart."""

    label: str
    length: float
    most: float
    """Where its whisker ends; not above `length`: it has none."""
    colour: str = "C0"
    """matplotlib's name."""
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from top to bottom."""

    axis: str
    bars: list[Bar]


def chart(result: Result) -> Chart:
    """What to draw of a kept result. Raises ValueError for one that no chart is known for."""
    for key, draw in CHARTS.items():
        if key in result:
            return draw(result)
    raise ValueError(
        f"wanted what --keep of backends, latency or compare wrote, found {', '.join(result) or 'nothing'}"
    )


def title(result: Result, name: str) -> str:
    """Where it was measured."""
    load = "unknown" if result["load"] is None else f"{result['load']:.1f}"
    return f"{result['cpu']}, {result['cores']} cores, load {load}: {name}"


def main() -> None:
    """Draw it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    try:
        result = json.loads(options.result.read_text(encoding="utf-8"))
        drawn = chart(result)
    except (OSError, ValueError) as error:
        sys.exit(f"benchmarks.plot: {options.result}: {error}")
    draw(drawn, title(result, options.result.stem), options.out)


def draw(chart: Chart, title: str, out: Path) -> None:
    """Write the picture."""
    from matplotlib.figure import Figure

    bars = chart.bars[::-1]
    late = [max(bar.most - bar.length, 0) for bar in bars]
    figure = Figure(figsize=(8, 1 + 0.3 * len(bars)), layout="constrained")
    axes = figure.subplots()
    lengths, colours = [bar.length for bar in bars], [bar.colour for bar in bars]
    drawn = axes.barh([bar.label for bar in bars], lengths, xerr=[[0] * len(late), late], edgecolor=colours)
    for patch, bar in zip(drawn, bars, strict=True):
        patch.set_facecolor(bar.colour)
        patch.set_fill(not bar.hollow)
    axes.set_xlabel(chart.axis)
    axes.set_title(title)
    figure.savefig(out, dpi=120)


def _backends(result: Result) -> Chart:
    rows = {name: row for name, row in result["networks"].items() if "median_ms" in row}
    bars = [Bar(name, row["median_ms"], row["p95_ms"], hollow=not row["right"]) for name, row in rows.items()]
    return Chart("ms a run: median, up to p95", bars)


def _latency(result: Result) -> Chart:
    stages = result["stages"].items()
    return Chart("ms a frame: median, up to p95", [Bar(name, row["median_ms"], row["p95_ms"]) for name, row in stages])


def _compare(result: Result) -> Chart:
    return Chart("seconds a frame: median", list(_side_by_side(result["seconds"])))


def _side_by_side(seconds: Mapping[str, Mapping[str, float]]) -> Iterator[Bar]:
    for stage in next(iter(seconds.values())):
        for number, (form, row) in enumerate(seconds.items()):
            yield Bar(f"{stage}, {form}", row[stage], row[stage], f"C{number}")


CHARTS: Mapping[str, Callable[[Result], Chart]] = {"networks": _backends, "stages": _latency, "seconds": _compare}
"""What only one kind of result has -> its chart."""


if __name__ == "__main__":
    main()
