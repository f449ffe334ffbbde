"""What a plugin raises of its own, told apart from what the keyboard asks for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

FAULTS = (Exception, SystemExit, KeyboardInterrupt)
"""What importing a plugin may raise: some end the program, or raise a keyboard's interrupt themselves."""


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Note whether a plugin that is loaded inside is interrupted from outside.

    Loading a library takes seconds, in which somebody may press Ctrl-C: no fault of the plugin's.

    Yields:
        Says whether SIGINT has arrived since.
    """
    before, arrived = signal.getsignal(signal.SIGINT), threading.Event()
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield arrived.is_set  # where signals are ignored, or not delivered, none interrupts
        return

    def noted(number: int, frame: FrameType | None) -> None:
        arrived.set()
        before(number, frame)

    signal.signal(signal.SIGINT, noted)
    try:
        yield arrived.is_set
    finally:
        if signal.getsignal(signal.SIGINT) is noted:
            signal.signal(signal.SIGINT, before)
