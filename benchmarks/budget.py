"""What each stage of an engine may take, kept as data in `budget.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

BUDGET = Path(__file__).with_name("budget.toml")


def allowed(engine: str) -> dict[str, float]:
    """Stage -> ms. Raises KeyError for an engine without a budget."""
    return dict(tomllib.loads(BUDGET.read_text(encoding="utf-8"))[engine])


def exceeded(stages: Mapping[str, Mapping[str, float]], budget: Mapping[str, float]) -> Iterator[str]:
    """A line for each stage whose median is over its budget, or that has one and was not measured."""
    for stage, most in budget.items():
        if stage not in stages:
            yield f"over budget: {stage} was not measured"
        elif not stages[stage]["median_ms"] <= most:
            yield f"over budget: {stage} takes {stages[stage]['median_ms']:.1f} ms, allowed are {most:.1f}"
