"""A query's tree as one SELECT and its parameters.

Every condition is true or false, never NULL: a run without the field fails the comparison, and NOT turns that
into a match (docs/search.md has the truth table). SQL is put together from the constant texts of this package
alone; what a person wrote travels as a parameter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import NamedTuple

from logbook.store.search import conditions
from logbook.store.search.catalog import Catalog
from logbook.store.search.conditions import Condition
from logbook.store.search.expressions import LEAF_NUMBER, LEAF_TEXT, STATUS, at_epoch, metric_at
from logbook.store.search.fields import (
    ATTRIBUTES,
    AtEpoch,
    Attribute,
    Field,
    Metric,
    Settings,
    Words,
    find_field,
    in_any_place,
    wanted_field,
)
from logbook.store.search.language import And, Comparison, Node, Not, Or, Query, Text, Value, problem, unquoted
from logbook.store.search.relevance import MOST_RANKED, RANKED, phrase_of
from logbook.store.search.values import is_whole, read_number

__all__ = ["Compiled", "compile_query"]

_RUN_AND_SUMMARY = "CROSS JOIN run r ON r.{0} = d.{1} CROSS JOIN summary s ON s.run_id = r.id"
_WALKS = {
    "metric": f"metric_extent d {_RUN_AND_SUMMARY.format('id', 'run_id')} WHERE d.name = ? AND d.{{0}} IS NOT NULL",
    "setting": (
        f"config_leaf d {_RUN_AND_SUMMARY.format('config_id', 'config_id')} WHERE d.path_id = ? AND d.num IS NOT NULL"
    ),
    "attribute": (
        f"summary d {_RUN_AND_SUMMARY.format('id', 'run_id')} WHERE d.status <> 'running' AND d.{{0}} IS NOT NULL"
    ),
}
"""Runs in the order of an index, for the fields that have one; CROSS JOIN is SQLite's word for "in this order"."""

_SELECT = "SELECT r.id FROM run r JOIN summary s ON s.run_id = r.id WHERE "
_GOING_ON = "SELECT g.run_id FROM summary g WHERE g.status = 'running'"


class Compiled(NamedTuple):
    """A query as SQL. Where `walk` is given, it finds the first runs quicker: those of an index, in its order.

    It knows nothing of runs that go on, and of runs that have no number in the field. So where it yields as many runs
    as were asked for, the answer is among them and the runs that go on, and `sql` with `among` says which.
    """

    sql: str
    parameters: tuple[object, ...]
    walk: Condition | None = None
    among: Condition | None = None
    ranked: Condition | None = None
    """Where words alone are asked for: the newest that match, the most relevant first."""


def compile_query(
    query: Query,
    catalog: Catalog,
    *,
    now: datetime,
    crashed: Callable[[], Collection[int]] = tuple,
    sort: str | None = None,
    limit: int | None = None,
) -> Compiled:
    """Return SQL whose rows are run numbers, newest first unless `sort` says otherwise.

    `crashed` returns the runs stored as running whose process is gone; asked only for a status. `sort` is a field,
    smallest first, or with a minus sign largest first; runs without it come last. Raises UsageError for an unknown
    field, a value that the field can't have, and an operator that it doesn't take.
    """
    compiler = _Compiler(query, catalog, now, crashed)
    where, parameters = compiler.condition(query.root)
    ends = ("", ()) if limit is None else (" LIMIT ?", (limit,))
    phrase = phrase_of(query.root) if sort is None and catalog.text_index == "fts5" else None
    order, more = compiler.order(sort)
    ends = f" ORDER BY {order}{ends[0]}", (*more, *ends[1])
    whole = Compiled(f"{_SELECT}{where}{ends[0]}", parameters + ends[1])
    if phrase is not None:
        return whole._replace(ranked=(RANKED, (phrase, MOST_RANKED)))
    walk = None if sort is None or limit is None else compiler.walk(sort)
    if walk is None:
        return whole
    start, key, direction, keyed = walk
    return whole._replace(
        walk=(
            f"SELECT r.id FROM {start} AND {where} ORDER BY {key} {direction}, r.id DESC LIMIT ?",
            (*keyed, *parameters, limit),
        ),
        among=(
            f"{_SELECT}r.id IN (SELECT value FROM json_each(?) UNION ALL {_GOING_ON}) AND {where}{ends[0]}",
            parameters + ends[1],
        ),
    )


