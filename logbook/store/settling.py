"""Summaries that are behind their run's rows, and how nobody ever sees one.

A run that goes on has its summary written at most ten times a second (`Writer.append_epoch`), while each epoch is on
disk at once. So the summary of a run that says `running` may lack epochs: a few while it is trained, and for good
after a SIGKILL. `summary.rows` says how far it goes, and only epochs are ever behind it: whoever adds another kind of
row brings the summary up to date first. All of it is derived; nothing can be lost. Two things make up for it:

- `settle` writes what dead runs lack, once, when the logbook is opened. Where that can't be done at once (a folder
  that can only be read, a lock that is held, a full disk, a damaged row) it is left, silently.
- `Overlay` lays the true values over the summaries that are still behind, for the length of one read transaction:
  temporary views of the names `summary`, `live_metric` and `run_metric`, which every statement finds first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import DamagedError, LogbookError
from logbook.store import live, statements
from logbook.store.engine import WriteConnection, connect_for_reading
from logbook.store.location import database_path

if TYPE_CHECKING:
    from logbook.store.chain import Chain
    from logbook.store.curves import Curves

__all__ = ["Overlay", "settle"]

PATIENCE_SECONDS = 0.2
"""How long a settling waits for the write lock: dozens of commits, and hardly anything that a person notices."""

_DAMAGED_ROW = (DamagedError, ValueError, TypeError, AttributeError)
_CANNOT = (LogbookError, OSError, sqlite3.Error, *_DAMAGED_ROW)


def settle(folder: Path, also: Collection[int] = ()) -> None:
    """Write the summaries that are behind, of runs whose process is gone and of `also`; never raises for the place."""
    with suppress(*_CANNOT):
        with closing(connect_for_reading(database_path(folder))) as raw:
            behind = raw.execute(statements.BEHIND).fetchall()
        due = [number for number, uuid in behind if number in also or not live.is_alive(folder, uuid)]
        if due:
            _write(folder, due)


def _write(folder: Path, numbers: list[int]) -> None:
    from logbook.store import derived
    from logbook.store.chain import Chain

    with closing(WriteConnection(folder, patience_seconds=PATIENCE_SECONDS)) as connection:
        for number in numbers:
            with suppress(*_DAMAGED_ROW):
                # Read before the transaction, which must not span computation; the head says whether it still holds.
                chain, curves = _true_state(connection.raw, number)
                with connection.transaction() as raw:
                    if Chain.of(raw, number).hash == chain.hash:
                        derived.save_curves(raw, number, curves)
                        chain.save_head()


class Overlay:
    """What a reader lays over its summaries; keeps the curves it has read until the run has more rows."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Chain, Curves]] = {}
        self._nothing_behind: int | None = None
        """The version of the data at which no summary was behind: nobody has written anything since."""

    def lay(self, raw: sqlite3.Connection) -> None:
        """Hide the summaries that are behind under true ones, until the transaction of `raw` is rolled back.

        A run with a damaged row is left as its summary says: reading it whole, and `logbook fsck`, tell of the damage.
        """
        # What can't be read here can't be read by the statement that follows either, and that one says so.
        with suppress(sqlite3.DatabaseError):
            (version,) = raw.execute(statements.DATA_VERSION).fetchone()
            if version == self._nothing_behind:
                return
            numbers = [int(number) for number, _ in raw.execute(statements.BEHIND)]
            self._nothing_behind = None if numbers else version
            if numbers:
                self._lay(raw, numbers)

    def _lay(self, raw: sqlite3.Connection, numbers: list[int]) -> None:
        true: dict[int, tuple[Chain, Curves]] = {}
        for number in numbers:
            with suppress(LogbookError, *_DAMAGED_ROW):
                true[number] = self._state(raw, number)
        self._known = true
        if true:
            # Only the temporary schema can be written all the same: the file is open with `mode=ro`.
            raw.execute("PRAGMA query_only=OFF")
            try:
                _make_views(raw, true)
            finally:
                raw.execute("PRAGMA query_only=ON")

    def _state(self, raw: sqlite3.Connection, number: int) -> tuple[Chain, Curves]:
        from logbook.store.chain import Chain

        known = self._known.get(number)
        return known if known and known[0].hash == Chain.of(raw, number).hash else _true_state(raw, number)


def _true_state(raw: sqlite3.Connection, number: int) -> tuple[Chain, Curves]:
    """Return the end of a run's chain and its curves, from its rows."""
    from logbook.store.chain import Chain
    from logbook.store.curves import Curves

    return Chain.of(raw, number), Curves.of(raw, number)


def _make_views(raw: sqlite3.Connection, true: dict[int, tuple[Chain, Curves]]) -> None:
    numbers = ", ".join(map(str, true))
    raw.execute(f"CREATE TEMP TABLE true_summary AS SELECT * FROM main.summary WHERE run_id IN ({numbers})")
    raw.execute("CREATE TEMP TABLE true_metric AS SELECT * FROM main.metric_extent LIMIT 0")
    set_values = statements.SET_CURVES_AND_HEAD.replace("UPDATE summary", "UPDATE temp.true_summary")
    add_metric = statements.INSERT["metric_extent"].replace("INTO metric_extent", "INTO temp.true_metric")
    for number, (chain, curves) in true.items():
        values = (*curves.summary_values(), curves.live_text(), chain.seq + 1, chain.hash, number)
        raw.execute(set_values, values)
        raw.executemany(add_metric, curves.metric_rows(number))
    for view, own in (("summary", "true_summary"), ("live_metric", "true_metric"), ("run_metric", "true_metric")):
        raw.execute(
            f"CREATE TEMP VIEW {view} AS SELECT * FROM main.{view} WHERE run_id NOT IN ({numbers})"
            f" UNION ALL SELECT * FROM temp.{own}"
        )
