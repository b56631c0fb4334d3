"""Weights that we may not or need not ship: which files, whose, under which licence; how to get and check them."""

from __future__ import annotations

from reenact.weights.check import adopt, check, find
from reenact.weights.fetch import fetch
from reenact.weights.manifest import WeightFile, Weights, known, open_weights

__all__ = ["WeightFile", "Weights", "adopt", "check", "fetch", "find", "known", "open_weights"]