class _Compiler:
    def __init__(self, query: Query, catalog: Catalog, now: datetime, crashed: Callable[[], Collection[int]]) -> None:
        self._query = query
        self._catalog = catalog
        self._now = (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(UTC)
        self._crashed = crashed
        self._rare: set[Node] = set()
        self._term: Node = query.root

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
                self._term = node
                return self._text(text, place)
            case Comparison():
                self._term = node
                return self._comparison(node)

    def walk(self, sort: str) -> tuple[str, str, str, tuple[object, ...]] | None:
        """Return where to walk (FROM and WHERE), the key, the direction and the parameters; None where it's no use."""
        terms = self._query.root.terms if isinstance(self._query.root, And) else (self._query.root,)
        if any(term in self._rare for term in terms):
            return None  # the few runs that it finds are sorted sooner
        name, direction = _read_sort(sort)
        match find_field(name, self._catalog):
            case Metric(metric, "best" | "last" as moment):
                return _WALKS["metric"].format(moment), f"d.{moment}", direction, (metric,)
            case Settings((path_id,), _):
                return _WALKS["setting"], "d.num", direction, (path_id,)
            case Attribute("s.best_value" | "s.seconds" | "s.started_at" as sql, holds) if holds != "age":
                column = sql.removeprefix("s.")
                return _WALKS["attribute"].format(column), f"d.{column}", direction, ()
            case _:
                return None

    def _is_rare(self, select: str, parameters: tuple[object, ...]) -> bool:
        found = self._catalog.is_rare(select, parameters)
        if found and not (isinstance(self._term, Comparison) and self._term.operator == "!="):
            self._rare.add(self._term)
        return found

    def order(self, sort: str | None) -> Condition:
        if sort is None:
            return "r.id DESC", ()
        name, direction = _read_sort(sort)
        field = self._field(name, sort, int(sort.startswith("-")))
        keys, parameters = self._sort_keys(field)
        if not keys:
            raise problem(sort, int(sort.startswith("-")), f"a run may have several of {name!r}, which gives no order")
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
                return [metric_at(moment)], (name, name)
            case AtEpoch():
                sql, parameters = at_epoch(field)
                return [sql], parameters
            case Settings((path_id,), _):
                return [LEAF_NUMBER, LEAF_TEXT], (path_id,)
            case Settings((), _):
                return ["NULL"], ()
            case _:
                return [], ()

    def _field(self, name: str, text: str, place: int) -> Field:
        return wanted_field(name, self._catalog, text, place)

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
                expression = self._expression(field)
                return conditions.attribute(expression, field, term.operator, term.value, self._now, self._is_rare)
            case Metric(name, moment):
                return conditions.metric(name, moment, term.operator, term.value, self._is_rare)
            case AtEpoch():
                return conditions.at_an_epoch(field, term.operator, term.value)
            case Settings(path_ids, paths):
                if term.operator != "~" and not is_whole(term.value):
                    raise conditions.BadValueError(
                        f"expected a list such as [256,128], got {term.value.text!r}; in quotes it is text"
                    )
                if term.operator in ("<", "<=", ">", ">=") and read_number(term.value) is None:
                    _refuse_text(paths, term.value)
                return conditions.setting(path_ids, term.operator, term.value, self._is_rare)
            case Words(name):
                return conditions.words(name, term.operator, term.value, self._is_rare)

    def _expression(self, attribute: Attribute) -> Condition:
        if attribute is ATTRIBUTES["status"] and (crashed := self._crashed()):
            # A run whose process died is stored as running: nobody was left to write how it ended.
            return (STATUS, (json.dumps(sorted(crashed)),))
        return attribute.sql, ()

    def _text(self, text: str, place: int) -> Condition:
        if self._query.text[place] not in "\"'":
            _refuse_foreign_signs(self._query.text, text, place)
        if not any(character.isalnum() for character in text):
            raise problem(self._query.text, place, f"{text!r} has no letter or digit to search for")
        return conditions.anywhere(text, self._catalog.text_index, self._is_rare)


def _read_sort(sort: str) -> tuple[str, str]:
    """Return the field and the direction of an order; a name may stand in quotes, as in a query."""
    name, direction = (sort[1:], "DESC") if sort.startswith("-") else (sort, "ASC")
    return (unquoted(name) if name[:1] == '"' and name[-1:] == '"' and name[1:] else name), direction


_FOREIGN = {"≤": "<=", "≥": ">=", "≠": "!=", "&&": "and", "&": "and", "||": "or", "|": "or"}


def _refuse_foreign_signs(query: str, word: str, place: int) -> None:
    """Refuse a word that is, or has in it, what other languages write for an operator: it was not meant as text."""
    sign = word if word in _FOREIGN else next((one for one in word if one in "≤≥≠"), "")
    if sign:
        hint = f"write {_FOREIGN[sign]}; in quotes it is text"
        raise problem(query, place + word.index(sign), f"{sign!r} is no operator of a query", hint)


def _refuse_text(paths: tuple[str, ...], value: Value) -> None:
    """Refuse to order a setting by a text where it can only be a number."""
    # The config's models cost more to import than most searches take.
    from logbook.store.search.promised import config_paths, is_number

    known = {in_any_place(path) for path in paths} & config_paths()
    if known and all(map(is_number, known)):
        raise conditions.BadValueError(f"expected a number, got {value.text!r}")
