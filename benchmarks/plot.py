"""python -m benchmarks.plot RESULT.json OUT.png: what `benchmarks.backends --keep` wrote, as bars. Group `plot`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from matplotlib.figure import Figure


def main() -> None:
    """A bar for each form of a network on each backend; hollow where the outcome is not right."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    result = json.loads(options.result.read_text(encoding="utf-8"))
    rows = {name: row for name, row in reversed(result["networks"].items()) if "median_ms" in row}
    figure = Figure(figsize=(8, 1 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots()
    median, p95 = ([row[key] for row in rows.values()] for key in ("median_ms", "p95_ms"))
    late = [most - usual for usual, most in zip(median, p95, strict=True)]
    bars = axes.barh(list(rows), median, xerr=[[0] * len(late), late], edgecolor="C0")
    for bar, row in zip(bars, rows.values(), strict=True):
        bar.set_fill(row["right"])
    axes.set_xlabel("ms a run: median, up to p95")
    axes.set_title(f"{result['cpu']}, {result['cores']} cores, load {result['load']:.1f}: {options.result.stem}")
    figure.savefig(options.out, dpi=120)


if __name__ == "__main__":
    main()
