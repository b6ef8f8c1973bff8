"""The one byte form of a JSON value, and the hash that names it. Both are contract.

The form is RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no blanks,
numbers as ECMAScript writes them, so that `1` and `1.0` are the same. Every config hash ever stored
is the SHA-256 of such bytes; a change here would orphan them all. It is for hashing only: what is
kept for people keeps the order in which they wrote it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["canonical_json", "canonical_value", "content_hash"]

_LARGEST = 2**53 - 1
"""The largest whole number that the form takes as one (RFC 7493, I-JSON)."""


def canonical_json(value: object) -> bytes:
    """Write a JSON value in canonical form (RFC 8785), UTF-8.

    Raises ValueError for what the form can't hold: NaN and infinities, whole numbers outside
    ±(2**53 − 1), keys that aren't text, lone surrogates, and what isn't JSON.
    """
    import rfc8785  # here, because most commands hash nothing

    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # what isn't JSON is refused by it
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"no canonical JSON for this value: {error}") from error
    except RecursionError as error:
        raise ValueError("no canonical JSON for this value: it is nested too deeply") from error


def canonical_value(body: bytes) -> Any:
    """Return the JSON value of canonical bytes; what it holds has these canonical bytes again.

    Floats from 2**53 to 10**21 are written without a point: a whole number outside ±(2**53 − 1) was one of them.
    """
    return json.loads(body, parse_int=_number)


def _number(digits: str) -> int | float:
    value = int(digits)
    return value if -_LARGEST <= value <= _LARGEST else float(digits)


def content_hash(data: bytes) -> str:
    """Name bytes by their content: SHA-256 in hex, all 64 digits."""
    return hashlib.sha256(data).hexdigest()
