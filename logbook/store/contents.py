"""A content as a row of `blob` keeps it: packed where that is shorter, by the hash of what it is unpacked."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator

from logbook.errors import DamagedError

__all__ = ["LONGEST", "PackedBlob", "pack", "pieces", "unpack"]

PackedBlob = tuple[str, str, int, bytes]
"""A row of `blob`: hash, codec, size uncompressed, body."""

LONGEST = 256 * 1024 * 1024
"""Bytes that a packed content may unpack to: damage, or a file from a stranger, must not fill the memory. Longer ones
are kept as they are."""
_PIECE = 1 << 20


def pack(name: str, content: bytes) -> PackedBlob:
    """Return the row of a content; ValueError where its name is not its hash."""
    found = hashlib.sha256(content).hexdigest()
    if found != name:
        raise ValueError(f"a blob is to be stored as {name}, but its content hashes to {found}")
    packed = zlib.compress(content) if len(content) <= LONGEST else content
    if len(packed) < len(content):
        return name, "zlib", len(content), packed
    return name, "raw", len(content), content


def unpack(name: str, codec: str, size: int, body: bytes) -> bytes:
    """Return a content; DamagedError where it isn't as long as it was, or unpacks to more than is safe."""
    if not isinstance(body, bytes) or not isinstance(size, int):
        raise DamagedError(f"the content {name[:12]} is damaged (of another type than was written): see `logbook fsck`")
    if codec != "zlib":
        return body
    most = min(size, LONGEST)
    found = bytearray()
    try:
        for piece in pieces(codec, body):
            found += piece
            if len(found) > most:
                raise DamagedError(
                    f"the content {name[:12]} unpacks to more than {most:,} bytes, and is not read: of a content"
                    f" {size:,} bytes are expected, and at most {LONGEST:,} are unpacked; `logbook fsck` says what"
                    " else is wrong"
                )
    except zlib.error as error:
        raise DamagedError(f"the content {name[:12]} is damaged ({error}); `logbook fsck` says what else is") from error
    return bytes(found)


def pieces(codec: str, body: bytes) -> Iterator[bytes]:
    """Yield a content in pieces, so that one that unpacks to gigabytes is noticed before they are there.

    Raises zlib.error for damage.
    """
    if codec != "zlib":
        yield body
        return
    inflate = zlib.decompressobj()
    rest = body
    while not inflate.eof:
        piece = inflate.decompress(rest, _PIECE)
        rest = inflate.unconsumed_tail
        if not piece and not rest and not inflate.eof:
            raise zlib.error("its end is missing")
        yield piece
    if inflate.unused_data:
        raise zlib.error("something stands behind its end")
