"""Ctrl-C, SIGTERM and SIGHUP: the first asks for a stop, the second ends the process at once.

While a run trains, a stop is noted, and obeyed after the step. Before there is a run, and while something is measured,
it is obeyed there and then.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Collection, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from logbook.errors import StoppedError

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["Relay", "StopRequest", "held_back", "listening"]

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

    @property
    def name(self) -> str:
        """What the signal is called; an empty text where there was none."""
        return self.signal.name if self.signal is not None else ""

    @contextlib.contextmanager
    def breakable(self) -> Iterator[None]:
        """Let a stop signal raise KeyboardInterrupt in the block, wherever it is; at once where one came before."""
        self._ends_block = True
        try:
            if self.signal is not None:
                raise _Signalled
            yield
        finally:
            self._ends_block = False

    def forget_block(self) -> None:
        """Let no signal end the block any more."""
        self._ends_block = False

    @contextlib.contextmanager
    def ending_block(self) -> Iterator[None]:
        """Let a stop signal end the block where it is; raises StoppedError then, or where one came before."""
        try:
            with self.breakable():
                yield
        except BaseException:
            self.raise_stopped()  # whatever the code in the block has made of it
            raise
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
        if self._ends_block and not _fork.is_under_way:  # nobody would catch it there
            raise _Signalled


class Relay(StopRequest):
    """A stop request that is passed on to a child process, as long as there is one.

    The process itself lives on: it has to clean up after the child. A second signal ends the child at once.
    """

    child: Popen[bytes] | None = None

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Take in a signal; only the first one ends a block, so that none disturbs its cleaning up."""
        is_first = self.signal is None
        if is_first:
            self.signal = signal.Signals(number)
        if self.child is not None:
            self.child.send_signal(number)
        elif is_first and self._ends_block:
            raise _Signalled


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let stop signals wait during the block. A process that is started in it begins with them held back."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def listening(request: StopRequest | None = None) -> Iterator[StopRequest]:
    """Take in stop signals during the block, by a request of one's own where one is given.

    Outside the main thread Python takes no handlers: nothing is listened to there.
    """
    request = request if request is not None else StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    previous = {number: signal.signal(number, request.note) for number in _SIGNALS if not _is_ignored(number)}
    _listeners.append((request, previous))
    try:
        yield request
    finally:
        _listeners.pop()
        for number, handler in previous.items():
            signal.signal(number, handler)


_listeners: list[tuple[StopRequest, dict[signal.Signals, Any]]] = []
"""Who listens in this process, the innermost last, and what took the signals before."""


def _in_child() -> None:
    """In a worker that the person's code forks, SIGTERM means that one worker, and ends it.

    Ctrl-C and SIGHUP reach it as well as the run, which has its step to finish: a worker lets the first one pass.
    """
    for request, previous in reversed(_listeners):
        request.forget_block()
        if signal.SIGTERM in previous:
            signal.signal(signal.SIGTERM, previous[signal.SIGTERM])
    _let_through()


def _hold_back() -> None:
    """Let signals wait while a process forks: one that came before the worker is ready would be taken by our handlers,
    and whoever sent it to end the worker would wait for ever."""
    _fork.is_under_way = True
    _fork.before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _fork.before)
    _fork.is_under_way = False


class _Fork(threading.local):
    """A fork that this thread makes, and the signals that were held back before it."""

    is_under_way = False
    before: Collection[int] = ()


_fork = _Fork()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_back, after_in_parent=_let_through, after_in_child=_in_child)


def _is_ignored(number: signal.Signals) -> bool:
    # `nohup logbook run …` ignores SIGHUP on purpose.
    return number != signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN
