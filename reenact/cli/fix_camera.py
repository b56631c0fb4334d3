"""`reenact doctor --fix-camera`: what gives this machine a virtual camera, printed, and done only with `--yes`."""

from __future__ import annotations

import subprocess

from reenact.devices.virtualcam_setup import SetUp, set_up
from reenact.errors import ReenactError


def fix_camera(*, really: bool) -> None:
    """Print what to do; where `really`, do what can be done by a program. Raises ReenactError: a command failed."""
    plan = set_up()
    print(instructions(plan))
    if really:
        run_commands(plan)


def instructions(plan: SetUp) -> str:
    """The plan for people: commands as they are typed, the rest as comments."""
    lines = [*plan.commands]
    lines += ["# and to have it after a reboot:", *plan.at_boot] if plan.at_boot else []
    return "\n".join(lines + [f"# {step}" for step in plan.steps])


def run_commands(plan: SetUp) -> None:
    """Run the plan's commands, one after the other, in a shell.

    Raises:
        ReenactError: there is none, or one failed; those after it are not run.
    """
    commands = [*plan.commands, *plan.at_boot]
    if not commands:
        raise ReenactError("--yes: nothing here can be done by a program; follow the steps above.")
    for command in commands:
        status = subprocess.run(command, shell=True, check=False).returncode
        if status:
            raise ReenactError(f"--fix-camera: `{command}` ended with {status}; mend that, then start again.")
