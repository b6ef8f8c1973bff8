"""The formats of the config language: what an older release froze is read as today's format.

A new format comes with one pure function from the JSON of the format before. Frozen bytes stay as they were written,
for ever; only what is made of them is of today. A stored example of every format is test data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["FORMAT", "MIGRATIONS", "Migration", "upgraded"]

FORMAT = 1
"""The format that this release writes."""

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""From the JSON of one format to that of the next; it leaves what it is given as it was."""

MIGRATIONS: Mapping[int, Migration] = {}
"""By the format that each one reads: 1 will hold the way from 1 to 2."""


def upgraded(
    config: dict[str, Any], *, migrations: Mapping[int, Migration] = MIGRATIONS, to: int = FORMAT
) -> dict[str, Any]:
    """Return the JSON of a config in today's format; ValueError for a format that this release doesn't know."""
    found = config.get("format", 1)
    if not isinstance(found, int) or not 1 <= found <= to:
        raise ValueError(f"this config has format {found}; this release of logbook reads formats 1 to {to}")
    for step in range(found, to):
        config = {**migrations[step](config), "format": step + 1}
    return config
