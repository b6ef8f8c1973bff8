"""The search itself: a query in, run numbers out, within a time that a person waits for."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from logbook.errors import UsageError
from logbook.store.search.catalog import Catalog
from logbook.store.search.compile import Compiled, compile_query
from logbook.store.search.language import parse_query
from logbook.store.search.relevance import MOST_RANKED

__all__ = ["search_runs", "time_limit"]

TIME_LIMIT = 5.0
"""Seconds. A query is bounded in length, but text is looked through row by row where there is no index."""

_STEPS_BETWEEN_LOOKS = 1_000
"""Instructions of SQLite's machine between two looks at the clock: about 0.1 ms, more where texts are long."""


def search_runs(
    connection: sqlite3.Connection,
    query: str,
    *,
    sort: str | None = None,
    limit: int | None = None,
    now: datetime | None = None,
    crashed: Callable[[], Collection[int]] = tuple,
    seconds: float = TIME_LIMIT,
) -> list[int]:
    """Return the numbers of the runs that match, sorted by a field (`-field`: largest first).

    Without `sort` the most relevant come first where only text is asked for, else the newest.

    `crashed` returns the runs stored as running whose process is gone: they match `status=crashed`. `now` is what
    ages are counted from, by default the clock. Raises UsageError for a query that can't be meant and for one
    that takes longer than `seconds`; the connection's progress handler is taken for the time of the search.
    """
    if limit is not None and limit < 0:
        raise UsageError(f"the limit must be 0 or more, got {limit}")
    parsed = parse_query(query)
    with time_limit(connection, seconds):
        compiled = compile_query(
            parsed, Catalog(connection), now=now or datetime.now(UTC), crashed=crashed, sort=sort, limit=limit
        )
        sql, parameters = compiled.sql, compiled.parameters
        if compiled.ranked:
            return _ranked(connection, compiled, limit)
        if compiled.walk and compiled.among:
            first = _numbers(connection, *compiled.walk)
            if len(first) == limit:
                sql, parameters = compiled.among[0], (json.dumps(first), *compiled.among[1])
        return _numbers(connection, sql, parameters)


def _ranked(connection: sqlite3.Connection, compiled: Compiled, limit: int | None) -> list[int]:
    """Return the runs in the order of their relevance; behind as many as are ranked the others, newest first."""
    first = _numbers(connection, *(compiled.ranked or ("", ())))
    if len(first) < MOST_RANKED or (limit is not None and limit <= len(first)):
        return first[:limit]
    known = set(first)
    others = [number for number in _numbers(connection, compiled.sql, compiled.parameters) if number not in known]
    return [*first, *others][:limit]


def _numbers(connection: sqlite3.Connection, sql: str, parameters: tuple[object, ...]) -> list[int]:
    return [int(row[0]) for row in connection.execute(sql, parameters)]


@contextmanager
def time_limit(
    connection: sqlite3.Connection, seconds: float, *, what: str = "search", less: str = "a name, a date, fewer ~"
) -> Iterator[None]:
    """Stop what the connection does in the block after some seconds: UsageError, which says how to ask for `less`."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        message = f"the {what} took longer than {seconds:g} s and was stopped; ask for less: {less}"
        raise UsageError(message) from None
    finally:
        connection.set_progress_handler(None, 0)
