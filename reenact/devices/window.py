"""A window on this screen. SDL by pygame-ce (extra `window`), imported when a window is opened and not before."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Self

from reenact.devices.overheard import overheard
from reenact.errors import DeviceError
from reenact.extras import how_to_install
from reenact.types import Frame

UNSEEN = ("dummy", "offscreen")
"""What SDL falls back to, without a word, where it finds no screen."""


def _import_pygame() -> Any:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # it would greet on stdout
    try:
        import pygame
    except ImportError as error:
        raise DeviceError(f"window: wanted pygame-ce, found none; {how_to_install('window')}") from error
    return pygame


class WindowSink:
    """A FrameSink that shows frames in a window of `size` (width, height) px.

    `on_key` is called, in the thread that sends, with each key's character as it is pressed; closing the window is "q".
    Open, send and close in one thread. Raises DeviceError without pygame-ce or without a screen.
    """

    def __init__(self, size: tuple[int, int], on_key: Callable[[str], object], *, title: str = "reenact") -> None:
        self._size, self._on_key, self._title = size, on_key, title

    def __enter__(self) -> Self:
        self._pygame = _import_pygame()
        try:
            overheard(self._pygame.display.init, pass_on=False)  # it tries one system after the other, aloud
            if self._pygame.display.get_driver() in UNSEEN and "SDL_VIDEODRIVER" not in os.environ:
                raise self._pygame.error("this machine has no display")
            self._screen = self._pygame.display.set_mode(self._size)
        except self._pygame.error as error:
            self._pygame.display.quit()
            raise DeviceError(f"window: no screen to open one on ({error}); choose another --sink.") from error
        self._pygame.display.set_caption(self._title)
        return self

    def __exit__(self, *_: object) -> None:
        self._pygame.display.quit()

    def send(self, frame: Frame) -> None:
        """Show `frame` and hand on the keys pressed since the last one. Raises DeviceError when the screen is gone."""
        height, width = frame.image.shape[:2]
        try:
            picture = self._pygame.image.frombuffer(frame.image.tobytes(), (width, height), "RGB")
            self._screen.blit(picture, (0, 0))
            self._pygame.display.flip()
            for event in self._pygame.event.get():
                self._hand_on(event)
        except self._pygame.error as error:
            raise DeviceError(f"window: the screen is gone ({error}); start again.") from error

    def _hand_on(self, event: Any) -> None:
        if event.type == self._pygame.QUIT:
            self._on_key("q")
        elif event.type == self._pygame.KEYDOWN and event.unicode:
            self._on_key(event.unicode)
