"""Finds, checks and opens an engine folder: `engines/NAME/engine.toml` and the files it names."""

from __future__ import annotations

import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from reenact.backends.auto import AutoNetwork, Form, load
from reenact.backends.protocol import Session
from reenact.backends.registry import AUTO, REFERENCE, backends, named
from reenact.errors import BundleError
from reenact.network import Tensor

Shape = list[int | str]
"""Of a tensor; a string names a free dimension."""

_E = TypeVar("_E")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkEntry(_Strict):
    """One graph of an engine."""

    file: str
    sha256: str
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    role: str | None = None
    """What the engine uses it for, where several graphs do the same in other forms; None: its own name."""
    backends: list[str] = []
    """Those that this form suits; empty: all."""
    psnr: float | None = None
    """dB by which this form agrees with float32 on real frames; None: it is float32, or nobody measured it."""
    bfloat16: bool = False
    """Whether a CPU may compute it in bfloat16."""


class DataEntry(_Strict):
    """One table of numbers of an engine (.npz)."""

    file: str
    sha256: str


class Manifest(_Strict):
    """What `engine.toml` says."""

    name: str
    version: str
    licence: str
    description: str
    networks: dict[str, NetworkEntry] = {}
    data: dict[str, DataEntry] = {}


@dataclass(frozen=True, slots=True)
class Bundle:
    """An engine folder whose manifest has been read; files are checked as they are opened."""

    folder: Path
    manifest: Manifest

    def network(self, role: str, *, backend: str = "cpu", threads: int | None = None) -> Session:
        """Open what a role needs, in the form that suits a backend best. auto: the fastest pair of form and backend.

        Raises:
            BundleError: unknown, missing, altered, its tensors are not those of the manifest, or no form suits.
            BackendError: the backend cannot run it.
        """
        if backend != AUTO:
            return self.form(self.suited(role, backend), backend=backend, threads=threads)
        forms = self.forms(role)
        return self._stated(forms[0].name, AutoNetwork(forms, backends(), threads=threads))

    def form(self, name: str, *, backend: str = "cpu", threads: int | None = None) -> Session:
        """Open one graph, by its own name.

        Raises:
            BundleError, BackendError: as `network`.
        """
        form = self._form(name)
        return self._stated(name, load(form, named(backend), threads))

    def forms(self, role: str) -> list[Form]:
        """All that a role comes in; first the one that the others are measured by: in float32, on the CPU.

        Raises:
            BundleError: unknown, or in float32 there is none for the CPU.
        """
        forms = self._forms(role)
        for form in forms:
            if form.suits(REFERENCE) and self.manifest.networks[form.name].psnr is None:
                return [form, *(other for other in forms if other is not form)]
        raise BundleError(f"engine {self.manifest.name} has no {role} in float32 for backend {REFERENCE}.")

    def suits(self, role: str, backend: str) -> list[str]:
        """Names of the graphs for a role in forms that suit a backend, the best first; for auto: that suit the CPU."""
        backend = REFERENCE if backend == AUTO else backend
        return [form.name for form in self._forms(role) if form.suits(backend)]

    def suited(self, role: str, backend: str) -> str:
        """The name of the graph for a role in the form that suits a backend best.

        Raises:
            BundleError: there is none.
        """
        for name in self.suits(role, backend):
            return name
        found = "; ".join(f"{form.name}: {', '.join(form.backends)}" for form in self._forms(role))
        raise BundleError(f"engine {self.manifest.name} has no {role} for backend {backend}, only {found}.")

    def arrays(self, name: str) -> dict[str, Tensor]:
        """Read a table of numbers.

        Raises:
            BundleError: unknown, missing or altered.
        """
        entry = self._entry(self.manifest.data, name)
        with np.load(io.BytesIO(_checked(self.folder / entry.file, entry.sha256)), allow_pickle=False) as table:
            return {key: table[key] for key in table.files}

    def _forms(self, role: str) -> list[Form]:
        """In the manifest's order."""
        roles = {name: entry.role or name for name, entry in self.manifest.networks.items()}
        if role not in roles.values():
            raise BundleError(
                f"engine {self.manifest.name} has no {role}, only: {', '.join(dict.fromkeys(roles.values()))}."
            )
        return [self._form(name) for name, its_role in roles.items() if its_role == role]

    def _form(self, name: str) -> Form:
        entry = self._entry(self.manifest.networks, name)
        read = partial(_checked, self.folder / entry.file, entry.sha256)
        return Form(name, entry.sha256, read, tuple(entry.backends), entry.bfloat16)

    def _stated(self, name: str, network: Session) -> Session:
        """A network whose tensors are those of the manifest."""
        entry = self.manifest.networks[name]
        if (_free(network.inputs), _free(network.outputs)) != (_free(entry.inputs), _free(entry.outputs)):
            raise BundleError(f"{entry.file}: its tensors are not those that engine.toml states. Install again.")
        return network

    def _entry(self, table: dict[str, _E], name: str) -> _E:
        if name not in table:
            raise BundleError(f"engine {self.manifest.name} has no {name}, only: {', '.join(table)}.")
        return table[name]


def open_bundle(folder: Path) -> Bundle:
    """Read the manifest of an engine folder.

    Raises:
        BundleError: no folder, no manifest, or one with unknown or missing keys.
    """
    path = folder / "engine.toml"
    try:
        return Bundle(folder, Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))))
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror}). Install reenact again.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise BundleError(f"{path}: not a manifest: {' '.join(str(error).split())}") from error


def bundled(kind: str, name: str) -> Path:
    """Where a bundled thing lies. kind: "engines" or "examples". In a checkout: the repository's own folder."""
    package = Path(__file__).parent
    installed = package / "_bundled" / kind
    return (installed if installed.is_dir() else package.parent / kind) / name


def _free(tensors: Mapping[str, Shape]) -> dict[str, Shape]:
    """Shapes without the names of free dimensions, which not every runtime keeps."""
    return {name: ["?" if isinstance(length, str) else length for length in shape] for name, shape in tensors.items()}


def _checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror}). Install reenact again.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BundleError(f"{path}: not the file that engine.toml names (sha256 differs). Install reenact again.")
    return content
