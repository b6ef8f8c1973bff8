"""Holds what is derived against the rows that it follows from: it is made again, in memory, and compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

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

_TOGETHER = 500
"""Runs that are compared at once: a query a run would take as long as deriving it."""

_TABLES = (("summary", "run_id"), ("metric_extent", "run_id"), ("search_text", "rowid"))


def check_derived(raw: sqlite3.Connection, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Make what is derived of each run again, and say where it isn't what the file has."""
    numbers = [number for (number,) in raw.execute(statements.RUN_IDS)]
    behind = {number for number, _ in raw.execute(statements.BEHIND)}
    # Only the temporary schema can be written all the same: the file is open with `mode=ro`.
    raw.execute("PRAGMA query_only=OFF")
    try:
        # Tables of these names in the temporary schema are found first by every statement that derives.
        for table, key in _TABLES:
            raw.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} LIMIT 0")
            if key != "rowid":
                raw.execute(f"CREATE INDEX temp.again_{table} ON {table} ({key})")
        for start in range(0, len(numbers), _TOGETHER):
            for place, number in enumerate(numbers[start : start + _TOGETHER], start):
                say("summaries", place, len(numbers))
                derived.rebuild_run(raw, number)
            yield from _compare(raw, numbers[start : start + _TOGETHER], behind)
        say("words", 0, 0)
        yield from _check_words(raw)
    finally:
        for table, _ in _TABLES:
            raw.execute(f"DROP TABLE IF EXISTS temp.{table}")
        raw.execute("PRAGMA query_only=ON")
    known = {*numbers}
    for table, key in _TABLES:
        for (number,) in raw.execute(f"SELECT DISTINCT {key} FROM {table}"):
            if number not in known:
                yield f"{table}: has r{number}, which isn't there; {_MENDED}"
    yield from _check_causes(raw)
    yield from _check_recipes(raw)


def _compare(raw: sqlite3.Connection, numbers: list[int], behind: set[int]) -> Iterator[str]:
    """Compare what was made again of some runs with what the file has of them; then it is forgotten."""
    for table, key in _TABLES:
        names = [name for name in _columns(raw, table) if name not in _BY_RELEASE]
        there, again = (_by_run(raw, f"{schema}.{table}", key, names, numbers) for schema in ("main", "temp"))
        for number in numbers:
            if number in behind and table == "metric_extent":
                continue  # empty until the run ends
            found, expected = there.get(number, []), again.get(number, [])
            if found != expected and (number not in behind or _less(found, names) != _less(expected, names)):
                yield f"r{number}: what {table} has isn't what follows from its rows; {_MENDED}"
        raw.execute(f"DELETE FROM temp.{table}")


def _by_run(
    raw: sqlite3.Connection, table: str, key: str, names: list[str], numbers: list[int]
) -> dict[int, list[tuple[object, ...]]]:
    found: dict[int, list[tuple[object, ...]]] = {}
    query = f"SELECT {key}, {', '.join(names)} FROM {table} WHERE {key} BETWEEN ? AND ? ORDER BY 1, 2, 3"
    for number, *values in raw.execute(query, (numbers[0], numbers[-1])):
        found.setdefault(number, []).append(tuple(values))
    return found


def _less(rows: list[tuple[object, ...]], names: list[str]) -> list[tuple[object, ...]]:
    """Return rows less what may be behind."""
    kept = [place for place, name in enumerate(names) if name not in _BEHIND]
    return [tuple(row[place] for place in kept) for row in rows]


def _check_causes(raw: sqlite3.Connection) -> Iterator[str]:
    """Look whether what a summary names as the cause is among the findings of its run."""
    unknown = raw.execute(
        "SELECT run_id, first_finding FROM summary WHERE first_finding <> '' AND first_finding NOT IN"
        " (SELECT code || ' ' || name FROM standing_finding AS f WHERE f.run_id = summary.run_id)"
    )
    for number, cause in unknown:
        yield f"r{number}: its summary names {cause!r} as its cause, which wasn't found; {_MENDED}"


def _check_words(raw: sqlite3.Connection) -> Iterator[str]:
    """Hold the index of the full-text search against its texts: SQLite does so of a copy, in memory."""
    (definition,) = raw.execute(statements.SEARCH_TEXT).fetchone()
    if "fts5" not in definition:
        return  # an SQLite without it: the texts themselves are searched
    try:
        raw.execute(definition.replace("search_text", "temp.text_again", 1))
        for part in ("data", "idx", "docsize", "content", "config"):
            raw.execute(f"DELETE FROM temp.text_again_{part}")
            raw.execute(f"INSERT INTO temp.text_again_{part} SELECT * FROM main.search_text_{part}")
        raw.execute("INSERT INTO temp.text_again (text_again) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        yield f"search_text: its index isn't that of its texts ({error}); {_MENDED}"
    finally:
        raw.execute("DROP TABLE IF EXISTS temp.text_again")


def _columns(raw: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(row[1] for row in raw.execute(f"PRAGMA main.table_info({table})"))


def _check_recipes(raw: sqlite3.Connection) -> Iterator[str]:
    """Compare where each recipe lies with what its config says; the numbers of settings are free."""
    settings = {number: name for name, number in raw.execute(statements.ALL_SETTINGS)}
    lying = dict(raw.execute(statements.ALL_PLACES))
    unused = {*settings.values()}
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
        unused.difference_update(found)
        if repr(sorted(found.items())) != repr(sorted(expected.items())):
            yield f"recipe_place {version}: isn't where the config lies; {_MENDED}"
    for version in lying:
        yield f"recipe_place {version}: there is no such version; {_MENDED}"
    for name in sorted(unused, key=repr):
        yield f"recipe_setting {name!r}: is in no recipe; {_MENDED}"


_MENDED = "`logbook fsck --rebuild` makes it anew"
