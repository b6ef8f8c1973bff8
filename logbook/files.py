"""Files that a person names: what keeps one from being written is told, and none is read without an end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logbook.errors import UsageError

__all__ = ["read_at_most", "writing"]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Run the block that writes a file, or files below a folder; UsageError names the one that can't be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{error.filename or path} can't be written: {error.strerror or error}") from error


def read_at_most(path: Path, limit: int) -> bytes:
    """Return what a file holds, `limit` bytes and one more at most; raises OSError where it can't be read.

    A pipe that nobody writes to is empty, and not waited for; a device that never ends is read to the limit.
    """
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(file, "rb") as stream:  # noqa: PTH123  # a descriptor, and no path
        os.set_blocking(file, True)  # what is written to a pipe may come later than the reader
        return stream.read(limit + 1)
