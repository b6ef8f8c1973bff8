"""Removes the content of blobs, and nothing else: a tombstone stays, which keeps the hash that the record names.

Rows can't be redacted: a run's chain covers them. So what is looked for is told apart: contents, which can be removed,
and texts of rows, which can't.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from logbook.errors import DamagedError
from logbook.store import statements
from logbook.store.chain import storable
from logbook.store.contents import unpacked_content
from logbook.store.engine import ReadConnection, WriteConnection
from logbook.store.failures import translated
from logbook.store.identifiers import utc_now
from logbook.store.inserting import insert
from logbook.store.naming import document_of, named_by_record, named_by_start
from logbook.store.packing import unpacked_column
from logbook.store.schema import ROW_FORMAT

__all__ = ["Holder", "Place", "compact", "contents_of_runs", "find_contents", "find_texts", "redact"]


class Place(NamedTuple):
    """Where something stands: the number of a run, 0 where it belongs to none, and which part of its record it is."""

    run: int
    what: str


class Holder(NamedTuple):
    """A content with what was looked for: how often, and the first of it."""

    hash: str
    size: int
    matches: int
    first: str


_TEXTS = (
    ("run", f"SELECT id, '', {unpacked_column('run')} FROM run"),
    ("config", f"SELECT run.id, '', {unpacked_column('config')} FROM run JOIN config ON config.id = run.config_id"),
    ("attempt", "SELECT run_id, number, payload FROM attempt"),
    ("end of attempt", "SELECT run_id, number, payload FROM attempt_end"),
    ("record", f"SELECT run_id, moment, {unpacked_column('record')} FROM record"),
    ("epoch", f"SELECT run_id, epoch, {unpacked_column('epoch')} FROM epoch"),
    ("finding", f"SELECT run_id, code, {unpacked_column('finding')} FROM finding"),
    ("judgement", "SELECT run_id, number, payload FROM judgement"),
    ("journal", "SELECT run_id, kind, json_array(text, reason, author) FROM journal"),
    ("saved search", "SELECT 0, name, json_array(query, author) FROM saved_search"),
)
"""Every text of a row that a person's words, files or programs end up in, as JSON."""


def find_contents(
    folder: Path,
    pattern: re.Pattern[bytes] | None,
    *,
    among: Collection[str] | None,
    tell: Callable[[str, int, int], None],
) -> list[Holder]:
    """Return the contents, of all or of those `among`, that hold what a pattern matches; without one, all of them.

    Those that can't be unpacked, and those that were redacted already, are passed over.
    """
    found = []
    with _reading(folder) as raw:
        (count,) = raw.execute("SELECT count(*) FROM blob").fetchone()
        for place, (name, codec, size, body) in enumerate(raw.execute("SELECT hash, codec, size, body FROM blob")):
            tell("contents", place, count)
            if (among is not None and name not in among) or not body:
                continue
            if pattern is None:
                found.append(Holder(name, size, 0, ""))
                continue
            try:
                content = unpacked_content(codec, size, body)
            except DamagedError:
                continue
            matches = [match[0] for match in pattern.finditer(content) if match[0]]
            if matches:
                found.append(Holder(name, size, len(matches), matches[0].decode("utf-8", "replace")))
    return found


def find_texts(folder: Path, pattern: re.Pattern[str], *, among: Collection[int] | None) -> list[Place]:
    """Return the rows whose texts hold what a pattern matches, of all runs or of those `among`."""
    found: dict[Place, None] = {}
    with _reading(folder) as raw:
        for table, query in _TEXTS:
            for run, which, text in raw.execute(query):
                if among is not None and run not in among:
                    continue
                try:
                    document = json.loads(text)
                except (TypeError, ValueError):
                    continue  # damaged: `fsck` says so
                for path, leaf in _strings(document, ""):
                    if pattern.search(leaf):
                        found[Place(run, _told(table, which, path))] = None
    return list(found)


def contents_of_runs(folder: Path) -> dict[str, list[Place]]:
    """Return, by hash, which runs name a content and as what; a redacted one is there as any other."""
    places: dict[str, list[Place]] = defaultdict(list)
    with _reading(folder) as raw:
        for run, text in raw.execute(f"SELECT id, {unpacked_column('run')} FROM run"):
            for what, name in named_by_start(document_of(text)):
                places[name].append(Place(run, what))
        for run, text in raw.execute(f"SELECT run_id, {unpacked_column('record')} FROM record ORDER BY run_id, seq"):
            for what, name in named_by_record(document_of(text)):
                place = Place(run, what)
                if place not in places[name]:
                    places[name].append(place)
    return dict(places)


def redact(folder: Path, hashes: Sequence[str], *, author: str, reason: str = "") -> int:
    """Put tombstones in place of contents, in one transaction; returns how many bytes they had.

    One that is a tombstone already is passed over. Raises StoreError where the file can't be written.
    """
    freed = 0
    with closing(WriteConnection(folder)) as connection, connection.transaction() as raw:
        # What is freed is written over with zeros.
        raw.execute("PRAGMA secure_delete=ON")
        for name in hashes:
            row = raw.execute(statements.UNREDACTED, (name,)).fetchone()
            if row is None:
                continue
            insert(raw, "redaction", (utc_now(), name, row[0], storable(reason), storable(author), ROW_FORMAT))
            raw.execute(statements.SET_TOMBSTONE, (name,))
            freed += row[0]
    return freed


def compact(folder: Path) -> bool:
    """Write the file anew, so that no old page of it holds what was removed; see `WriteConnection.compact`."""
    with closing(WriteConnection(folder)) as connection:
        return connection.compact()


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection to read from, everything of one moment."""
    connection = ReadConnection(folder)
    try:
        with translated(connection.path):
            connection.raw.execute("BEGIN")
            yield connection.raw
    finally:
        connection.close()


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield each text within a document, and each key, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield path, key
            yield from _strings(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child, path)


def _told(table: str, which: object, path: str) -> str:
    return " ".join(str(part) for part in (table, which, path) if part != "")
