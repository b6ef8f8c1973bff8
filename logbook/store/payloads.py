"""What a row's payload holds, as the record that was written."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from logbook.errors import DamagedError

if TYPE_CHECKING:
    from logbook_schemas.records.base import Record
    from logbook_schemas.records.runs import AttemptRecord, Status

__all__ = ["attempt_of", "config_of", "frozen_of", "record_of", "refusing_damage", "validated"]

_One = TypeVar("_One", bound="Record")


def record_of(model: type[_One], text: str | None, *, without: str = "") -> _One:
    """Return the record that a row's payload holds, one field left out where it is named; DamagedError for damage."""
    from logbook_schemas.records.stored import rebuild

    with refusing_damage(model.__name__):
        values = json.loads(_there(text))
        values.pop(without, None)
        return rebuild(model, values)


def validated(model: type[_One], text: str | None) -> _One:
    """Return the record that a row's payload holds, each value checked, as who writes rows needs it."""
    with refusing_damage(model.__name__):
        record: _One = _validated(model, _there(text))  # type: ignore[assignment]
        return record


@functools.lru_cache(maxsize=64)
def _validated(model: type[Record], text: str) -> Record:
    """Keep the last few: what is derived of a run asks for the same rows twice, and a record can't be changed."""
    return model.model_validate_json(text)


def frozen_of(config_hash: str, text: str | None) -> bytes:
    """Return the bytes of a config, which hash to its name; DamagedError where they no longer do."""
    with refusing_damage("config"):
        frozen = _there(text).encode()
        if hashlib.sha256(frozen).hexdigest() != config_hash:
            raise ValueError(f"it isn't what {config_hash[:12]} names")
    return frozen


def config_of(text: str | None) -> dict[str, Any]:
    """Return a config as it was frozen; DamagedError where it can't be read."""
    with refusing_damage("config"):
        return dict(_parsed(_there(text)))


@functools.lru_cache(maxsize=4)
def _parsed(text: str) -> Any:
    """Keep the last few, as above; whoever is given one takes a copy, and changes nothing within."""
    return json.loads(text)


@contextmanager
def refusing_damage(what: str) -> Iterator[None]:
    """Turn what a text that isn't what was written leads to into a DamagedError."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        reason = f"a stored {what} is damaged"
        raise DamagedError(f"{reason}: {error}; `logbook fsck` says what else is") from error


def _there(text: str | None) -> str:
    if text is None:
        raise ValueError("it can't be unpacked")
    return text


def attempt_of(begin: str, at: str, end: str | None, ended_at: str | None, *, without_end: Status) -> AttemptRecord:
    from logbook_schemas.records.runs import AttemptRecord

    attempt = record_of(AttemptRecord, begin)
    if end is None:
        return attempt.model_copy(update={"status": without_end})
    ending = record_of(AttemptRecord, end)
    changes = {"ended_at": ended_at, "status": ending.status, "reason": ending.reason, "error": ending.error}
    return attempt.model_copy(update={**changes, "started_at": attempt.started_at or at})
