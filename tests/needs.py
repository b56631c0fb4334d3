"""Skips what this machine has no wheel or device for; where REENACT_REQUIRE names it, it runs, and fails."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest


def needs(what: str, *, here: bool | None = None) -> pytest.MarkDecorator:
    """What a test cannot do without. what: a module; or, with `here`, any name for what is looked for otherwise."""
    found = find_spec(what) is not None if here is None else here
    required = what in os.environ.get("REENACT_REQUIRE", "").split(",")
    return pytest.mark.skipif(
        not found and not required, reason=f"{what} is not here, and REENACT_REQUIRE does not name it"
    )
