"""Content that a record names by hash: sha256 of the bytes, so that equal content is kept once."""

from __future__ import annotations

import hashlib
import os
import re

__all__ = ["Blobs", "add_blob", "content_hash", "printable", "unprintable"]

Blobs = dict[str, bytes]


def content_hash(content: bytes) -> str:
    """Name content by its sha256, in hex."""
    return hashlib.sha256(content).hexdigest()


def add_blob(blobs: Blobs, content: bytes) -> str:
    """Put content among the blobs and return its name."""
    name = content_hash(content)
    blobs[name] = content
    return name


def printable(text: str | bytes) -> str:
    """Return text that UTF-8 can hold: names of files and arguments may be any bytes."""
    if isinstance(text, bytes):
        return text.decode("utf-8", "backslashreplace")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def unprintable(text: str) -> str:
    """Return the name of a file that `printable` made of it: bytes that are no UTF-8 stand there as `\\xff`."""
    written = re.sub(rb"\\x([89a-f][0-9a-f])", lambda found: bytes([int(found[1], 16)]), text.encode())
    # Letters that make UTF-8 stood so in the name: bytes of that kind are never written as escapes.
    return os.fsdecode(written) if printable(written) == text else text
