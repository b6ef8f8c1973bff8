"""The nearest right spelling of a word, for every message that says "did you mean"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest"]

_LIKENESS = 0.6
_SHORTEST_BEGINNING = 3
_OTHER_NAMES = {"kaiming": "he", "glorot": "xavier", "swish": "silu", "mae": "l1"}
"""What the field also calls a kind: letters alone don't show that these mean the same."""

_SEPARATORS = re.compile(r"[-_\s]+")


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Find the candidate that `word` most likely means, or None when none is near.

    Upper and lower case, `_`, `-` and blanks make no difference. Three letters or more that only one
    candidate begins with mean that one. Another name of the field for a candidate (kaiming for he) means it too.
    """
    by_plain: dict[str, str] = {}
    for candidate in candidates:
        by_plain.setdefault(_plain(candidate), candidate)
    plain = _plain(word)
    other = _OTHER_NAMES.get(plain)
    if other is not None and plain not in by_plain and _plain(other) in by_plain:
        return by_plain[_plain(other)]
    close = get_close_matches(plain, by_plain, n=1, cutoff=_LIKENESS)
    if not close and len(plain) >= _SHORTEST_BEGINNING:
        begun = [candidate for candidate in by_plain if candidate.startswith(plain)]
        close = begun if len(begun) == 1 else []
    return by_plain[close[0]] if close else None


def _plain(word: str) -> str:
    return _SEPARATORS.sub("", word).casefold()
