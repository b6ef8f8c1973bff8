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

_REST_OF_A_PICKLE = {"__pydantic_extra__": None, "__pydantic_private__": None}


def summary_from_row(row: tuple[Any, ...]) -> RunSummary:
    """Return a row of `SUMMARY_COLUMNS` as the schema. The status is as stored: `running` may be of a dead run.

    The columns' own checks stand in for validation, and the way of a pickle for `model_construct`, which takes ten
    times as long: building 10,000 of them has to be quick.
    """
    values = dict(zip(_PLAIN, row, strict=False))
    tags, unsaid = row[-2:]
    try:
        if unsaid:
            values.update(dict.fromkeys(unsaid.split(), math.nan))
        values["tags"] = tuple(tags.split())
    except AttributeError as error:
        raise DamagedError(f"the summary of r{row[0]} is damaged; `logbook fsck` says what else is") from error
    summary = RunSummary.__new__(RunSummary)
    summary.__setstate__({**_REST_OF_A_PICKLE, "__dict__": values, "__pydantic_fields_set__": set(values)})
    return summary


def summary_of(raw: sqlite3.Connection, number: int) -> RunSummary:
    """Return the summary of one run as stored; NotFoundError where there is none."""
    row = raw.execute(f"SELECT {SUMMARY_COLUMNS} FROM summary WHERE run_id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"no run r{number} in this logbook; `logbook ls` shows what there is")
    return summary_from_row(row)
