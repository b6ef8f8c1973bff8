"""A live line on a terminal while a command goes through every run; where stderr is none, nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from logbook_cli.output import width
from logbook_cli.views.text import cut

__all__ = ["counting"]

_ERASE = "\r\x1b[K"
_SECONDS = 0.1
"""The shortest time between two lines."""


@contextmanager
def counting(verb: str) -> Iterator[Callable[[int, int, str], None]]:
    """Return what shows how far it is, such as `judged 1,200 of 10,000 runs`; the line is gone afterwards."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    shown_at = 0.0

    def show(done: int, total: int, what: str) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= _SECONDS:
            shown_at = time.monotonic()
            line = f"{verb} {done:,} of {total:,} {what}"
            sys.stderr.write(f"{_ERASE}{cut(line, (width(sys.stderr) or 80) - 1)}")
            sys.stderr.flush()

    try:
        yield show
    finally:
        if shown_at:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
