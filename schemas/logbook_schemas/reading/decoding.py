"""From the bytes of a file to its text: UTF-8 and nothing else, of a size that a config can have."""

from __future__ import annotations

import re
from typing import Final

from logbook_schemas.reading.document import Document
from logbook_schemas.reading.problems import Problem, ReadingError

__all__ = ["MAX_BYTES", "decode"]

MAX_BYTES: Final = 1024 * 1024
"""The largest config file, in bytes. Weights and data don't belong in one."""

_BOM: Final = "\ufeff"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def decode(source: str | bytes, *, name: str) -> str:
    """Give the text of a config file, without a byte-order mark.

    Raises ReadingError for more than 1 MiB (before anything is parsed) and for what isn't UTF-8.
    """
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        message = f"the file has {size:,} bytes, more than the {MAX_BYTES:,} that a config may have"
        raise ReadingError([Problem(name, 1, 1, "", message)])
    text = source if isinstance(source, str) else _from_bytes(source, name)
    if bad := _SURROGATE.search(text):
        raise ReadingError([_at(text, bad.start(), name, f"U+{ord(bad[0]):04X} alone isn't a character")])
    return text.removeprefix(_BOM)


def _from_bytes(source: bytes, name: str) -> str:
    if source[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in source[:4]:
        message = "this looks like UTF-16 or UTF-32; save the file as UTF-8"
        raise ReadingError([Problem(name, 1, 1, "", message)])
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} (0x{source[error.start]:02x}) isn't UTF-8; save the file as UTF-8"
        before = source[: error.start].decode("utf-8")
        raise ReadingError([_at(before, len(before), name, message)]) from error


def _at(text: str, offset: int, name: str, message: str) -> Problem:
    # The mark is no part of the first line that an editor shows.
    stripped = text.removeprefix(_BOM)
    offset -= len(text) - len(stripped)
    line, column = Document(None, name, stripped, {}).position_at(offset)
    return Problem(name, line, column, "", message)
