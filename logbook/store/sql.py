"""A person's own SQL: one SELECT over the documented views, for a limited time, and nothing that could change anything.

It is prepared first in an empty database that has tables of the views' names and nothing else: what isn't documented
isn't there, however a statement goes about it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from logbook.errors import UsageError
from logbook.store.failures import no_text
from logbook.store.search.language import problem
from logbook.store.search.run import TIME_LIMIT, time_limit
from logbook.store.views import VIEWS, make_views

if TYPE_CHECKING:
    from logbook.store.reader import Reader

__all__ = ["SqlAnswer", "run_sql"]

MOST_ROWS = 1_000_000
LONGEST_VALUE = 10_000_000
"""Bytes: `zeroblob` and `printf` make values as long as anybody writes."""

_READABLE = (*VIEWS, "json_each", "json_tree")

_NO_QUESTION = r"\s*(explain|pragma)\b"

Value = str | int | float | None


class SqlAnswer(NamedTuple):
    """What a SELECT yields; bytes are written as hexadecimal digits."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]


def run_sql(reader: Reader, text: str, *, seconds: float = TIME_LIMIT) -> SqlAnswer:
    """Return what a SELECT over the views yields.

    Raises UsageError for whatever is no SELECT, reads anything else, takes longer than `seconds` or is too large.
    """
    if not re.sub(r"/\*.*?(\*/|$)|--[^\n]*|[\s;]+", "", text, flags=re.DOTALL):
        raise UsageError(f"the statement is empty; write a SELECT over {_listed(VIEWS)}")
    _refuse_anything_else(text)
    with reader.connection() as raw, time_limit(raw, seconds, what="statement", less="a WHERE, a LIMIT, fewer joins"):
        make_views(raw, crashed=reader.crashed())
        before = raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        try:
            cursor = raw.execute(text)
            rows = cursor.fetchmany(MOST_ROWS + 1)
        except (sqlite3.OperationalError, sqlite3.DataError) as error:
            if "interrupted" in str(error) or _code(error) not in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG):
                raise
            raise _told(error, text) from None
        finally:
            raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)
        names = tuple(str(column[0]) for column in cursor.description)
    if len(rows) > MOST_ROWS:
        raise UsageError(f"the statement yields more than {MOST_ROWS:,} rows; ask for fewer with LIMIT")
    return SqlAnswer(names, [tuple(map(_plain, row)) for row in rows])


def _refuse_anything_else(text: str) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        for name, view in VIEWS.items():
            empty.execute(f"CREATE TEMP TABLE {name} ({', '.join(view.columns)})")
        # Tables that are functions come into being when they are first asked for.
        empty.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')")
        empty.set_authorizer(_allowed)
        try:
            empty.execute(f"EXPLAIN {text}")
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _told(error, text) from None
        except UnicodeEncodeError as error:
            raise no_text(error) from None


def _allowed(action: int, table: str | None, column: str | None, database: str | None, _: str | None) -> int:
    if action == sqlite3.SQLITE_READ:
        # A table is said to be read without a column where rows are counted, those of a WITH too.
        is_counted = column == "" and database is None and not str(table).startswith("sqlite_")
        return sqlite3.SQLITE_OK if table in _READABLE or is_counted else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if column in ("load_extension", "fts3_tokenizer") else sqlite3.SQLITE_OK
    reads = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


def _told(error: Exception, text: str) -> UsageError:
    """Return what SQLite says of a statement, with the place where it says one, and what to write instead."""
    said = str(error)
    if "one statement" in said:
        return UsageError("one statement at a time; write a single SELECT")
    if re.search(r"not authorized|prohibited|authorizer|VACUUM|vtable", said) or re.match(_NO_QUESTION, text, re.I):
        return UsageError(f"the logbook is only read, and only through {_listed(VIEWS)}: write a SELECT (docs/sql.md)")
    if "binding" in said:
        return UsageError("a question mark or a :name stands for a value that nobody gives; write the value")
    missing = re.fullmatch(r"no such (table|column): (?:\w+\.)?(.+)", said)
    if missing:
        return _missing(missing[1], missing[2], text, said)
    near = re.fullmatch(r'near "(.+)": syntax error', said, re.DOTALL)
    if near is None:
        return UsageError(f"SQL: {said}")
    begins = re.match(r"\s*(select|with|values)\b", text, re.I)
    return _pointed(text, near[1], f"syntax error at {near[1]!r}", "" if begins else "write a SELECT (docs/sql.md)")


def _missing(what: str, name: str, text: str, said: str) -> UsageError:
    from difflib import get_close_matches

    known = list(VIEWS) if what == "table" else sorted({column for view in VIEWS.values() for column in view.columns})
    near = get_close_matches(name.lower(), known, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else ""
    if what == "table":
        hint = f"{hint} The views are {_listed(VIEWS)} (docs/sql.md)".strip()
    elif not hint:
        there = [view for view in VIEWS if re.search(rf"\b{view}\b", text)]
        hint = "; ".join(f"{view} has {', '.join(VIEWS[view].columns)}" for view in there[:2])
    return _pointed(text, name, said, hint)


def _pointed(text: str, token: str, what: str, hint: str) -> UsageError:
    """Return an error that marks the token, where it stands in the text only once."""
    word = rf"(?<!\w){re.escape(token)}(?!\w)" if re.fullmatch(r"\w+", token) else re.escape(token)
    places = [match.start() for match in re.finditer(word, text)]
    if len(places) == 1:
        return problem(text, places[0], what, hint)
    return UsageError(f"{what}\n{hint}" if hint else what)


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _plain(value: object) -> Value:
    return value.hex() if isinstance(value, bytes) else value  # type: ignore[return-value]


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
