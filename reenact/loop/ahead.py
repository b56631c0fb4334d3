"""Looks at the newest frame while the one before it is performed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from reenact.loop.mailbox import Mailbox
from reenact.types import Frame


class LookAhead:
    """A thread that takes captured frames, the newest, and leaves in `seen` what `look` makes of them."""

    def __init__(self, look: Callable[[Frame], Frame], captured: Mailbox[Frame]) -> None:
        self.seen: Mailbox[Frame] = Mailbox()
        """Ends as `captured` does, or with the error of `look`."""
        self._look, self._captured = look, captured
        self._thread = threading.Thread(target=self._run, name="reenact look", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Wait for its end, once `captured` is closed."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            for frame in self._captured:
                self.seen.put(self._look(frame))
            self.seen.close()
        except BaseException as error:
            self.seen.close(error)
