"""Rows of `summary` as the schema that leaves the store."""

from __future__ import annotations

import math
import sqlite3
from typing import Any

from logbook.errors import DamagedError, NotFoundError
from logbook_schemas.records.summary import RunSummary

__all__ = ["SUMMARY_COLUMNS", "summary_from_row", "summary_of"]

_PLAIN = (
    *("number", "uuid", "words", "name", "version", "config_hash", "recipe_hash", "kind", "seed", "status"),
    *("started_at", "seconds", "epochs", "monitor_metric", "monitor_mode", "best_epoch", "best_value"),
    *("last_train_loss", "last_val_loss", "best_val_loss", "hypothesis", "outcome", "outcome_reason"),
    *("outcome_by", "first_finding", "findings"),
)
SUMMARY_COLUMNS = f"summary.run_id, {', '.join(f'summary.{name}' for name in (*_PLAIN[1:], 'tags', 'nan_fields'))}"
"""What `summary_from_row` reads, in its order; for the SELECT of whoever reads summaries."""

_FIELDS = {*_PLAIN, "tags"}
_set = object.__setattr__


def summary_from_row(row: tuple[Any, ...]) -> RunSummary:
    """Return a row of `SUMMARY_COLUMNS` as the schema. The status is as stored: `running` may be of a dead run.

    The columns' own checks stand in for validation. The four parts of a pydantic model are set by themselves, as
    reading a pickle does: `model_construct` takes fifteen times as long, and lists have thousands of runs.
    """
    values = dict(zip(_PLAIN, row, strict=False))
    tags, unsaid = row[-2:]
    try:
        if unsaid:
            values.update(dict.fromkeys(unsaid.split(), math.nan))
        values["tags"] = tuple(tags.split()) if tags else ()
    except AttributeError as error:
        raise DamagedError(f"the summary of r{row[0]} is damaged; `logbook fsck` says what else is") from error
    summary = RunSummary.__new__(RunSummary)
    _set(summary, "__dict__", values)
    _set(summary, "__pydantic_fields_set__", _FIELDS)
    _set(summary, "__pydantic_extra__", None)
    _set(summary, "__pydantic_private__", None)
    return summary


def summary_of(raw: sqlite3.Connection, number: int) -> RunSummary:
    """Return the summary of one run as stored; NotFoundError where there is none."""
    row = raw.execute(f"SELECT {SUMMARY_COLUMNS} FROM summary WHERE run_id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"no run r{number} in this logbook; `logbook ls` shows what there is")
    return summary_from_row(row)
