"""A larger logbook made of a smaller one by SQL: `python -m benchmarks.grow FROM TO 10`.

Recording 100,000 runs takes hours, and no question that is measured reads a chain. Each copy has configs, numbers and
metrics of its own, a little apart from the first one's; its chains are made up, and `logbook fsck` would say so.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from logbook.store.migrations.triggers import set_triggers, trigger_names
from logbook.store.packing import register, stored, unpacked_column
from logbook.store.recipes import PLACE
from logbook.store.schema import INSERT_ONLY
from logbook_schemas.config.places import SAME_REGION

__all__ = ["grow"]

_OFFSETS = {
    "config": ("id",),
    "config_leaf": ("config_id",),
    "version": ("id", "number", "config_id", "parent_id"),
    "run": ("id", "config_id", "version_id"),
    "attempt": ("id", "run_id"),
    "attempt_end": ("id", "run_id"),
    "record": ("id", "run_id"),
    "epoch": ("id", "run_id"),
    "finding": ("id", "run_id"),
    "journal": ("id", "run_id"),
    "ledger": ("id", "run_id"),
    "summary": ("run_id", "version"),
    "metric_extent": ("run_id",),
    "recipe_place": ("version_id",),
}
_HASHES = {"recipe_hash": ("version", "summary")}
_BODY = f"again({unpacked_column('config')}, {{copy}})"
_NUMBERS = {"metric_extent": ("first", "last", "best"), "summary": ("best_value", "best_val_loss")}

_MARKS = "-ghijklmnopqrstuvwxyz"
"""No digit of a hash: the copies' hashes are nobody else's."""


def grow(source: Path, target: Path, times: int) -> None:
    """Write a logbook that has `times` as many runs as another."""
    target.mkdir(parents=True)
    shutil.copyfile(source / "logbook.db", target / "logbook.db")
    with closing(sqlite3.connect(target / "logbook.db", isolation_level=None)) as raw:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "foreign_keys=OFF", "cache_size=-400000"):
            raw.execute(f"PRAGMA {pragma}")
        register(raw)
        for name, function, count in (
            ("moved", _moved, 2),
            ("again", _again, 2),
            ("named", _named, 1),
            ("small", _small, 1),
        ):
            raw.create_function(name, count, function, deterministic=True)
        raw.execute("BEGIN")
        for table in INSERT_ONLY:
            for name in trigger_names(table):
                raw.execute(f"DROP TRIGGER {name}")
        steps = {
            table: max(int(raw.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]), 1)
            for table in _OFFSETS
            if _OFFSETS[table][0] == "id" and table != "epoch"
        }
        for copy in range(1, times):
            for table in _OFFSETS:
                _copy(raw, table, copy, steps)
            text = ", ".join(_columns(raw, "search_text"))
            raw.execute(
                f"INSERT INTO search_text (rowid, {text}) SELECT rowid + ?, {text} FROM search_text WHERE rowid <= ?",
                (copy * steps["run"], steps["run"]),
            )
        set_triggers(raw)
        raw.execute("COMMIT")
        raw.execute("PRAGMA journal_mode=WAL")


def _copy(raw: sqlite3.Connection, table: str, copy: int, steps: dict[str, int]) -> None:
    columns = _columns(raw, table)
    owner = {
        **dict.fromkeys(("metric_extent", "summary", "epoch"), "run"),
        "config_leaf": "config",
        "recipe_place": "version",
    }
    key = f"{owner[table]}_id" if table in owner else "id"
    step = steps[owner.get(table, table)]
    values = [_value(table, column, copy, steps) for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    raw.execute(f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} WHERE {key} <= ?", (step,))


def _value(table: str, column: str, copy: int, steps: dict[str, int]) -> str:
    if table == "epoch" and column == "id":
        return f"id + ({copy * steps['run']} << 32)"
    if table == "config" and column in ("hash", "body", "packed"):
        body = _BODY.format(copy=copy)
        return {"hash": f"named({body})", "body": "''", "packed": f"small({body})"}[column]
    if column == "config_hash":
        run = f"run_id + {copy * steps['run']}"
        return f"(SELECT c.hash FROM run q JOIN config c ON c.id = q.config_id WHERE q.id = {run})"
    if column in _OFFSETS[table]:
        to = {"id": table, "parent_id": "version", "number": "version", "version": "version"}
        return f"{column} + {copy * steps[to.get(column, column.removesuffix('_id'))]}"
    if table in _HASHES.get(column, ()):
        return f"'{_MARKS[copy]}' || substr({column}, 2)"
    if column == "uuid":
        return f"'{_MARKS[copy]}' || substr(uuid, 2)"
    if column == "places":
        return f"moved(places, {1 + copy / 1000})"
    if column == "words":
        return f"words || '-{copy}'"
    if table == "config_leaf" and column == "num":
        return f"CASE WHEN num BETWEEN 1e-9 AND 0.2 THEN num * {1 + copy / 1000} ELSE num END"
    return f'"{column}" * {1 + copy / 1000}' if column in _NUMBERS.get(table, ()) else f'"{column}"'


def _moved(places: bytes, factor: float) -> bytes:
    """Return where a recipe lies once its numbers are larger by a factor; a category stays."""
    shift = math.log10(factor)
    known = PLACE.iter_unpack(places)
    return b"".join(PLACE.pack(one, place + shift if place <= SAME_REGION else place) for one, place in known)


def _again(body: str, copy: int) -> str:
    """Return the same config as another text: blanks at the end are no part of it."""
    return body + " " * copy


def _named(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _small(body: str) -> bytes | None:
    return stored("config", body)[1]


def _columns(raw: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in raw.execute(f"PRAGMA table_info({table})")]


if __name__ == "__main__":
    grow(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
