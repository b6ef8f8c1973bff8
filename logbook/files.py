"""Files that a person asked for: what keeps one from being written is told as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logbook.errors import UsageError

__all__ = ["writing"]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Run the block that writes a file, or files below a folder; UsageError names the one that can't be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{error.filename or path} can't be written: {error.strerror or error}") from error
