"""The seam where frames come in."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from reenact.types import Frame


class LiveSource(Protocol):
    """Frames as they come; None, at least every half second, while there is none (an unplugged camera, say).

    Iterating ends where the stream ends. It may be iterated in another thread than the one that opened it, by one
    at a time; it is closed after iterating has stopped. Raises DeviceError or MediaError.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __iter__(self) -> Iterator[Frame | None]: ...


class FrameSource(LiveSource, Protocol):
    """Every frame, in order, at the pace of whoever iterates: a film. Also a LiveSource that never has to wait."""

    def __iter__(self) -> Iterator[Frame]: ...
