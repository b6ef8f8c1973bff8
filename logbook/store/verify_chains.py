"""Follows the rows of each run: is each there, is it what was written, and does the chain end where it ended.

The tables are read side by side, each once and in the order of the runs.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from logbook.store import statements
from logbook.store.chain import row_hash
from logbook.store.packing import readable
from logbook.store.schema import CHAINED
from logbook.store.sealing import BEFORE_FIRST
from logbook.store.verify_rows import counted, last_given

__all__ = ["AT_BACKUP", "check_chains"]

AT_BACKUP = "backup"
"""The reason of a row of the ledger that a backup wrote; the others have the status that an attempt ended with."""

_BY_NUMBER = tuple(table for table in CHAINED if table not in ("run", "epoch"))
"""Tables whose rows are numbered as they come; the number of an epoch is made of its run and its place."""


class _Row(NamedTuple):
    seq: int
    table: str
    values: tuple[object, ...]
    hash: bytes

    def value(self, column: str) -> object:
        return self.values[statements.COLUMNS[self.table].index(column)]


_Summary = tuple[int, bytes, str]
"""Of a run's summary: how many rows it covers, the hash of the last of them, the status."""


def check_chains(raw: sqlite3.Connection, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Follow the rows of each run, from the first to where summary and ledger say that they end."""
    yield from _check_numbers(raw)
    numbers = {run_id for (run_id,) in raw.execute(statements.RUN_IDS)}
    last = last_given(raw, "run")
    if numbers and max(numbers) > last:
        yield f"run: {max(numbers)} runs are there, but only {last} numbers were given"
    # A run whose own row is gone still shows by what refers to it.
    for table in (*CHAINED[1:], "summary", "ledger"):
        numbers.update(run_id for (run_id,) in raw.execute(f"SELECT DISTINCT run_id FROM {table}"))
    numbers.update(range(1, min(last, max(numbers, default=0) + 1_000) + 1))
    streams = [_Stream(raw, table) for table in CHAINED]
    own_loops = {run for (run,) in raw.execute(_OWN_LOOPS)}
    summaries: dict[int, _Summary] = {row[0]: row[1:] for row in raw.execute(_SUMMARIES)}
    ledger: dict[int, list[tuple[int, bytes, str]]] = defaultdict(list)
    for run, *rest in raw.execute("SELECT run_id, rows, head, reason FROM ledger ORDER BY run_id, id"):
        ledger[run].append((rest[0], rest[1], rest[2]))
    for place, run_id in enumerate(sorted(numbers)):
        say("runs", place, len(numbers))
        rows = sorted((row for stream in streams for row in stream.of(run_id)), key=itemgetter(0, 1))
        yield from _check_chain(run_id, rows, summaries.get(run_id))
        yield from _check_ledger(run_id, rows, ledger[run_id])
        if run_id not in own_loops:
            yield from _check_attempts(run_id, rows)


def _check_numbers(raw: sqlite3.Connection) -> Iterator[str]:
    """Look whether the rows of each table still have the numbers that they were given as they came."""
    for table in _BY_NUMBER:
        rows, first, last = raw.execute(f"SELECT count(*), min(id), max(id) FROM {table}").fetchone()
        if rows and (first, last) != (1, rows):
            yield f"{table}: {counted(rows)} are there, with numbers from {first} to {last}"


class _Stream:
    """The rows of one table, run by run; runs are asked for in the order of their numbers."""

    def __init__(self, raw: sqlite3.Connection, table: str) -> None:
        names = statements.COLUMNS[table]
        self._table, self._place = table, names.index("seq")
        # The order is that of a key, so that nothing need be sorted.
        key, order = {"run": ("id", "id"), "epoch": ("id >> 32", "id")}.get(table, ("run_id", "run_id, seq"))
        rows = raw.execute(f"SELECT {key}, {readable(table, names)} FROM {table} ORDER BY {order}")
        self._runs = groupby(rows, key=itemgetter(0))
        self._next = next(self._runs, None)

    def of(self, run_id: int) -> list[_Row]:
        """Return the rows of a run."""
        while self._next is not None and self._next[0] < run_id:
            self._next = next(self._runs, None)
        if self._next is None or self._next[0] != run_id:
            return []
        place, table = self._place + 1, self._table
        found = [_Row(row[place], table, row[1:-1], row[-1]) for row in self._next[1]]
        self._next = next(self._runs, None)
        return found


def _check_chain(run_id: int, rows: list[_Row], summary: _Summary | None) -> Iterator[str]:
    """Follow one run from its first row to where the summary says that it ends.

    The summary of a run that has no end may lack its newest epochs (see `settling`): there it says what comes before.
    """
    previous, expected = BEFORE_FIRST, 0
    covered, beyond = previous, 0
    count, head, status = summary if summary is not None else (0, b"", "")
    for seq, table, values, stored in rows:
        where = f"r{run_id}, row {seq} ({table})"
        if seq != expected:
            yield f"{where}: expected row {expected}; {counted(seq - expected)} missing or added before it"
        elif row_hash(previous, table, values) != stored:
            yield f"{where}: its content isn't what was written, or isn't where it was written"
        previous, expected = stored, seq + 1
        if summary is not None and seq < count:
            covered = stored
        else:
            beyond += table != "epoch" or summary is None or status != "running"
    if expected == 0:
        yield f"r{run_id}: the run is missing"
    elif summary is None:
        yield f"r{run_id}: has no summary; `logbook fsck --rebuild` makes it"
    elif expected >= count and not beyond:
        if covered != head:
            yield f"r{run_id}: row {count - 1} isn't the one that was written there"
    else:
        yield f"r{run_id}: ends after {counted(expected)}, but {counted(count)} were written"


def _check_ledger(run_id: int, rows: list[_Row], noted: list[tuple[int, bytes, str]]) -> Iterator[str]:
    """Compare what the ledger noted of a run with the rows that are there now."""
    hashes = {row.seq: row.hash for row in rows}
    for count, head, _ in noted:
        if hashes.get(count - 1) != head:
            yield f"r{run_id}: the ledger has {counted(count)} with another end than the rows there now"
    ends = sum(row.table == "attempt_end" for row in rows)
    told = sum(reason != AT_BACKUP for _, _, reason in noted)
    if ends != told:
        yield f"r{run_id}: {ends} attempts ended, but the ledger has {told}"


def _check_attempts(run_id: int, rows: list[_Row]) -> Iterator[str]:
    """Look whether the epochs are there that each attempt went on behind.

    A killed run may have lost its newest rows behind our back before anybody looked, and its summary with them: that
    the run went on behind them shows it.
    """
    there: set[object] = set()
    for row in rows:
        if row.table == "epoch" and row.value("phase") == "train":
            there.add(row.value("epoch"))
        elif row.table == "attempt":
            back_to = int(json.loads(str(row.value("payload"))).get("resumed_from", 0))
            missing = [epoch for epoch in range(1, back_to + 1) if epoch not in there]
            if missing:
                yield f"r{run_id}, attempt {row.value('number')}: goes on behind epoch {back_to}, but epoch" + (
                    f" {missing[0]} is missing" if missing[1:] == [] else f"s {missing[0]} to {missing[-1]} are missing"
                )
            there = {epoch for epoch in there if isinstance(epoch, int) and epoch <= back_to}


_SUMMARIES = "SELECT run_id, rows, head, status FROM summary"
_OWN_LOOPS = "SELECT run.id FROM run JOIN config ON config.id = run.config_id WHERE config.kind = 'own'"
"""Runs of people's own loops, which tell what they like, and whose epochs may have gaps."""
