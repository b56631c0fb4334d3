"""`reenact doctor`: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from reenact.backends.remembered import Findings, Trial, everything
from reenact.cli.fix_camera import fix_camera
from reenact.doctor import Check, clashes, facts, missing, probes
from reenact.errors import ReenactError


def doctor(
    require: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Exit with 1 unless this works, e.g. cuda or virtualcam. Repeatable."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where packages clash, e.g. onnxruntime and onnxruntime-gpu.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line instead.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix-camera", help="Print only what gives this machine a virtual camera.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --fix-camera: also run the commands.")] = False,
) -> None:
    """Say what works on this machine: backends, cameras, encoders, packages."""
    if yes and not fix:
        raise typer.BadParameter("--yes goes with --fix-camera")
    if fix:
        fix_camera(really=yes)
        return
    found, checks = facts(), [probe() for probe in probes()]
    if as_json:
        print(json.dumps({"facts": found, "checks": [asdict(check) for check in checks], "auto": _plain()}))
    else:
        print(
            *(f"{name:<24}{value}" for name, value in found.items()),
            "",
            *map(_lines, checks),
            *_auto(everything()),
            sep="\n",
        )
    lacking = [(f"--require {check.name}", check) for check in missing(checks, require or [])]
    lacking += [("--strict", check) for check in clashes(checks) if strict]
    if lacking:
        raise ReenactError("; ".join(_complaint(option, check) for option, check in lacking))


def _lines(check: Check) -> str:
    line = f"{'yes' if check.ok else 'no':<4}{check.kind:<10}{check.name:<20}{check.detail}"
    return f"{line}\n{'':<34}to do: {check.remedy}" if check.remedy else line


def _plain() -> list[dict[str, object]]:
    return [findings.model_dump(mode="json") for findings in everything()]


def _auto(found: Sequence[Findings]) -> list[str]:
    """What `--backend auto` has found out so far, a line for each form of a network and backend."""
    if not found:
        return ["", "--backend auto has not been tried on this machine"]
    lines = ["", "what --backend auto has found out on this machine (* the best):"]
    for findings in found:
        best = findings.ranking()[:1]
        lines.append(f"{findings.name} ({', '.join(findings.key.backends)}; threads: {findings.key.threads})")
        lines += [f"{'*' if (t.form, t.backend) in best else '':<4}{_trial(t)}" for t in findings.trials]
    return lines


def _trial(trial: Trial) -> str:
    what = f"{trial.form:<30}{trial.backend:<14}"
    if trial.complaint or trial.milliseconds is None:
        return f"{what}not taken: {trial.complaint}"
    return f"{what}{trial.milliseconds:9.2f} ms, {trial.psnr or 0.0:.1f} dB"


def _complaint(option: str, check: Check) -> str:
    remedy = f"; to do: {check.remedy}" if check.remedy else ""
    return f"{option}: {check.detail}{remedy}"
