"""A query answered from a reader: the runs as they are now, a dead process's run as crashed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from logbook.store.search.run import search_runs

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook_schemas.records.runs import RunSummary

__all__ = ["search"]


def search(
    reader: Reader, query: str, *, sort: str | None = None, limit: int | None = None, newest_first: bool = True
) -> list[RunSummary]:
    """Return the runs that a query matches, in the order asked for; UsageError where the query can't be read."""
    # Whoever holds a reader has the schemas loaded; whoever searches a connection can do without.
    from logbook.store.summaries import SUMMARY_COLUMNS

    select = f"SELECT {SUMMARY_COLUMNS} FROM summary WHERE"
    with reader.connection() as raw:
        running = reader.summaries(raw.execute(f"{select} status = 'running'"))
        dead = [one.number for one in running if one.status == "crashed"]
        found = search_runs(raw, query, sort=sort, limit=limit, crashed=frozenset(dead))
        rows = reader.summaries(
            raw.execute(f"{select} run_id IN (SELECT value FROM json_each(?))", (json.dumps(found),))
        )
    by_number = {one.number: one for one in rows}
    ordered = [by_number[number] for number in found]
    return ordered if newest_first or sort else ordered[::-1]
