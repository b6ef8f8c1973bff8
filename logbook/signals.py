"""Ctrl-C, SIGTERM and SIGHUP: the first asks a training to stop after its step, the second ends it at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["StopRequest", "listening"]

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class StopRequest:
    """Whether, and by which signal, a stop was asked for."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    @property
    def exit_status(self) -> int:
        """128 + n, as shells report a program that signal n ended."""
        return 128 + int(self.signal) if self.signal is not None else 0


@contextlib.contextmanager
def listening() -> Iterator[StopRequest]:
    """Note the first stop signal during the block; a second one ends the process as if nobody listened.

    Outside the main thread Python takes no handlers: nothing is listened to there.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(number: int, _frame: FrameType | None) -> None:
        if request.signal is not None:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        request.signal = signal.Signals(number)

    previous = {number: signal.signal(number, note) for number in _SIGNALS if not _is_ignored(number)}
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _is_ignored(number: signal.Signals) -> bool:
    # `nohup logbook run …` ignores SIGHUP on purpose.
    return number != signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN
