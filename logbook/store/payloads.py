"""What a row's payload holds, as the record that was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from logbook.errors import StoreError

if TYPE_CHECKING:
    from logbook_schemas.records.base import Record
    from logbook_schemas.records.runs import AttemptRecord, Status

__all__ = ["attempt_of", "record_of"]

_One = TypeVar("_One", bound="Record")


def record_of(model: type[_One], text: str, *, without: str = "") -> _One:
    """Return the record that a row's payload holds, one field left out where it is named; StoreError for damage."""
    from logbook_schemas.records.stored import rebuild

    try:
        values = json.loads(text)
        values.pop(without, None)
        return rebuild(model, values)
    except (ValueError, TypeError, AttributeError) as error:
        what = f"a stored {model.__name__} is damaged"
        raise StoreError(f"{what}: {error}; `logbook fsck` says what else is") from error


def attempt_of(begin: str, at: str, end: str | None, ended_at: str | None, *, without_end: Status) -> AttemptRecord:
    from logbook_schemas.records.runs import AttemptRecord

    attempt = record_of(AttemptRecord, begin)
    if end is None:
        return attempt.model_copy(update={"status": without_end})
    ending = record_of(AttemptRecord, end)
    changes = {"ended_at": ended_at, "status": ending.status, "reason": ending.reason, "error": ending.error}
    return attempt.model_copy(update={**changes, "started_at": attempt.started_at or at})
