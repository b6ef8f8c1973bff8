"""Which runs had a config that names code of a module: what a person's own code is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook.store import queries

if TYPE_CHECKING:
    from logbook.store.reader import Reader

__all__ = ["runs_of_module"]


def runs_of_module(reader: Reader, module: str) -> list[tuple[int, str]]:
    """Return the number of each run whose config has a target `module:callable`, with that target, newest first."""
    with reader.connection() as raw:
        return [(int(number), str(target)) for number, target in raw.execute(queries.RUNS_OF_MODULE, (module,))]
