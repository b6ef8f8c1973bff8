"""Why a search may have found nothing: a value that no run has, where it can only be one of a few words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from logbook.store.search.catalog import Catalog
from logbook.store.search.fields import Settings, Words, find_field, in_any_place
from logbook.store.search.language import And, Comparison, Node, Not, Or, Text, parse_query

__all__ = ["unmatched_values"]


def unmatched_values(connection: sqlite3.Connection, query: str) -> tuple[str, ...]:
    """Return a remark for each `field=value` that names no kind, choice or rule there is, and that no run has.

    It is no error: a run of an older or a newer release may have what this one doesn't know.
    """
    catalog = Catalog(connection)
    found = (_remark(connection, catalog, term) for term in _wanted(parse_query(query).root))
    return tuple(dict.fromkeys(remark for remark in found if remark))


def _wanted(node: Node) -> Iterator[Comparison]:
    """Yield the terms that ask for a value; what stands under a not is asked to be missing."""
    match node:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _wanted(term)
        case Comparison(_, "="):
            yield node
        case Comparison() | Text() | Not():
            return


def _remark(connection: sqlite3.Connection, catalog: Catalog, term: Comparison) -> str:
    field, value = find_field(term.field, catalog), term.value.text
    match field:
        case Settings(path_ids, paths):
            return "" if _is_stored(connection, path_ids, value) else _of_setting(term.field, paths, value)
        case Words("rule"):
            asked = "SELECT 1 FROM standing_finding WHERE name = ? OR code = ? LIMIT 1"
            is_known = connection.execute(asked, (value, value.upper())).fetchone() is not None
            return "" if is_known else _of_rule(value)
        case _:
            return ""


def _is_stored(connection: sqlite3.Connection, path_ids: tuple[int, ...], value: str) -> bool:
    marks = ", ".join("?" * len(path_ids))
    found = f"SELECT 1 FROM config_leaf WHERE path_id IN ({marks}) AND txt = ? LIMIT 1"
    return connection.execute(found, (*path_ids, value)).fetchone() is not None


def _of_setting(field: str, paths: tuple[str, ...], value: str) -> str:
    # The config's models, as the checklist below, cost more to import than most searches take.
    from logbook.store.search.promised import choices, config_paths
    from logbook_schemas.reading import nearest

    known = [path for path in paths if in_any_place(path) in config_paths()]
    words = {path: choices(in_any_place(path)) for path in known}
    allowed = sorted({word for some in words.values() for word in some})
    if not allowed or value in allowed:
        return ""
    shown = known[0] if len(known) == 1 else field
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
