"""What may be written in the journal: notes and reasons that hold something, tags that a query can name."""

from __future__ import annotations

import re

from logbook.errors import UsageError

__all__ = ["author", "said", "valid_tag"]

_TAG = r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,99}"


def said(text: str, what: str) -> str:
    """Return a text as it is kept; raises UsageError for one that is empty or can't be stored."""
    if not text.strip():
        raise UsageError(f"{what} is empty; write what a reader should know")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"{what} holds a character that can't be stored (null, or half of a surrogate pair)")
    return text.strip()


def valid_tag(tag: str) -> str:
    """Return a tag; raises UsageError for one that a query could not name."""
    if not re.fullmatch(_TAG, tag):
        raise UsageError(f"tag {tag!r} can't be used: a letter or digit first, then up to 99 letters, digits or ._:/+-")
    return tag


def author() -> str:
    """Return the name of the user, where the system knows one."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""  # a container may know no name for the user
