"""The chain of a run: each row carries a number, one more than the last, and a hash over itself and the row before.

It finds accidents, bit rot and careless edits; it is no defence against somebody who computes the hashes anew.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable
from typing import Any

from pydantic_core import PydanticSerializationError

from logbook.errors import DamagedError, NotFoundError
from logbook.store import statements
from logbook.store.identifiers import utc_now
from logbook.store.inserting import insert
from logbook.store.schema import CHAINED, ROW_FORMAT
from logbook.store.sealing import BEFORE_FIRST, hash_of, heading
from logbook_schemas.records.base import Record

__all__ = ["BEFORE_FIRST", "Chain", "payload_of", "row_hash", "storable"]


def payload_of(record: Record) -> str:
    """Return a record as the compact JSON that a row keeps: no defaults, NaN and infinities by name.

    Keys stand in the order of the fields. The row's hash covers this very text, so that no order has to be made up,
    and pydantic writes it ten times faster than it could be sorted.
    """
    try:
        # What `model_dump_json` calls, without the twelve arguments that it passes on.
        return type(record).__pydantic_serializer__.to_json(record, exclude_defaults=True).decode()
    except PydanticSerializationError:
        # Text that isn't Unicode: half a surrogate pair, as file names of other bytes bring along.
        return _compact(record.model_dump(mode="json", exclude_defaults=True))


def storable(text: str) -> str:
    """Return text that can be written as UTF-8: half a surrogate pair (a file name of other bytes) becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def row_hash(previous: bytes, table: str, values: Iterable[object]) -> bytes:
    """Return the hash of a row behind another; `values` are those of `COLUMNS[table]` but for the hash itself."""
    return hash_of(previous, _HEADING[table], values)


class Chain:
    """The end of a run's chain within one transaction; `add` puts rows behind it."""

    __slots__ = ("_raw", "hash", "run_id", "seq")

    def __init__(self, raw: sqlite3.Connection, run_id: int, *, seq: int, hash_: bytes) -> None:
        self._raw = raw
        self.run_id = run_id
        self.seq = seq
        self.hash = hash_

    @classmethod
    def of(cls, raw: sqlite3.Connection, run_id: int) -> Chain:
        """Find the end of a run's chain; NotFoundError where there is no such run."""
        last: tuple[int, bytes] = max(raw.execute(statements.HEAD, (run_id,)), default=(-1, b""))
        if last[0] < 0:
            raise NotFoundError(f"no run r{run_id} in this logbook; `logbook ls` shows what there is")
        return cls(raw, run_id, seq=last[0], hash_=last[1])

    @classmethod
    def to_add_to(cls, raw: sqlite3.Connection, run_id: int) -> Chain:
        """Find the end of a run's chain to put rows behind it; DamagedError where rows at its end are gone.

        What would be added then would stand in their places, and nobody would ever miss them.
        """
        chain = cls.of(raw, run_id)
        row = raw.execute(statements.COVERED, (run_id,)).fetchone()
        if row is not None and isinstance(row[0], int) and row[0] > chain.seq + 1:
            raise DamagedError(
                f"r{run_id} ends after {chain.seq + 1} rows, but {row[0]} were written: rows are gone, and nothing is"
                " added in their places; `logbook fsck` says what else is wrong, a backup may have them"
            )
        return chain

    def add(self, table: str, **columns: Any) -> None:
        """Insert a row of this run behind the last one; `columns` are the table's own."""
        self.seq += 1
        columns.update(run_id=self.run_id, seq=self.seq, at=utc_now(), row_format=ROW_FORMAT)
        values = [columns[name] for name in statements.COLUMNS[table][:-1]]
        self.hash = row_hash(self.hash, table, values)
        insert(self._raw, table, (*values, self.hash))

    def save_head(self) -> None:
        """Note the end of the chain in the summary, where `verify` looks for rows that went missing."""
        self._raw.execute(statements.SET_HEAD, (self.seq + 1, self.hash, self.run_id))


def _compact(value: object) -> str:
    try:
        text = _dump(value)
    except ValueError:
        text = _dump(_spelled(value))
    return storable(text)


_HEADING = {table: heading(table, statements.COLUMNS[table][:-1]) for table in CHAINED}
_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
"""Made once: `json.dumps` makes an encoder anew for each call."""


def _spelled(value: object) -> object:
    """Replace each float that JSON has no number for by its name."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _spelled(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(child) for child in value]
    return value
