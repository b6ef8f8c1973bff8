"""Why a search may have found nothing: a value that no run has or can have, a field that was written as a word."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from logbook.store.search.catalog import Catalog
from logbook.store.search.fields import (
    ALIASES,
    ATTRIBUTES,
    WORD_FIELDS,
    Attribute,
    Settings,
    Words,
    find_field,
    in_any_place,
)
from logbook.store.search.language import And, Comparison, Node, Not, Or, Text, parse_query
from logbook.store.search.values import read_number

__all__ = ["unmatched_values"]

_MOST_WORDS = 5_000
"""Names, or sets of tags, among which the nearest is looked for."""


def unmatched_values(connection: sqlite3.Connection, query: str) -> tuple[str, ...]:
    """Return a remark for each term that finds nothing because of how it is written, as far as that can be known.

    It is no error: a run of an older or a newer release may have what this one doesn't know.
    """
    catalog = Catalog(connection)
    found = (_remark(connection, catalog, query, term) for term in _wanted(parse_query(query).root))
    return tuple(dict.fromkeys(remark for remark in found if remark))


def _wanted(node: Node) -> Iterator[Comparison | Text]:
    """Yield the terms that ask for a value or a word; what stands under a not is asked to be missing."""
    match node:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _wanted(term)
        case Comparison() | Text():
            yield node
        case Not():
            return


def _remark(connection: sqlite3.Connection, catalog: Catalog, query: str, term: Comparison | Text) -> str:
    if isinstance(term, Text):
        return _of_word(connection, term.text) if query[term.place] not in "\"'" else ""
    field, value = find_field(term.field, catalog), term.value.text
    match field, term.operator:
        case _, "!=":
            return ""
        case Settings(path_ids, paths), "=":
            is_stored = _is_stored(connection, path_ids, value)
            return "" if is_stored else _of_list(connection, term, path_ids) or _of_setting(term, paths)
        case Settings(_, paths), "~":
            return f"{term.field} is a number, and ~ looks into text; write =, < or >" if _is_number(paths) else ""
        case Settings(path_ids, _), _:
            return _of_list(connection, term, path_ids)
        case Words("rule"), "=":
            asked = "SELECT 1 FROM standing_finding WHERE name = ? OR code = ? LIMIT 1"
            is_known = connection.execute(asked, (value, value.upper())).fetchone() is not None
            return "" if is_known else _of_rule(value)
        case Words("tag"), "=":
            return _of_tag(connection, value)
        case Attribute("s.name"), "=":
            return _of_name(connection, value)
        case _:
            return ""


def _of_word(connection: sqlite3.Connection, word: str) -> str:
    if re.fullmatch(r"r\d+", word):
        return f"{word!r} was looked for in the text; the run itself is id={word}"
    if connection.execute("SELECT 1 FROM summary WHERE words = ? LIMIT 1", (word,)).fetchone() is not None:
        return f"{word!r} was looked for in the text; the run itself is words={word}"
    if word not in {*ATTRIBUTES, *WORD_FIELDS, *ALIASES}:
        return ""
    return f"{word!r} was looked for as a word; the field {word} is asked with an operator: {word}=…"


def _of_name(connection: sqlite3.Connection, value: str) -> str:
    rows = connection.execute("SELECT DISTINCT name FROM summary ORDER BY name LIMIT ?", (_MOST_WORDS,))
    return _of_few("name", value, {str(name) for (name,) in rows})


def _of_tag(connection: sqlite3.Connection, value: str) -> str:
    rows = connection.execute("SELECT DISTINCT tags FROM summary WHERE tags <> '' LIMIT ?", (_MOST_WORDS,))
    return _of_few("tag", value, {tag for (tags,) in rows for tag in str(tags).split()})


def _of_few(what: str, value: str, known: set[str]) -> str:
    from logbook_schemas.reading import nearest

    near = None if value in known else nearest(value, known)
    return f"no run has the {what} {value!r}; did you mean {near!r}?" if near else ""


def _of_list(connection: sqlite3.Connection, term: Comparison, path_ids: tuple[int, ...]) -> str:
    """Say how a list is asked for, where every run has one and the value is none."""
    marks = ", ".join("?" * len(path_ids))
    other = f"SELECT 1 FROM config_leaf WHERE path_id IN ({marks}) AND kind <> 'json' LIMIT 1"
    first = f"SELECT txt FROM config_leaf WHERE path_id IN ({marks}) AND kind = 'json' LIMIT 1"
    found = connection.execute(first, path_ids).fetchone()
    if found is None or term.value.text.startswith("[") or connection.execute(other, path_ids).fetchone() is not None:
        return ""
    return f"{term.field} is a list, such as {found[0]}: compare it whole with =, or look into it with ~"


def _is_number(paths: tuple[str, ...]) -> bool:
    # The config's models, as the checklist below, cost more to import than most searches take.
    from logbook.store.search.promised import config_paths, is_number

    known = {in_any_place(path) for path in paths} & config_paths()
    return bool(known) and all(map(is_number, known))


def _is_stored(connection: sqlite3.Connection, path_ids: tuple[int, ...], value: str) -> bool:
    marks = ", ".join("?" * len(path_ids))
    found = f"SELECT 1 FROM config_leaf WHERE path_id IN ({marks}) AND txt = ? LIMIT 1"
    return connection.execute(found, (*path_ids, value)).fetchone() is not None


def _of_setting(term: Comparison, paths: tuple[str, ...]) -> str:
    from logbook.store.search.promised import choices, config_paths
    from logbook_schemas.reading import nearest

    value = term.value.text
    known = [path for path in paths if in_any_place(path) in config_paths()]
    words = {path: choices(in_any_place(path)) for path in known}
    allowed = sorted({word for some in words.values() for word in some})
    if _is_number(paths) and value != "null" and read_number(term.value) is None:
        return f"{term.field} is a number; {value!r} is {'text, being in quotes' if term.value.quoted else 'none'}"
    if not allowed or value in allowed:
        return ""
    shown = known[0] if len(known) == 1 else term.field
    near = nearest(value, allowed)
    if near:
        return f"no run has {shown} {value!r}; did you mean {near!r}?"
    return f"no run has {shown} {value!r}; it is one of {', '.join(allowed)}" if all(words.values()) else ""


def _of_rule(value: str) -> str:
    from logbook_schemas.checklist.catalogue import find_rule, rule_names
    from logbook_schemas.reading import nearest

    if find_rule(value):
        return ""
    near = nearest(value, rule_names())
    hint = f"did you mean {near!r}?" if near else "'logbook rule' lists them"
    return f"no run has a finding of rule {value!r}; {hint}"
