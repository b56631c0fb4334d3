"""`--backend auto`: the form and backend that are fastest on this machine and right, found out with the first real
inputs, and remembered.

A session that dies in mid-stream is replaced by the next best, which runs the same inputs again: no call is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock

from reenact.backends.onnx import cores
from reenact.backends.processor import fingerprint
from reenact.backends.protocol import Backend, Session, check_names
from reenact.backends.registry import REFERENCE
from reenact.backends.remembered import TOLERANCE, Findings, Key, Trial, recall, remember
from reenact.backends.trial import attempt, psnr
from reenact.errors import BackendError
from reenact.network import Tensor

logger = logging.getLogger(__name__)

Candidate = tuple[str, str]
"""Names of a form and of a backend."""


@dataclass(frozen=True, slots=True)
class Form:
    """A graph in one of the precisions that a network comes in."""

    name: str
    sha256: str
    read: Callable[[], bytes]
    """Its content; only the forms that are tried are read."""
    backends: Sequence[str] = ()
    """Those that it suits; empty: all."""
    bfloat16: bool = False
    """Whether a CPU may compute it in bfloat16."""

    def suits(self, backend: str) -> bool:
        """Whether it may run there."""
        return not self.backends or backend in self.backends

    @property
    def identity(self) -> str:
        """All that findings about it depend on."""
        return " ".join([self.sha256, *self.backends, *(["bfloat16"] if self.bfloat16 else [])])


def load(form: Form, backend: Backend, threads: int | None) -> Session:
    """Make a form ready to run. Raises what `read` and `Backend.load` raise."""
    return backend.load(form.read(), name=form.name, threads=threads, bfloat16=form.bfloat16)


class AutoNetwork:
    """A Session of the best form of a graph on the best backend."""

    def __init__(self, forms: Sequence[Form], backends: Sequence[Backend], *, threads: int | None = None) -> None:
        """forms: the first is float32: what it makes on the CPU is what the others are measured by.

        backends: the candidates, the reference among them.

        Raises:
            BackendError: the reference does not take the first form.
        """
        probed = {backend: backend.probe() for backend in backends}
        here = {backend.name: (backend, found) for backend, found in probed.items() if found.ok}
        versions = tuple(f"{key} {found.version} on {found.device}" for key, (_, found) in sorted(here.items()))
        known = tuple(form.identity for form in forms)
        self._key = Key(forms=known, backends=versions, machine=fingerprint(), threads=threads or cores())
        self._load: dict[Candidate, Callable[[], Session]] = {
            (form.name, key): partial(load, form, backend, threads)
            for form in forms
            for key, (backend, _) in here.items()
            if form.suits(key)
        }
        first = forms[0]
        self._reference = here[REFERENCE][0].load(first.read(), name=first.name, threads=threads)
        self._load[first.name, REFERENCE] = lambda: self._reference
        self.name = first.name
        self.inputs, self.outputs = self._reference.inputs, self._reference.outputs
        self._lock = Lock()
        self._session: Session | None = None
        self._waiting: list[Candidate] = []

    @property
    def provider(self) -> str:
        """What runs it now, and in which form if it is not float32; before the first call: nothing has been chosen."""
        if self._session is None:
            return "not chosen yet"
        form = "" if self._session.name == self.name else f", as {self._session.name}"
        return f"{self._session.provider}{form}"

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        """Run once, on the first call after finding out where.

        Raises:
            BackendError: the inputs do not fit the graph, or nothing is left that could run it.
        """
        check_names(self, inputs)
        session = self._chosen(inputs)
        while True:
            try:
                return session(**inputs)
            except BackendError as error:
                if session is not self._reference:
                    self._reference(**inputs)  # where this raises, the inputs are to blame
                session = self._after(session, error)

    def _chosen(self, inputs: Mapping[str, Tensor]) -> Session:
        with self._lock:
            if self._session is None:
                self._session = self._recalled(inputs) or self._find_out(inputs)
                logger.info("%s runs on %s", self.name, self.provider)
            return self._session

    def _recalled(self, inputs: Mapping[str, Tensor]) -> Session | None:
        """What was the best some time ago, if it still does what the reference does."""
        if (found := recall(self._key)) is None:
            return None
        session = self._first_of(found.ranking())
        try:
            return session if psnr(session(**inputs), self._reference(**inputs)) >= TOLERANCE else None
        except BackendError:
            return None

    def _find_out(self, inputs: Mapping[str, Tensor]) -> Session:
        """Try them all, and keep what came of it."""
        wanted = self._reference(**inputs)
        tried: dict[Candidate, Session] = {}
        trials: list[Trial] = []
        for (form, backend), load in self._load.items():
            trial, session = attempt(form, backend, load, inputs, wanted)
            trials.append(trial)
            if session is not None:
                tried[form, backend] = session
            if trial.complaint:
                logger.warning("%s: backend %s is not taken: %s", form, backend, trial.complaint)
        findings = Findings(key=self._key, name=self.name, trials=tuple(trials))
        remember(findings)
        best, *self._waiting = findings.ranking() or [(self.name, REFERENCE)]
        return tried.get(best, self._reference)

    def _first_of(self, ranking: list[Candidate]) -> Session:
        """The best that loads; the reference where none does."""
        self._waiting = list(ranking)
        while self._waiting:
            form, backend = self._waiting.pop(0)
            try:
                return self._load[form, backend]()
            except Exception as error:  # a runtime may raise anything
                logger.warning("%s: backend %s does not load any more: %s", form, backend, error)
        return self._reference

    def _after(self, dead: Session, error: BackendError) -> Session:
        """The next best, once for all threads that saw `dead` die; raises `error` where nothing comes after it."""
        with self._lock:
            if self._session is dead:
                if dead is self._reference and not self._waiting:
                    raise error
                self._session = self._first_of(self._waiting)
                logger.warning("%s; going on with %s", error, self.provider)
            assert self._session is not None
            return self._session
