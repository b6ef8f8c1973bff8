"""Holds what is derived against the rows that it follows from: it is made again, in memory, and compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import chain, zip_longest

from logbook.errors import DamagedError
from logbook.store import derived, statements
from logbook.store.recipes import PLACE
from logbook_schemas.config.identity import recipe
from logbook_schemas.config.places import places

__all__ = ["check_derived"]

_BY_RELEASE = ("first_finding",)
"""What of a summary the release decides that wrote it: which of a run's findings is its most probable cause."""

_BEHIND = (*statements.CURVE_COLUMNS, "rows", "head")
"""What of a summary may be behind the rows of a run that has no end (see `settling`)."""

_TABLES = (("summary", "run_id"), ("metric_extent", "run_id"), ("search_text", "rowid"))


def check_derived(raw: sqlite3.Connection, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Make what is derived of each run again, and say where it isn't what the file has."""
    numbers = [number for (number,) in raw.execute(statements.RUN_IDS)]
    behind = {number for number, _ in raw.execute(statements.BEHIND)}
    columns = {table: _columns(raw, table) for table, _ in _TABLES}
    # Only the temporary schema can be written all the same: the file is open with `mode=ro`.
    raw.execute("PRAGMA query_only=OFF")
    try:
        # Tables of these names in the temporary schema are found first by every statement that derives.
        for table, _ in _TABLES:
            raw.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} LIMIT 0")
        for place, number in enumerate(numbers):
            say("summaries", place, len(numbers))
            yield from _check_run(raw, number, columns, number in behind)
        say("words", 0, 0)
        yield from _check_words(raw, columns["search_text"])
    finally:
        for table, _ in _TABLES:
            raw.execute(f"DROP TABLE IF EXISTS temp.{table}")
        raw.execute("PRAGMA query_only=ON")
    known = {*numbers}
    for table, key in _TABLES:
        for (number,) in raw.execute(f"SELECT DISTINCT {key} FROM {table}"):
            if number not in known:
                yield f"{table}: has r{number}, which isn't there; {_MENDED}"
    yield from _check_recipes(raw)


def _check_run(
    raw: sqlite3.Connection, number: int, columns: dict[str, tuple[str, ...]], is_behind: bool
) -> Iterator[str]:
    derived.rebuild_run(raw, number)
    for table, key in _TABLES:
        if is_behind and table == "metric_extent":
            continue  # empty until the run ends
        names = columns[table]
        left_out = (*_BY_RELEASE, *(_BEHIND if is_behind else ()))
        compared = ", ".join(name for name in names if name not in left_out)
        query = f"SELECT {compared} FROM {{}}.{table} WHERE {key} = ? ORDER BY 1, 2"
        if _read(raw, query.format("main"), number) != _read(raw, query.format("temp"), number):
            yield f"r{number}: what {table} has isn't what follows from its rows; {_MENDED}"
        raw.execute(f"DELETE FROM temp.{table}")
    (cause,) = raw.execute("SELECT first_finding FROM main.summary WHERE run_id = ?", (number,)).fetchone() or ("",)
    found = raw.execute("SELECT code || ' ' || name FROM standing_finding WHERE run_id = ?", (number,))
    if cause and cause not in {name for (name,) in found}:
        yield f"r{number}: its summary names {cause!r} as its cause, which wasn't found; {_MENDED}"


def _check_words(raw: sqlite3.Connection, columns: tuple[str, ...]) -> Iterator[str]:
    """Compare which word stands where, as the full-text search finds it, with the texts."""
    (definition,) = raw.execute(statements.SEARCH_TEXT).fetchone()
    if "fts5" not in definition:
        return  # an SQLite without it: the texts themselves are searched
    names = ", ".join(columns)
    raw.execute(definition.replace("search_text", "temp.text_again", 1))
    try:
        raw.execute(f"INSERT INTO temp.text_again (rowid, {names}) SELECT rowid, {names} FROM main.search_text")
        for schema, table in (("main", "search_text"), ("temp", "text_again")):
            raw.execute(f"CREATE VIRTUAL TABLE temp.words_{schema} USING fts5vocab('{schema}', '{table}', 'instance')")
        words = (raw.execute(f"SELECT * FROM temp.words_{schema}") for schema in ("main", "temp"))
        sizes = (
            raw.execute(f"SELECT id, sz FROM {table}_docsize ORDER BY id")
            for table in ("main.search_text", "temp.text_again")
        )
        pairs = chain(zip_longest(*words), zip_longest(*sizes))
        if any(one != other for one, other in pairs):
            yield f"search_text: its index isn't that of its texts; {_MENDED}"
    except sqlite3.DatabaseError as error:
        yield f"search_text: its index can't be read ({error}); {_MENDED}"
    finally:
        for table in ("words_main", "words_temp", "text_again"):
            raw.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _read(raw: sqlite3.Connection, query: str, number: int) -> list[str]:
    """Return rows so that what differs in kind differs: 1 and 1.0, not a number and nothing."""
    return [repr(row) for row in raw.execute(query, (number,))]


def _columns(raw: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(row[1] for row in raw.execute(f"PRAGMA main.table_info({table})"))


def _check_recipes(raw: sqlite3.Connection) -> Iterator[str]:
    """Compare where each recipe lies with what its config says; the numbers of settings are free."""
    settings = {number: name for name, number in raw.execute(statements.ALL_SETTINGS)}
    lying = dict(raw.execute(statements.ALL_PLACES))
    for version, body in raw.execute(statements.VERSION_BODIES).fetchall():
        packed = lying.pop(version, None)
        try:
            expected = dict(places(recipe(body.encode())))
        except (ValueError, TypeError, KeyError, AttributeError, DamagedError):
            continue  # of a later release: nothing was derived of it
        try:
            found = {settings[number]: place for number, place in PLACE.iter_unpack(packed or b"")}
        except (KeyError, ValueError, TypeError):
            found = {}
        if repr(sorted(found.items())) != repr(sorted(expected.items())):
            yield f"recipe_place {version}: isn't where the config lies; {_MENDED}"
    for version in lying:
        yield f"recipe_place {version}: there is no such version; {_MENDED}"


_MENDED = "`logbook fsck --rebuild` makes it anew"
