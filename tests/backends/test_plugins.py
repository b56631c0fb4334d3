"""Plug-in providers: not installed, installed without a device, and, on ONNX Runtime's own CPU device, running.

No machine of ours has a device that one of the three wheels takes.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from reenact.backends import plugins
from reenact.backends.plugins import PLUGINS, PluginBackend
from reenact.backends.registry import named
from reenact.bundle import bundled, open_bundle
from reenact.doctor import DOUBLE
from reenact.errors import BackendError
from reenact.extras import how_to_install

ONE = np.full(1, 1.5, np.float32)


@pytest.fixture
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> PluginBackend:
    """A plug-in whose library is registered already, under the name of a provider that has a device."""
    monkeypatch.setattr(plugins, "_register", lambda module, name: None)
    return PluginBackend("plug", "numpy", "CPUExecutionProvider")


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_what_is_not_installed_says_which_extra_brings_it(plugin: PluginBackend) -> None:
    absent = replace(plugin, module="no_such_module")
    reason = f"backend {plugin.name} is not installed: {how_to_install(plugin.name)}"
    assert absent.probe().reason.startswith(reason)
    with pytest.raises(BackendError) as raised:
        absent.load(DOUBLE, name="double")
    assert str(raised.value).startswith(reason)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_what_is_installed_or_not_is_here_or_says_why_not(plugin: PluginBackend) -> None:
    """With whatever wheels and devices this machine has: it runs, or it is an error, never another provider."""
    found = named(plugin.name).probe()
    assert bool(found.version and found.device) is found.ok is not bool(found.reason)
    if found.ok:
        session = plugin.load(DOUBLE, name="double")
        assert session.provider.startswith(plugin.provider)
        assert session(x=ONE)["y"] == 3.0
    else:
        with pytest.raises(BackendError, match=f"backend {plugin.name} "):
            open_bundle(bundled("engines", "lite")).network("warp", backend=plugin.name)


def test_a_library_that_does_not_load_is_a_reason_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "broken.so"
    library.write_text("no library")
    module = ModuleType("numpy")
    module.get_library_path = lambda: str(library)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broken_plugin", module)
    monkeypatch.setattr(plugins, "find_spec", lambda name: module)
    found = PluginBackend("broken", "broken_plugin", "NoProvider").probe()
    assert not found.ok
    assert "backend broken does not start: " in found.reason


def test_a_device_is_named_and_the_graph_runs_on_it(on_the_cpu: PluginBackend) -> None:
    assert on_the_cpu.probe().ok
    session = on_the_cpu.load(DOUBLE, name="double", threads=1)
    assert session.provider == f"CPUExecutionProvider on {on_the_cpu.probe().device}"
    assert session(x=ONE)["y"] == 3.0


def test_a_plugin_without_a_device_is_never_replaced_by_the_cpu(on_the_cpu: PluginBackend) -> None:
    deviceless = replace(on_the_cpu, provider="NoProvider")
    assert "finds no device" in deviceless.probe().reason
    with pytest.raises(BackendError, match="finds no device"):
        deviceless.load(DOUBLE, name="double")


def test_a_graph_that_does_not_load_is_an_error(on_the_cpu: PluginBackend) -> None:
    with pytest.raises(BackendError, match="rubbish: cannot load on backend plug"):
        on_the_cpu.load(b"no graph", name="rubbish")


def test_openvino_is_told_to_keep_coordinates_exact() -> None:
    (openvino, *_) = PLUGINS
    assert '"INFERENCE_PRECISION_HINT": "f32"' in openvino.options(2, False)["load_config"]
    assert "PRECISION" not in openvino.options(2, True)["load_config"]
    assert '"INFERENCE_NUM_THREADS": "2"' in openvino.options(2, True)["load_config"]


def test_a_driver_that_breaks_while_devices_are_looked_for_is_a_reason(
    monkeypatch: pytest.MonkeyPatch, on_the_cpu: PluginBackend
) -> None:
    def fail() -> None:
        raise RuntimeError("no such driver")

    monkeypatch.setattr(plugins.ort, "get_ep_devices", fail)
    assert on_the_cpu.probe().reason == "backend plug cannot look for devices: no such driver."


def test_a_module_that_is_half_installed_is_not_installed() -> None:
    half = PluginBackend("half", "no_such_package.part", "NoProvider")
    assert half.probe().reason.startswith("backend half is not installed")
