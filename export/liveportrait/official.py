"""Where the weight files lie, and that they are the official ones, to the byte. Before torch opens any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from reenact.errors import WeightsError
from reenact.weights import Weights, check, find


def weight_files(folder: Path, stems: Iterable[str], weights: Weights) -> Mapping[str, Path]:
    """Name of a file, without its ending -> the file, in the folder or below it.

    The official edition (.pth) is compared with what is published about it. About the converted edition (.safetensors)
    nothing is: its keys and shapes alone are checked, by `family.load`.

    Raises:
        WeightsError: one is missing or is another, or there are several.
    """
    wanted = {Path(file.name).stem: file for file in weights.files}
    paths: dict[str, Path] = {}
    for stem in stems:
        converted = sorted(folder.rglob(f"{stem}.safetensors"))
        if len(converted) > 1:
            raise WeightsError(f"{folder}: several {stem} files ({', '.join(map(str, converted))}); name one's folder.")
        paths[stem] = converted[0] if converted else find(folder, wanted[stem])
        if not converted:
            check(paths[stem], wanted[stem], weights)
    return paths
