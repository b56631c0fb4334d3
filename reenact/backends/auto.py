"""`--backend auto`: what is fastest on this machine and right, found out with the first real inputs, and remembered.

A session that dies in mid-stream is replaced by the next best, which runs the same inputs again: no call is lost.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock

from reenact.backends.onnx import cores
from reenact.backends.protocol import Backend, Session
from reenact.backends.registry import REFERENCE
from reenact.backends.remembered import Findings, Key, Trial, recall, remember
from reenact.backends.trial import attempt
from reenact.errors import BackendError
from reenact.network import Tensor

logger = logging.getLogger(__name__)


class AutoNetwork:
    """A Session of the best backend for a graph."""

    def __init__(
        self,
        model: bytes,
        backends: Sequence[Backend],
        *,
        name: str = "graph",
        threads: int | None = None,
        bfloat16: bool = False,
    ) -> None:
        """backends: the candidates, the reference among them.

        Raises:
            BackendError: the reference does not take the graph.
        """
        probed = {backend: backend.probe() for backend in backends}
        here = {backend.name: (backend, found) for backend, found in probed.items() if found.ok}
        self._load: dict[str, Callable[[], Session]] = {
            key: partial(backend.load, model, name=name, threads=threads, bfloat16=bfloat16)
            for key, (backend, _) in here.items()
        }
        versions = tuple(f"{key} {found.version} on {found.device}" for key, (_, found) in sorted(here.items()))
        self._key = Key(network=hashlib.sha256(model).hexdigest(), backends=versions, threads=threads or cores())
        self._reference = backends[[backend.name for backend in backends].index(REFERENCE)].load(
            model, name=name, threads=threads
        )
        self.name = name
        self.inputs, self.outputs = self._reference.inputs, self._reference.outputs
        self._lock = Lock()
        self._session: Session | None = None
        self._waiting: list[str] = []

    @property
    def provider(self) -> str:
        """What runs it now; before the first call: nothing has been chosen."""
        return "not chosen yet" if self._session is None else self._session.provider

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        """Run once, on the first call after finding out where.

        Raises:
            BackendError: the reference itself cannot run it.
        """
        session = self._chosen(inputs)
        while True:
            try:
                return session(**inputs)
            except BackendError as error:
                session = self._after(session, error)

    def _chosen(self, inputs: Mapping[str, Tensor]) -> Session:
        with self._lock:
            if self._session is None:
                found = recall(self._key)
                self._session = self._find_out(inputs) if found is None else self._first_of(found.ranking())
                logger.info("%s runs on %s", self.name, self._session.provider)
            return self._session

    def _find_out(self, inputs: Mapping[str, Tensor]) -> Session:
        """Try them all, and keep what came of it."""
        wanted = self._reference(**inputs)
        tried: dict[str, Session] = {}
        trials: list[Trial] = []
        for name, load in self._load.items():
            trial, session = attempt(name, (lambda: self._reference) if name == REFERENCE else load, inputs, wanted)
            trials.append(trial)
            if session is not None:
                tried[name] = session
            if trial.complaint:
                logger.warning("%s: backend %s is not taken: %s", self.name, name, trial.complaint)
        findings = Findings(key=self._key, name=self.name, trials=tuple(trials))
        remember(findings)
        best, *self._waiting = findings.ranking() or [REFERENCE]
        return tried.get(best, self._reference)

    def _first_of(self, ranking: list[str]) -> Session:
        """The best that loads; the reference where none does."""
        self._waiting = list(ranking)
        while self._waiting:
            name = self._waiting.pop(0)
            if name == REFERENCE:
                break
            try:
                return self._load[name]()
            except (BackendError, KeyError) as error:
                logger.warning("%s: backend %s does not load any more: %s", self.name, name, error)
        return self._reference

    def _after(self, dead: Session, error: BackendError) -> Session:
        """The next best, once for all threads that saw `dead` die; raises `error` where nothing comes after it."""
        with self._lock:
            if self._session is dead:
                if dead is self._reference:
                    raise error
                self._session = self._first_of(self._waiting)
                logger.warning("%s; going on with %s", error, self._session.provider)
            assert self._session is not None
            return self._session
