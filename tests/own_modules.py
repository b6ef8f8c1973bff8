"""Modules of a person's own that a test writes and loads: forgotten afterwards, as in a new process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["forgotten", "write"]


@contextmanager
def forgotten(folder: Path) -> Iterator[None]:
    """Run the block; what it loads from below the folder, and what it puts on the path, is gone afterwards."""
    before, path = set(sys.modules), list(sys.path)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    importlib.invalidate_caches()


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file below a folder, with the folders that it needs; returns where it is."""
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place
