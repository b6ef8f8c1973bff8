"""Ctrl-C, SIGTERM and SIGHUP: the first asks for a stop, the second ends the process at once.

While a run trains, a stop is noted, and obeyed after the step. Before there is a run, it is obeyed there and then.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from logbook.errors import StoppedError

__all__ = ["StopRequest", "listening"]

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Signalled(KeyboardInterrupt):
    """A stop signal in a block that it may end anywhere. Not an Exception, as KeyboardInterrupt is none."""


class StopRequest:
    """Whether, and by which signal, a stop was asked for."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._ends_block = False

    @property
    def exit_status(self) -> int:
        """128 + n, as shells report a program that signal n ended."""
        return 128 + int(self.signal) if self.signal is not None else 0

    @contextlib.contextmanager
    def ending_block(self) -> Iterator[None]:
        """Let a stop signal end the block where it is; raises StoppedError then, or where one came before."""
        self.raise_stopped()
        self._ends_block = True
        try:
            yield
        except BaseException:
            self.raise_stopped()  # whatever the code in the block has made of it
            raise
        finally:
            self._ends_block = False
        self.raise_stopped()

    def raise_stopped(self) -> None:
        """Raise StoppedError where a stop was asked for: there is no run yet to be ended as interrupted."""
        if self.signal is not None:
            raise StoppedError(f"stopped by {self.signal.name}; nothing was recorded", exit_status=self.exit_status)

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Take in a signal; a second one ends the process as if nobody listened."""
        if self.signal is not None:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self.signal = signal.Signals(number)
        if self._ends_block:
            raise _Signalled


@contextlib.contextmanager
def listening() -> Iterator[StopRequest]:
    """Take in stop signals during the block.

    Outside the main thread Python takes no handlers: nothing is listened to there.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    previous = {number: signal.signal(number, request.note) for number in _SIGNALS if not _is_ignored(number)}
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _is_ignored(number: signal.Signals) -> bool:
    # `nohup logbook run …` ignores SIGHUP on purpose.
    return number != signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN
