"""Appending an epoch of 20 values, durable, against one raw SQLite commit with the same durability.

Twice, since the summary of a run that goes on is written at most ten times a second, in the transaction of an epoch:

- in a burst, where epochs follow each other at once. Nearly none of the pairs writes the summary: its cost is
  amortised over all epochs of a tenth of a second, and the median doesn't see it;
- with the summary in every transaction, as for a run whose epochs are a tenth of a second apart or more.

The epoch's own row is chained, inserted and on disk before `append_epoch` returns in both. What is ours beside the
commit is processor time, so that the ratio falls with a slower disk: compare ratios of one machine only.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

from benchmarks.fill import begin_one
from benchmarks.measure import Ratio, ratio_of, timed

__all__ = ["measure_append"]

_PAIRS = 200


def measure_append() -> list[Ratio]:
    """Return the ratios of `Writer.append_epoch` to an INSERT and COMMIT of the same JSON on a held connection."""
    what = "append an epoch of 20 values"
    return [
        _measure(f"{what} / raw commit", summary_seconds=None),
        _measure(f"{what} and the run's summary / raw commit", summary_seconds=0.0),
    ]


def _measure(what: str, *, summary_seconds: float | None) -> Ratio:
    from logbook.store import open_writer
    from logbook.store import writer as module
    from logbook_schemas.records.measures import EpochRecord

    metrics = {f"metric_{place}": 0.1 * place for place in range(16)}
    pairs = []
    usual = module.SUMMARY_SECONDS
    module.SUMMARY_SECONDS = usual if summary_seconds is None else summary_seconds
    with tempfile.TemporaryDirectory() as name:
        raw = _raw_connection(Path(name) / "raw.db")
        with open_writer(Path(name) / ".logbook") as writer:
            run = begin_one(writer)
            for epoch in range(1, _PAIRS + 6):
                record = EpochRecord(
                    epoch=epoch, train_loss=1.0 / epoch, val_loss=1.1 / epoch, lr=0.1, seconds=1.0, metrics=metrics
                )
                body = json.dumps(record.model_dump(mode="json", exclude_defaults=True))
                ours = timed(lambda record=record: writer.append_epoch(run.number, 1, record, None))  # type: ignore[misc]
                theirs = timed(lambda body=body: _insert(raw, body))  # type: ignore[misc]
                pairs.append((ours, theirs))
    module.SUMMARY_SECONDS = usual
    return ratio_of(what, pairs[5:], goal=1.5)


def _raw_connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE epoch (id INTEGER PRIMARY KEY, body TEXT)")
    return connection


def _insert(connection: sqlite3.Connection, body: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO epoch (body) VALUES (?)", (body,))
    connection.execute("COMMIT")
