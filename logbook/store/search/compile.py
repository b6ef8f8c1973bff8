"""A query's tree as one SELECT and its parameters.

Every condition is true or false, never NULL: a run without the field fails the comparison, and NOT turns that
into a match (docs/search.md has the truth table). SQL is put together from the constant texts of this package
alone; what a person wrote travels as a parameter.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from logbook.store.search import conditions
from logbook.store.search.catalog import Catalog
from logbook.store.search.conditions import Condition
from logbook.store.search.fields import (
    ATTRIBUTES,
    Attribute,
    Field,
    Metric,
    Settings,
    Words,
    find_field,
    in_any_place,
    suggestions,
)
from logbook.store.search.language import And, Comparison, Node, Not, Or, Query, Text, Value, problem
from logbook.store.search.values import read_number

__all__ = ["compile_query"]

_STATUS = (
    "CASE WHEN s.status = 'running' AND s.run_id IN (SELECT value FROM json_each(?)) THEN 'crashed' ELSE s.status END"
)
_LEAF = "(SELECT {} FROM config_leaf l WHERE l.config_id = r.config_id AND l.path_id = ?)"
_LEAF_NUMBER = _LEAF.format("CASE l.kind WHEN 'number' THEN l.num END")
_LEAF_TEXT = _LEAF.format(
    "CASE l.kind WHEN 'number' THEN NULL WHEN 'text' THEN l.txt WHEN 'json' THEN l.txt ELSE l.kind END"
)

_SELECT = "SELECT r.id FROM run r JOIN summary s ON s.run_id = r.id WHERE "


def compile_query(
    query: Query,
    catalog: Catalog,
    *,
    now: datetime,
    crashed: Collection[int] = (),
    sort: str | None = None,
    limit: int | None = None,
) -> tuple[str, tuple[object, ...]]:
    """Return `(sql, parameters)` whose rows are run numbers, newest first unless `sort` says otherwise.

    `crashed` are the runs stored as running whose process is gone. `sort` is a field, smallest first, or with a
    minus sign largest first; runs without it come last. Raises UsageError for an unknown field, a value that
    the field can't have, and an operator that it doesn't take.
    """
    compiler = _Compiler(query, catalog, now, crashed)
    where, parameters = compiler.condition(query.root)
    order, more = compiler.order(sort)
    sql = f"{_SELECT}{where} ORDER BY {order}"
    return (sql, parameters + more) if limit is None else (f"{sql} LIMIT ?", (*parameters, *more, limit))


class _Compiler:
    def __init__(self, query: Query, catalog: Catalog, now: datetime, crashed: Collection[int]) -> None:
        self._query = query
        self._catalog = catalog
        self._now = (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(UTC)
        self._crashed = json.dumps(sorted(crashed))

    def condition(self, node: Node) -> Condition:
        match node:
            case And(terms):
                return conditions.joined(" AND ", [self.condition(term) for term in terms])
            case Or(terms):
                return conditions.joined(" OR ", [self.condition(term) for term in terms])
            case Not(term):
                sql, parameters = self.condition(term)
                return f"NOT {sql}", parameters
            case Text(text, place):
                return self._text(text, place)
            case Comparison():
                return self._comparison(node)

    def order(self, sort: str | None) -> Condition:
        if sort is None:
            return "r.id DESC", ()
        name, direction = (sort[1:], "DESC") if sort.startswith("-") else (sort, "ASC")
        field = self._field(name, sort, len(sort) - len(name))
        keys, parameters = self._sort_keys(field)
        if not keys:
            raise problem(sort, len(sort) - len(name), f"a run may have several of {name!r}, which gives no order")
        # NULL first or last is settled by name: databases differ.
        order = ", ".join(f"{key} {direction} NULLS LAST" for key in keys)
        return f"{order}, r.id DESC", parameters * len(keys)

    def _sort_keys(self, field: Field) -> tuple[list[str], tuple[object, ...]]:
        match field:
            case Attribute(sql, "age"):
                return [f"-julianday({sql})"], ()
            case Attribute():
                sql, parameters = self._expression(field)
                return [sql], parameters
            case Metric(name, moment):
                return [f"(SELECT m.{moment} FROM run_metric m WHERE m.run_id = r.id AND m.name = ?)"], (name,)
            case Settings((path_id,), _):
                return [_LEAF_NUMBER, _LEAF_TEXT], (path_id,)
            case Settings((), _):
                return ["NULL"], ()
            case _:
                return [], ()

    def _field(self, name: str, text: str, place: int) -> Field:
        field = find_field(name, self._catalog)
        if field is None:
            raise problem(text, place, f"unknown field {name!r}", self._advice(name))
        return field

    def _advice(self, name: str) -> str:
        if name[:1] in "-!" and find_field(name[1:], self._catalog):
            return f"to leave runs out, write: not {name[1:]}…"
        near = suggestions(name, self._catalog)
        if near:
            return f"did you mean {', '.join(near[:-1])}{' or ' if near[1:] else ''}{near[-1]}?"
        return (
            "docs/search.md lists the fields; 'logbook schema' the settings of a config; in quotes it searches the text"
        )

    def _comparison(self, term: Comparison) -> Condition:
        field = self._field(term.field, self._query.text, term.place)
        try:
            return self._checked(field, term)
        except conditions.BadOperatorError as error:
            raise problem(self._query.text, term.place, f"{term.field} {error}") from None
        except conditions.BadValueError as error:
            raise problem(self._query.text, term.value.place, f"{term.field}: {error}") from None
        except OverflowError:
            what = f"{term.value.text} is beyond what a number or a date can hold"
            raise problem(self._query.text, term.value.place, what) from None

    def _checked(self, field: Field, term: Comparison) -> Condition:
        match field:
            case Attribute():
                return conditions.attribute(self._expression(field), field, term.operator, term.value, self._now)
            case Metric(name, moment):
                return conditions.metric(name, moment, term.operator, term.value)
            case Settings(path_ids, paths):
                if term.operator in ("<", "<=", ">", ">=") and read_number(term.value) is None:
                    _refuse_text(paths, term.value)
                return conditions.setting(path_ids, term.operator, term.value)
            case Words(name):
                return conditions.words(name, term.operator, term.value)

    def _expression(self, attribute: Attribute) -> Condition:
        if attribute is ATTRIBUTES["status"]:
            # A run whose process died is stored as running: nobody was left to write how it ended.
            return (_STATUS, (self._crashed,))
        return attribute.sql, ()

    def _text(self, text: str, place: int) -> Condition:
        if not any(character.isalnum() for character in text):
            raise problem(self._query.text, place, f"{text!r} has no letter or digit to search for")
        return conditions.anywhere(text, self._catalog.text_index)


def _refuse_text(paths: tuple[str, ...], value: Value) -> None:
    """Refuse to order a setting by a text where it can only be a number."""
    # The config's models cost more to import than most searches take.
    from logbook.store.search.promised import config_paths, is_number

    known = {in_any_place(path) for path in paths} & config_paths()
    if known and all(map(is_number, known)):
        raise conditions.BadValueError(f"expected a number, got {value.text!r}")
