"""Contents (sources, diffs, lists of packages) as a blob's row holds them: deflated where that is shorter."""

from __future__ import annotations

import zlib

from logbook.errors import DamagedError

__all__ = ["unpacked_content"]

_LONGEST = 2**30
"""Bytes: SQLite holds no longer row."""


def unpacked_content(codec: str, size: int, body: bytes) -> bytes:
    """Return a content as it was when it was recorded; DamagedError says why it can't be unpacked.

    One that would become longer than the row says is damaged too, and is unpacked no further: what a stranger packed
    must not fill the memory.
    """
    if codec != "zlib":
        return bytes(body)
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(body, min(max(size, 0), _LONGEST) + 1)
        why = "" if inflate.eof else f"it is cut off, or has more than the {size:,} bytes that were written"
    except zlib.error as error:
        why = str(error)
    if why:
        raise DamagedError(why)
    return content
