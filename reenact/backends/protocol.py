"""What every runtime can be asked: whether it is here, and to load a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from reenact.errors import BackendError
from reenact.network import Tensor


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend is installed; whether it really runs, only a loaded graph tells."""

    ok: bool
    version: str
    """Of the runtime; empty where there is none."""
    device: str
    """What it would run on; empty where there is none."""
    reason: str
    """Why not; empty where it is there."""


class Session(Protocol):
    """A graph that a runtime is ready to run: a `network.Network` that knows itself. May be called by two threads."""

    @property
    def name(self) -> str: ...
    @property
    def inputs(self) -> Mapping[str, list[int | str]]: ...
    @property
    def outputs(self) -> Mapping[str, list[int | str]]: ...
    @property
    def provider(self) -> str:
        """What really runs it, never what was asked for."""
        ...

    def __call__(self, **inputs: Tensor) -> Mapping[str, Tensor]:
        """Run once. Raises BackendError."""
        ...


def check_names(session: Session, inputs: Mapping[str, Tensor]) -> None:
    """Raise BackendError unless the inputs are those of the graph."""
    if inputs.keys() != session.inputs.keys():
        raise BackendError(f"{session.name}: wanted inputs {', '.join(session.inputs)}, got {', '.join(inputs)}")


class Backend(Protocol):
    """A runtime on a kind of device."""

    @property
    def name(self) -> str:
        """As in `--backend NAME`."""
        ...

    def probe(self) -> Availability:
        """Look, without importing anything heavy. Never raises."""
        ...

    def load(self, model: bytes, *, name: str, threads: int | None = None, bfloat16: bool = False) -> Session:
        """Make ready to run. name: for messages. bfloat16: whether a CPU may compute in it.

        Raises:
            BackendError: not here, or it does not take the graph.
        """
        ...
