"""Which of the runs whose text matches are most relevant, and the words there that match; both need FTS5."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator

from logbook.store.search.catalog import Catalog
from logbook.store.search.conditions import quoted
from logbook.store.search.language import And, Comparison, Node, Not, Or, Text

__all__ = ["MOST_RANKED", "RANKED", "matching_words", "phrase_of"]

MOST_RANKED = 2_000
"""A word that stands in more runs than these says little of any of them, and ranking them all would take longer the
more there are. So the newest are ranked; the others follow them, newest first."""

# Okapi BM25 (Robertson and Zaragoza, 2009), as FTS5 computes it; negative, so that the most relevant come first. What
# a person wrote of a run (its name, hypothesis, journal) weighs more than what the program did.
RANKED = (
    "SELECT id FROM (SELECT rowid AS id, bm25(search_text, 4.0, 4.0, 4.0, 2.0, 2.0, 1.0) AS score FROM search_text"
    " WHERE search_text MATCH ? ORDER BY rowid DESC LIMIT ?) ORDER BY score, id DESC"
)
_WRITTEN = "{{name hypothesis journal findings errors}} : ({})"
"""What a person reads first. The strings of the config hold name and hypothesis as well, among much else."""

_SNIPPET = (
    "SELECT rowid, snippet(search_text, -1, '[', ']', '…', 10) FROM search_text"
    " WHERE search_text MATCH ? AND rowid IN (SELECT value FROM json_each(?))"
)


def phrase_of(node: Node) -> str | None:
    """Return a tree of words and phrases as one expression of FTS5; None where it asks for anything else.

    Nor can FTS5 say what lacks a word without saying what has another.
    """
    match node:
        case Text(text):
            return quoted(text)
        case Or(terms):
            parts = [phrase_of(term) for term in terms]
            return None if None in parts else f"({' OR '.join(part for part in parts if part)})"
        case And(terms):
            wanted = [phrase_of(term) for term in terms if not isinstance(term, Not)]
            unwanted = [phrase_of(term.term) for term in terms if isinstance(term, Not)]
            if not wanted or None in wanted or None in unwanted:
                return None
            joined = f"({' AND '.join(part for part in wanted if part)})"
            return f"({joined}{''.join(f' NOT {part}' for part in unwanted)})"
        case Comparison() | Not():
            return None


def matching_words(connection: sqlite3.Connection, root: Node, numbers: Collection[int]) -> dict[int, str]:
    """Return for each run the place in its text where the words of a query stand, those in brackets."""
    phrases = list(dict.fromkeys(_wanted(root)))
    if not phrases or not numbers or Catalog(connection).text_index != "fts5":
        return {}
    wanted, found = " OR ".join(phrases), dict[int, str]()
    for match in (wanted, _WRITTEN.format(wanted)):
        rows = connection.execute(_SNIPPET, (match, json.dumps(list(numbers))))
        found.update((int(number), " ".join(str(text).split())) for number, text in rows)
    return found


def _wanted(node: Node) -> Iterator[str]:
    match node:
        case Text(text):
            yield quoted(text)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _wanted(term)
        case Comparison() | Not():
            return
