"""`reenact verify`: whether a file was made by a program such as this one, and whether it is still as it was made."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from reenact.cli.stage import PICTURES
from reenact.devices.files import check_readable
from reenact.devices.pictures import read_picture
from reenact.devices.video import VideoSource
from reenact.errors import MediaError
from reenact.extras import how_to_install
from reenact.provenance.c2pa import read_signature
from reenact.provenance.detector import Detector, Finding
from reenact.provenance.signature import Signature, State
from reenact.provenance.verdict import Evidence, Verdict, judge

FILMS = {".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v"}
FRAMES = 120
"""Of a film, evenly spread: enough for a bad recording, and a second or two of work."""
RANKING = (Verdict.UNREADABLE, Verdict.ALTERED, Verdict.UNCHECKED, Verdict.UNMARKED, Verdict.INTACT)
"""Of several files the first of these that there is gives the exit code."""
WORDS = {
    Verdict.INTACT: "made by a program, and as it was made",
    Verdict.ALTERED: "made by a program, and altered since",
    Verdict.UNMARKED: "no mark found (which proves nothing: marks can be removed, and not every program marks)",
    Verdict.UNREADABLE: "cannot be read",
    Verdict.UNCHECKED: "signed, but its signature could not be checked",
}
OnProgress = Callable[[float], object]


def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="A film, a picture, or a folder of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each file.")] = False,
) -> None:
    """Look for signature and watermark.

    Exit code: 0 marked and intact, 1 altered, 2 no mark, 3 cannot be read, 4 signed, but the signature not checked.
    """
    verdicts = []
    for file in files_in(path):
        with _progress(file.name) as progress:
            report = examine(file, progress)
        verdicts.append(report.pop("verdict"))
        print(json.dumps(report) if as_json else told(report))
    if not verdicts:
        typer.echo(f"reenact: {path}: wanted films or pictures, found none; name another folder.", err=True)
    raise typer.Exit(min(verdicts, key=RANKING.index, default=Verdict.UNREADABLE).value)


def files_in(path: Path) -> list[Path]:
    """The file, or all films and pictures below the folder, by name."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURES | FILMS and file.is_file())


def examine(file: Path, progress: OnProgress) -> dict[str, Any]:
    """Both layers of one file, with their evidence."""
    try:
        check_readable(file, "a film or a picture")
        signature = read_signature(file)
    except (MediaError, OSError) as error:
        return _report(file, Verdict.UNREADABLE, (str(error),), None)
    problem: tuple[str, ...] = ()
    try:
        finding = look(file, progress)
    except MediaError as error:
        finding, problem = None, (str(error),)
    evidence = Evidence(signature, finding)
    verdict, reasons = judge(evidence)
    return _report(file, verdict, reasons + problem, evidence)


def look(file: Path, progress: OnProgress) -> Finding:
    """Search a picture or film for the watermark. Raises MediaError where nothing can be seen."""
    detector = Detector()
    if file.suffix.lower() in PICTURES:
        detector.add(read_picture(file))
    else:
        _add_film(detector, file, lambda done: progress(0.6 * done))
    return detector.find(lambda done: progress(0.6 + 0.4 * done))


def _add_film(detector: Detector, file: Path, progress: OnProgress) -> None:
    """Spread over the film; what can be read of a damaged one counts."""
    seen = 0
    with VideoSource(file) as film:
        count = max(1, round((film.seconds or 0) * float(film.rate)))
        try:
            for frame in film:
                if frame.index % max(1, count // FRAMES) == 0:
                    detector.add(frame.image)
                    seen += 1
                    progress(min(1.0, frame.index / count))
        except MediaError:
            if not seen:
                raise


def _report(file: Path, verdict: Verdict, reasons: tuple[str, ...], evidence: Evidence | None) -> dict[str, Any]:
    return {
        "file": os.fspath(file),
        "verdict": verdict,
        "result": verdict.name.lower(),
        "reasons": list(reasons),
        "signature": None if evidence is None else _signature(evidence.signature),
        "watermark": None if evidence is None or evidence.watermark is None else _watermark(evidence.watermark),
    }


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "state": signature.state.value,
        "says_synthetic": signature.synthetic,
        "signer": signature.signer,
        "trusted": signature.trusted,
        "software": signature.software,
        "engine": signature.engine,
        "watermark": signature.watermark,
        "avatars": [{"sha256": avatar.sha256, "consent": avatar.consent} for avatar in signature.avatars],
        "problems": list(signature.problems),
    }


def _watermark(finding: Finding) -> dict[str, Any]:
    payload = finding.payload
    return {
        "found": finding.marked,
        "z": round(finding.z, 2),
        "threshold": finding.threshold,
        "id": None if payload is None else payload.id,
        "made_with_signature": None if payload is None else payload.signed,
        "whole": finding.whole if finding.marked else None,
        "mirrored": finding.mirrored if finding.marked else None,
        "frames": finding.frames,
    }


def told(report: dict[str, Any]) -> str:
    """For people: the verdict, then each layer's evidence."""
    verdict = Verdict[report["result"].upper()]
    reasons = "".join(f"\n  ! {reason}" for reason in report["reasons"])
    sure = report["signature"] is not None and report["signature"]["state"] == State.VALID
    words = (
        "made by a program; nothing speaks of a change" if verdict is Verdict.INTACT and not sure else WORDS[verdict]
    )
    lines = [f"{report['file']}: {words}{reasons}"]
    if report["signature"] is not None:
        lines.append(f"  signature: {_told_signature(report['signature'])}")
    if report["watermark"] is not None:
        lines.append(f"  watermark: {_told_watermark(report['watermark'])}")
    return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in "\n".join(lines).splitlines())


def _told_signature(signature: dict[str, Any]) -> str:
    if signature["state"] == State.ABSENT:
        return "none"
    if signature["state"] == State.UNCHECKED:
        return f"there is one, not checked; to check it: {how_to_install('provenance')}"
    parts = [signature["state"], *signature["problems"], f"by {signature['signer'] or 'an unknown signer'}"]
    parts.append("this computer's own key" if signature["trusted"] != "no" else "nobody here vouches for the signer")
    if signature["software"]:
        parts.append(f"made with {signature['software']}")
    if not signature["says_synthetic"]:
        parts.append("does not say that a program made the picture")
    parts += [f"avatar {avatar['sha256'][:12]}…, consent: {avatar['consent']}" for avatar in signature["avatars"]]
    return ", ".join(parts)


def _told_watermark(watermark: dict[str, Any]) -> str:
    strength = f"z {watermark['z']:.1f}, from {watermark['threshold']:g} on it counts"
    if not watermark["found"]:
        return f"none ({strength})"
    if watermark["id"] is None:
        return f"found ({strength}), its 64 bits cannot be read"
    made = "signed" if watermark["made_with_signature"] else "unsigned: whether it was re-encoded cannot be told"
    return f"found ({strength}), {watermark['id']}, made {made}"


@contextmanager
def _progress(name: str) -> Iterator[OnProgress]:
    """A bar on stderr, where that is a terminal; goes away when done."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda done: bar.update(task, completed=done)
