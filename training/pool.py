"""Samples from another process, kept for a while and drawn again: making one costs more than learning from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from training.config import Config
from training.pairs import Sample, Views, samples


class Endless(IterableDataset[Sample]):
    """The samples of a seed, as a worker process makes them."""

    def __init__(self, config: Config, seed: int) -> None:
        self._config, self._seed = config, seed

    def __iter__(self) -> Iterator[Sample]:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        with torch.no_grad():
            yield from samples(self._config.data, self._seed)


class Pool:
    """Batches, each of some new samples and some of those that are kept."""

    def __init__(self, config: Config, seed: int) -> None:
        loader = DataLoader(Endless(config, seed), batch_size=None, num_workers=1, prefetch_factor=64)
        self._config, self._rng = config, np.random.default_rng(seed)
        self._coming, self._kept = iter(loader), deque[Sample](maxlen=config.pool)

    def batch(self) -> tuple[Views, Views]:
        """Mouths and eyes."""
        missing = max(self._config.fresh, self._config.batch - len(self._kept))
        new = [next(self._coming) for _ in range(min(missing, self._config.batch))]
        old = self._rng.choice(len(self._kept), self._config.batch - len(new)) if self._kept else ()
        drawn = new + [self._kept[index] for index in old]
        self._kept.extend(new)
        return joined([one.mouth for one in drawn]), joined([one.eyes for one in drawn])


def joined(views: list[Views]) -> Views:
    """One batch of many."""
    return Views(
        np.concatenate([one.shown for one in views]),
        np.concatenate([one.marks for one in views]),
        np.concatenate([one.truth for one in views]),
    )
