"""Looks at every row of the record: is it there, is it what was written, and does it stand where it was written."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator

from logbook.errors import DamagedError
from logbook.store import statements
from logbook.store.beginning import leaf_columns
from logbook.store.chain import row_hash
from logbook.store.contents import unpacked_content
from logbook.store.packing import readable, unpacked_column
from logbook.store.schema import CHAINED, SEALED
from logbook.store.sealing import BEFORE_FIRST, seal_of
from logbook_schemas.config.identity import flatten

__all__ = ["AT_BACKUP", "check_blobs", "check_chains", "check_configs", "check_seals"]

AT_BACKUP = "backup"
"""The reason of a row of the ledger that a backup wrote; the others have the status that an attempt ended with."""

_Row = tuple[int, str, tuple[object, ...], bytes]
"""A row of a chain: `seq`, table, what its hash covers, the hash."""


def check_seals(raw: sqlite3.Connection, _: Callable[[str, int, int], None]) -> Iterator[str]:
    """Hold the rows that stand in no chain against their seals, and look for those that are gone."""
    for table in SEALED:
        names, expected = statements.COLUMNS[table], 1
        for key, seal, *values in raw.execute(f"SELECT id, seal, {readable(table, names)} FROM {table} ORDER BY id"):
            where = f"{table} row {key}"
            if key != expected:
                yield f"{where}: expected row {expected}; {_count(key - expected)} missing or added before it"
            if seal_of(table, names, values) != seal:
                yield f"{where}: its content isn't what was written"
            expected = key + 1


def check_configs(raw: sqlite3.Connection, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Hold each config against its hash, and its leaves against it."""
    (count,) = raw.execute("SELECT count(*) FROM config").fetchone()
    leaves = (
        "SELECT path, config_leaf.kind, num, txt FROM config_leaf JOIN config_path ON config_path.id = path_id"
        " WHERE config_id = ?"
    )
    for place, (key, name, body) in enumerate(
        raw.execute(f"SELECT id, hash, {unpacked_column('config')} FROM config ORDER BY id").fetchall()
    ):
        say("configs", place, count)
        found = "nothing: it can't be unpacked" if body is None else hashlib.sha256(body.encode()).hexdigest()
        if found != name:
            yield f"config {name}: its content hashes to {found}"
            continue
        there = sorted(raw.execute(leaves, (key,)), key=repr)
        if there != sorted(((path, *leaf_columns(leaf)) for path, leaf in flatten(json.loads(body))), key=repr):
            yield f"config {name}: its settings, as they are searched, are not those of the config"


def check_blobs(raw: sqlite3.Connection, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Hold each content against its hash; one that was redacted is its tombstone, and no other is."""
    redacted = dict(raw.execute("SELECT blob_hash, size FROM redaction"))
    (count,) = raw.execute("SELECT count(*) FROM blob").fetchone()
    for place, (name, codec, size, body) in enumerate(raw.execute("SELECT hash, codec, size, body FROM blob")):
        say("contents", place, count)
        if name in redacted:
            if (codec, size, body) != ("raw", redacted.pop(name), b""):
                yield f"content {name}: was redacted, but its tombstone isn't what was written"
            continue
        try:
            content = unpacked_content(codec, size, body)
        except DamagedError as error:
            yield f"content {name}: can't be unpacked ({error})"
            continue
        found = hashlib.sha256(content).hexdigest()
        if found != name or len(content) != size:
            yield f"content {name}: {len(content)} bytes that hash to {found}; expected {size} bytes"
    for name in redacted:
        yield f"content {name}: was redacted, and its tombstone is missing"


def check_chains(raw: sqlite3.Connection, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Follow the rows of each run, from the first to where summary and ledger say that they end."""
    numbers = {run_id for (run_id,) in raw.execute(statements.RUN_IDS)}
    last = _last_given(raw)
    if numbers and max(numbers) > last:
        yield f"run: {max(numbers)} runs are there, but only {last} numbers were given"
    # A run whose own row is gone still shows by what refers to it.
    for table in (*CHAINED[1:], "summary", "ledger"):
        numbers.update(run_id for (run_id,) in raw.execute(f"SELECT DISTINCT run_id FROM {table}"))
    numbers.update(range(1, min(last, max(numbers, default=0) + 1_000) + 1))
    for place, run_id in enumerate(sorted(numbers)):
        say("runs", place, len(numbers))
        rows = _rows(raw, run_id)
        yield from _check_chain(raw, run_id, rows)
        yield from _check_ledger(raw, run_id, rows)


def _last_given(raw: sqlite3.Connection) -> int:
    row = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'run'").fetchone()
    return int(row[0]) if row else 0


def _check_chain(raw: sqlite3.Connection, run_id: int, rows: list[_Row]) -> Iterator[str]:
    """Follow one run from its first row to where the summary says that it ends.

    The summary of a run that has no end may lack its newest epochs (see `settling`): there it says what comes before.
    """
    summary = raw.execute("SELECT rows, head, status FROM summary WHERE run_id = ?", (run_id,)).fetchone()
    previous, expected = BEFORE_FIRST, 0
    covered, beyond = previous, 0
    for seq, table, values, stored in rows:
        where = f"r{run_id}, row {seq} ({table})"
        if seq != expected:
            yield f"{where}: expected row {expected}; {_count(seq - expected)} missing or added before it"
        elif row_hash(previous, table, values) != stored:
            yield f"{where}: its content isn't what was written, or isn't where it was written"
        previous, expected = stored, seq + 1
        if summary is not None and seq < summary[0]:
            covered = stored
        else:
            beyond += table != "epoch" or summary is None or summary[2] != "running"
    if expected == 0:
        yield f"r{run_id}: the run is missing"
    elif summary is None:
        yield f"r{run_id}: has no summary; `logbook fsck --rebuild` makes it"
    elif expected >= summary[0] and not beyond:
        if covered != summary[1]:
            yield f"r{run_id}: row {summary[0] - 1} isn't the one that was written there"
    else:
        yield f"r{run_id}: ends after {_count(expected)}, but {_count(summary[0])} were written"


def _rows(raw: sqlite3.Connection, run_id: int) -> list[_Row]:
    """Return the rows of a run in their order."""
    found = []
    for table in CHAINED:
        names = statements.COLUMNS[table]
        key = "id" if table == "run" else "run_id"
        place = names.index("seq")
        for row in raw.execute(f"SELECT {readable(table, names)} FROM {table} WHERE {key} = ?", (run_id,)):
            found.append((row[place], table, row[:-1], row[-1]))
    return sorted(found, key=lambda row: row[:2])


def _check_ledger(raw: sqlite3.Connection, run_id: int, rows: list[_Row]) -> Iterator[str]:
    """Compare what the ledger noted of a run with the rows that are there now."""
    hashes = {seq: stored for seq, _, _, stored in rows}
    noted: dict[bool, int] = defaultdict(int)
    for count, head, reason in raw.execute("SELECT rows, head, reason FROM ledger WHERE run_id = ?", (run_id,)):
        noted[reason != AT_BACKUP] += 1
        if hashes.get(count - 1) != head:
            yield f"r{run_id}: the ledger has {_count(count)} with another end than the rows there now"
    ends = sum(table == "attempt_end" for _, table, _, _ in rows)
    if ends != noted[True]:
        yield f"r{run_id}: {ends} attempts ended, but the ledger has {noted[True]}"


def _count(rows: int) -> str:
    return f"{abs(rows)} row{'s' if abs(rows) != 1 else ''}"
