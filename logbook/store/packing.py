"""Texts of the record, packed: a hundred configs of one model differ in a few numbers, twenty epochs in all of theirs.

A text is deflated with a preset of what such texts hold anyway (names of fields, defaults, sentences), so that what
remains is what is this row's own. The column beside it then is empty. The hash of a row covers the text, packed or
not: a bit that flips is found either way, and older rows stay as they are.

The presets are part of the file format. None is ever changed, since what was packed with it could not be read again:
a better one gets a new number and file, and `PRESET_OF` names it for what is packed from then on.
"""

from __future__ import annotations

import functools
import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path

__all__ = [
    "PRESETS",
    "PRESET_OF",
    "TEXT_COLUMN",
    "packed",
    "readable",
    "register",
    "stored",
    "unpacked",
    "unpacked_column",
]

PRESETS = Path(__file__).parent / "presets"
PRESET_OF = {"config": 1, "run": 2, "record": 3, "epoch": 4, "finding": 5}
"""The tables whose texts are packed, and the number of the preset that is used today."""

TEXT_COLUMN = {table: "body" if table == "config" else "payload" for table in PRESET_OF}

_SHORTEST = 64
"""Bytes under which a text is kept as it is: little would be won."""
_LONGEST = 256 * 1024 * 1024
"""Bytes that a packed text may unpack to: damage, or a file from a stranger, must not fill the memory. Longer ones are
kept as they are."""
_WINDOW = -15
"""No header and no checksum: rows have hashes of their own."""
_LEVEL = 4
"""zlib's: half the time of 6 for the same bytes (measured on epochs of 4 and of 20 numbers)."""
_MEMORY = 6
"""zlib's `memLevel`: its 9 clears 256 KiB for each text, which takes ten times as long as packing one (measured)."""


def stored(table: str, text: str) -> tuple[str, bytes | None]:
    """Return what the text's column and the packed one beside it hold: the text and None, or `""` and bytes."""
    small = packed(PRESET_OF[table], text)
    return (text, None) if small is None else ("", small)


def packed(preset: int, text: str) -> bytes | None:
    """Return a text deflated, behind the number of its preset; None where that is no shorter, or couldn't be read."""
    content = text.encode()
    if not _SHORTEST <= len(content) <= _LONGEST:
        return None
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _preset(preset))
    small = bytes((preset,)) + deflate.compress(content) + deflate.flush()
    return small if len(small) < len(content) else None


@functools.lru_cache(maxsize=8)
def unpacked(text: str | None, small: bytes | None) -> str | None:
    """Return the text that `stored` put into two columns; None where the bytes are damaged.

    The last few are kept: one statement asks for several fields of a row.
    """
    if small is None:
        return text
    try:
        inflate = zlib.decompressobj(_WINDOW, _preset(small[0]))
        content = inflate.decompress(small[1:], _LONGEST)
        return content.decode() if inflate.eof and not inflate.unused_data else None
    except (zlib.error, OSError, IndexError, TypeError, UnicodeDecodeError):
        return None


def unpacked_column(table: str, alias: str = "") -> str:
    """Return the expression that reads a table's text in SQL, on connections that `register` has seen."""
    prefix = f"{alias or table}."
    return f"unpacked({prefix}{TEXT_COLUMN[table]}, {prefix}packed)"


def readable(table: str, names: Sequence[str]) -> str:
    """Return columns of a table as a SELECT reads them, its text unpacked."""
    return ", ".join(unpacked_column(table) if name == TEXT_COLUMN.get(table) else name for name in names)


def register(raw: sqlite3.Connection) -> None:
    """Let statements on a connection call `unpacked`."""
    raw.create_function("unpacked", 2, unpacked, deterministic=True)


@functools.cache
def _preset(number: int) -> bytes:
    """Return a preset; OSError where there is none of that number: the row is of a later release, or damaged."""
    for path in PRESETS.glob(f"{number}-*.txt"):
        return path.read_bytes()
    raise FileNotFoundError(f"no preset {number}")
