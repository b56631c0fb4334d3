"""python -m training.average OUT CHECKPOINT...: a checkpoint whose generators are the mean of several moments of a run.

It does what letting the rate fall to 0 would have done, for a run that is stopped before its end. Source: Izmailov et
al., Averaging Weights Leads to Wider Optima and Better Generalization, 2018.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from export.lite.weights import KINDS


def main() -> None:
    """Read, average, write."""
    parser = argparse.ArgumentParser(prog="python -m training.average", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    options = parser.parse_args()
    if options.out.exists():
        sys.exit(f"training.average: {options.out} is there; name another file.")
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in options.checkpoints]
    torch.save(averaged(states), options.out)
    print(f"{options.out}: the mean of steps {', '.join(str(state['step']) for state in states)}")


def averaged(states: list[dict[str, Any]]) -> dict[str, Any]:
    """The last one, but for the weights that are exported."""
    out = dict(states[-1])
    for kind in KINDS:
        out[kind] = out[kind] | {"average": _mean([state[kind]["average"] for state in states])}
    return out


def _mean(weights: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([one[name] for one in weights]).mean(0) for name in weights[0]}


if __name__ == "__main__":
    main()
