"""Bytes and rows that were whole, spoiled by chance: the same for the same seed."""

from __future__ import annotations

import json
import random
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

from logbook.store.packing import TEXT_COLUMN, unpacked

__all__ = ["spoil_rows", "spoiled"]

_PIECES = (
    *(
        b"nan",
        b"inf",
        b"1e999",
        b"9" * 400,
        b"\xff\xfe",
        b"\0",
        b'"',
        b"=cmd",
        b"\xe2\x80\xae",
        b"(" * 50,
        b"1_0",
        b"\x85",
    ),
)
_NUMBERS = (0, 1, -1, 65535, 2**31 - 1, -(2**31))
_VALUES = (None, "", "x" * 3000, "\0", "{", "[]", "-1", -1, 0, 2**63 - 1, 1e308, b"", b"\xff\xfe", "NaN", "r1")
_LEAVES = (
    None,
    "",
    -1,
    2**63,
    1e308,
    float("nan"),
    [],
    {},
    [[]],
    {"a": {"b": 1}},
    "\0\x1b[2J",
    True,
    "../../x",
    "2026-13-45",
)


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """Return bytes with some turned, cut out, put in, or written over by numbers that lie."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        if not changed:
            break
        place = chance.randrange(len(changed))
        match chance.randrange(7):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place] = chance.choice(b'\x00\xff\x7f",\n\r(.')
            case 2:
                del changed[place : place + chance.choice([1, 2, 4, 16, 200])]
            case 3:
                changed[place:place] = chance.randbytes(chance.choice([1, 4, 20]))
            case 4:
                del changed[place:]
            case 5:
                changed[place : place + 4] = struct.pack(chance.choice("<>") + "i", chance.choice(_NUMBERS))
            case 6:
                changed[place:place] = chance.choice(_PIECES)
    return bytes(changed)


def spoil_rows(path: Path, chance: random.Random) -> None:
    """Put something else into a few values of a logbook, beside our triggers and checks, or remove a row."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        tables = raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'"
            " AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%' AND name <> 'alembic_version'"
        ).fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        for _ in range(chance.choice([1, 1, 2, 5])):
            _spoil_one(raw, chance.choice(tables)[0], chance)
        for _, text in triggers:
            raw.execute(text)


def _spoil_one(raw: sqlite3.Connection, table: str, chance: random.Random) -> None:
    rows = [row for (row,) in raw.execute(f"SELECT rowid FROM {table}")]
    if not rows:
        return
    row, columns = chance.choice(rows), [column[1] for column in raw.execute(f"PRAGMA table_info({table})")]
    try:
        if "packed" in columns and chance.random() < 0.7:
            text = TEXT_COLUMN[table]
            held = raw.execute(f"SELECT {text}, packed FROM {table} WHERE rowid = ?", (row,)).fetchone()
            document = json.loads(unpacked(*held) or "")
            _spoil_leaf(document, chance)
            raw.execute(f"UPDATE {table} SET {text} = ?, packed = NULL WHERE rowid = ?", (json.dumps(document), row))
        elif chance.random() < 0.1:
            raw.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        else:
            value = chance.choice(_VALUES)
            raw.execute(f"UPDATE {table} SET {chance.choice(columns)} = ? WHERE rowid = ?", (value, row))
    except (sqlite3.Error, ValueError):
        return  # a key that stands already, or what was spoiled before


def _spoil_leaf(document: Any, chance: random.Random) -> None:
    while isinstance(document, dict | list) and document:
        key = chance.choice(list(document)) if isinstance(document, dict) else chance.randrange(len(document))
        if isinstance(document[key], dict | list) and document[key] and chance.random() < 0.8:
            document = document[key]
            continue
        if chance.random() < 0.2:
            del document[key]
        else:
            document[key] = chance.choice(_LEAVES)
        return
