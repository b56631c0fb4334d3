"""What a live run says of itself on one line of a terminal: what matters most comes first, the rest may be cut off."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len, set_cell_size

from reenact.loop import LiveStats, SinkStats

HELP = "c calibrate, m mirror, space pause, n/p next/previous, b background, q quit"
"""What the keys do, for 80 columns."""


def status(stats: LiveStats, remark: str = "", width: int | None = None) -> str:
    """State, remark, rates and sinks, in that order. width: columns that there are; None: as many as it takes."""
    rates = f"{stats.fps:.1f} fps, {stats.dropped} of {stats.captured} dropped"
    line = " | ".join(filter(None, [_state(stats), remark, rates, *map(_sink, stats.sinks)]))
    return line if width is None else set_cell_size(line, min(width, cell_len(line)))


def _state(stats: LiveStats) -> str:
    if not stats.camera_found:
        return "waiting for the camera"
    if not stats.face_found:
        return "no face"
    return "following" if stats.calibrated else "calibrating: look straight ahead, at rest"


def _sink(sink: SinkStats) -> str:
    """A film goes by the last part of its path."""
    name = Path(sink.name).name
    if sink.latency_p50_ms is None or sink.latency_p95_ms is None:
        return f"{name} -"
    return f"{name} {sink.latency_p50_ms:.0f}/{sink.latency_p95_ms:.0f} ms, {sink.dropped} dropped"
