"""The seam where frames go out."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from reenact.types import Frame


class FrameSink(Protocol):
    """Opened by `with`, used and closed by one thread at a time. Raises DeviceError or MediaError."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish; where an error comes along, leave no half output behind."""
        ...

    def send(self, frame: Frame) -> None:
        """Show or keep `frame`; returns when that is done. Does not change the frame's image, nor rely on it later."""
        ...
