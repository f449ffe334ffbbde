"""What a plugin raises of its own, told apart from what the keyboard asks for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

FAULTS = (Exception, SystemExit, KeyboardInterrupt)
"""What importing a plugin may raise: some end the program, or raise a keyboard's interrupt themselves."""


class _PressedError(BaseException):
    """Ctrl-C, as it passes whoever catches `FAULTS`."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C pass, whoever catches `FAULTS` inside.

    Loading a library takes seconds, in which somebody may press Ctrl-C: no fault of the plugin's.

    Raises:
        KeyboardInterrupt: If SIGINT arrives, and its handler raises that.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield  # where signals are ignored, or not delivered, none interrupts
        return

    def pressed(number: int, frame: FrameType | None) -> None:
        try:
            before(number, frame)
        except KeyboardInterrupt:
            raise _PressedError from None

    signal.signal(signal.SIGINT, pressed)
    try:
        yield
    except _PressedError:
        raise KeyboardInterrupt from None
    finally:
        if signal.getsignal(signal.SIGINT) is pressed:
            signal.signal(signal.SIGINT, before)
