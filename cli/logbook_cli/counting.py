"""A live line on a terminal while a command goes through every run; where stderr is none, nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from logbook_cli.output import width
from logbook_cli.views.text import cut

__all__ = ["counting"]

_ERASE = "\r\x1b[K"
_SECONDS = 0.1
"""The shortest time between two lines."""


@contextmanager
def counting(doing: str) -> Iterator[Callable[[str, int, int], None]]:
    """Return what shows how far it is, such as `judge: runs 1,200 of 10,000`; the line is gone afterwards.

    It is told what is being done, how many of it are, and of how many: 0 where nobody has counted.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    shown_at = 0.0

    def show(what: str, done: int, of: int) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= _SECONDS:
            shown_at = time.monotonic()
            line = f"{doing}: {what}{f' {done:,} of {of:,}' if of else ''}"
            _write(f"{_ERASE}{cut(line, (width(sys.stderr) or 80) - 1)}")

    try:
        yield show
    finally:
        if shown_at:
            _write(_ERASE)


def _write(text: str) -> None:
    with suppress(OSError, ValueError):  # the terminal is gone; the work is not
        sys.stderr.write(text)
        sys.stderr.flush()
