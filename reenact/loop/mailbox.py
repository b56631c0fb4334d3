"""One slot between two threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):  # noqa: N818 - an end, not an error
    """A mailbox will get nothing more."""


class Mailbox(Generic[T]):
    """A newer value replaces an unread one, which is counted; the end and errors travel through it too."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._end: BaseException | None = None
        self.count = 0
        """Values put in."""
        self.dropped = 0
        """Values replaced before anybody took them."""

    def put(self, value: T) -> None:
        """Leave `value`; after `close` it is ignored."""
        with self._changed:
            if self._end is None:
                self.count += 1
                self.dropped += self._value is not None
                self._value = value
                self._changed.notify_all()

    def close(self, error: BaseException | None = None) -> None:
        """Nothing more will come; an `error` is raised where values are taken. The first close counts."""
        with self._changed:
            self._end = self._end or error or Closed()
            self._changed.notify_all()

    def take(self, timeout: float | None = None) -> T | None:
        """The newest value not taken yet; None if there is none for `timeout` seconds. Raises Closed, or the error."""
        with self._changed:
            self._changed.wait_for(lambda: self._value is not None or self._end is not None, timeout)
            value, self._value = self._value, None
            if value is None and self._end is not None:
                raise self._end
            return value

    def __iter__(self) -> Iterator[T]:
        """The newest value, again and again until the end. Raises the error that it was closed with."""
        while True:
            try:
                value = self.take()
            except Closed:
                return
            if value is not None:
                yield value
