"""All networks of one family, and how their parameters come in: official files, or a filling made from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor, nn

from export.liveportrait.appearance import Appearance
from export.liveportrait.filling import filled
from export.liveportrait.generator import Generator
from export.liveportrait.layers import Retargeting
from export.liveportrait.motion import MotionExtractor
from export.liveportrait.official import weight_files
from export.liveportrait.warping import Warping
from export.liveportrait.widths import Widths
from reenact.errors import WeightsError
from reenact.weights import open_weights


@dataclass(frozen=True, slots=True)
class Source:
    """Where a network's parameters lie in the official editions."""

    file: str
    """Without its ending: .pth in the official edition, .safetensors in the converted one."""
    entry: str | None = None
    """Of a file that holds several networks."""


SOURCES = {
    "appearance_feature_extractor": Source("appearance_feature_extractor"),
    "motion_extractor": Source("motion_extractor"),
    "warping_module": Source("warping_module"),
    "spade_generator": Source("spade_generator"),
    "retarget_shoulder": Source("stitching_retargeting_module", "retarget_shoulder"),
    "retarget_mouth": Source("stitching_retargeting_module", "retarget_mouth"),
    "retarget_eye": Source("stitching_retargeting_module", "retarget_eye"),
}
"""Official name of each network -> where it is. The names are also the fields of `Family`."""


@dataclass(frozen=True, slots=True)
class Family:
    """The seven networks, under their official names, in eval mode."""

    appearance_feature_extractor: Appearance
    motion_extractor: MotionExtractor
    warping_module: Warping
    spade_generator: Generator
    retarget_shoulder: Retargeting
    retarget_mouth: Retargeting
    retarget_eye: Retargeting

    def items(self) -> Iterator[tuple[str, nn.Module]]:
        """(official name, network)"""
        for field in fields(self):
            yield field.name, getattr(self, field.name)


def empty(widths: Widths) -> Family:
    """Networks whose parameters are still to come."""
    family = Family(
        Appearance(widths),
        MotionExtractor(widths),
        Warping(widths),
        Generator(widths),
        *(Retargeting(sizes) for sizes in (widths.stitching, widths.lips, widths.eyes)),
    )
    for _, network in family.items():
        network.eval().requires_grad_(False)
    return family


def from_seed(widths: Widths) -> Family:
    """Networks filled from a fixed seed: they paint noise, the same noise everywhere."""
    family = empty(widths)
    for name, network in family.items():
        shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
        load(network, {key: torch.from_numpy(value) for key, value in filled(name, shapes).items()}, name)
    return family


def from_files(widths: Widths, folder: Path) -> Family:
    """Networks with the weights of the official files (.pth or .safetensors), wherever they lie in `folder`.

    Raises:
        WeightsError: a file is missing, is not the official one, or holds other parameters.
    """
    paths = weight_files(
        folder, dict.fromkeys(source.file for source in SOURCES.values()), open_weights("liveportrait")
    )
    family = empty(widths)
    for name, network in family.items():
        path = paths[SOURCES[name].file]
        load(network, entry(read(path), SOURCES[name].entry), f"{path} ({name})")
    return family


def load(network: nn.Module, parameters: Mapping[str, Tensor], name: str) -> None:
    """Put parameters into a network: every one of them, of the right shape, and no other.

    Raises:
        WeightsError
    """
    wanted = network.state_dict()
    missing, unknown = wanted.keys() - parameters.keys(), parameters.keys() - wanted.keys()
    wrong = [key for key in wanted.keys() & parameters.keys() if wanted[key].shape != parameters[key].shape]
    for complaint, keys in (("misses", missing), ("has an unknown", unknown), ("has another shape for", wrong)):
        if keys:
            raise WeightsError(f"{name}: {complaint} {min(keys)} ({len(keys)} in all). Not a LivePortrait file?")
    network.load_state_dict(dict(parameters), strict=True)


def read(path: Path) -> dict[str, object]:
    """What a weight file holds; nothing in it is executed.

    Raises:
        WeightsError: cut off, or no such file.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except ImportError as error:
        raise WeightsError(f"{path}: needs the package safetensors (pip install safetensors).") from error
    except Exception as error:  # torch, zipfile and pickle each have their own
        reason = f"cut off, or more than numbers in it ({type(error).__name__})"
        raise WeightsError(f"{path}: cannot be read as weights: {reason}. Fetch it again.") from error


def entry(content: Mapping[str, object], name: str | None) -> dict[str, Tensor]:
    """One network's parameters: the whole file, one of its dicts, or the keys that begin with NAME_module."""
    if name is None:
        return dict(content)
    nested = content.get(name)
    if isinstance(nested, Mapping):
        return {key.replace("module.", ""): value for key, value in nested.items()}
    prefix = f"{name}_module."
    return {key.removeprefix(prefix): value for key, value in content.items() if key.startswith(prefix)}
