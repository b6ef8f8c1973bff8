"""One comparison as SQL: a condition over `r` (the run) and `s` (its summary) that is true or false, never NULL.

What a field may have several of (tags, findings, the paths behind an alias) is compared as a set: a comparison
holds where it holds for one of them; `!=` holds where there are some and none is equal.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from logbook.store.search.catalog import TextIndex
from logbook.store.search.fields import Attribute
from logbook.store.search.language import Operator, Value
from logbook.store.search.values import like_pattern, read_date, read_json, read_number, read_span

__all__ = [
    "BadOperatorError",
    "BadValueError",
    "Condition",
    "anywhere",
    "attribute",
    "joined",
    "metric",
    "setting",
    "words",
]

Condition = tuple[str, tuple[object, ...]]
"""SQL text with `?` marks, and what they stand for."""

NOTHING: Condition = ("FALSE", ())

_SQL = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class BadValueError(ValueError):
    """A value that the field can't have."""


class BadOperatorError(ValueError):
    """An operator that says nothing about the field."""


def joined(word: str, parts: list[Condition]) -> Condition:
    """Return the parts in one pair of parentheses with `word` between them."""
    sql = word.join(part for part, _ in parts)
    return f"({sql})", tuple(one for _, parameters in parts for one in parameters)


def attribute(expression: Condition, field: Attribute, operator: Operator, value: Value, now: datetime) -> Condition:
    """Return the condition on one of a run's attributes, whose value `expression` yields."""
    match field.holds:
        case "number":
            return _number(expression, operator, _wanted_number(operator, value))
        case "duration":
            return _number(expression, operator, _wanted_number(operator, value, spans=True))
        case "best":
            return _best(expression, operator, value)
        case "id":
            return _number(expression, operator, _wanted_id(operator, value))
        case "date":
            return _date(expression, operator, value)
        case "age":
            return _age(expression, operator, value, now)
        case "choice":
            return _choice(expression, field.choices, operator, value)
        case "hash":
            return _hash(expression, operator, value)
        case "text":
            return _text(expression, operator, value.text)


def _holds(expression: Condition, operator: Operator, wanted: object) -> Condition:
    sql, parameters = expression
    return f"({sql} {_SQL[operator]} ?) IS TRUE", (*parameters, wanted)


def _number(expression: Condition, operator: Operator, wanted: float) -> Condition:
    if math.isnan(wanted):
        sql, parameters = expression
        return (f"({sql}) IS NOT NULL", parameters) if operator == "!=" else NOTHING
    return _holds(expression, operator, wanted)


def _wanted_number(operator: Operator, value: Value, *, spans: bool = False) -> float:
    if operator == "~":
        raise BadOperatorError("is a number; ~ looks into text. Write = < <= > >= or !=")
    span = read_span(value) if spans else None
    number = span[0] if span else read_number(value)
    if number is None:
        raise BadValueError(f"expected a number{' or a span such as 2h' if spans else ''}, got {value.text!r}")
    return number


def _wanted_id(operator: Operator, value: Value) -> float:
    digits = value.text.removeprefix("r")
    if operator != "~" and not (digits.isascii() and digits.isdigit()):
        raise BadValueError(f"expected a run's number such as r42, got {value.text!r}")
    return _wanted_number(operator, Value(digits, value.place))


def _best(expression: Condition, operator: Operator, value: Value) -> Condition:
    """The monitored value. Summaries keep NaN as NULL, so that its kind is asked of the metric itself."""
    wanted = _wanted_number(operator, value)
    if math.isnan(wanted) and operator == "=":
        return (
            "EXISTS (SELECT 1 FROM run_metric m"
            " WHERE m.run_id = s.run_id AND m.name = s.monitor_metric AND m.best_kind = 'nan')",
            (),
        )
    return _number(expression, operator, wanted)


def _text(expression: Condition, operator: Operator, wanted: str) -> Condition:
    if operator == "~":
        sql, parameters = expression
        return f"({sql} LIKE ? ESCAPE '\\') IS TRUE", (*parameters, like_pattern(wanted))
    return _holds(expression, operator, wanted)


def _choice(expression: Condition, choices: tuple[str, ...], operator: Operator, value: Value) -> Condition:
    if operator not in ("=", "!=", "~"):
        raise BadOperatorError(f"is one of {', '.join(choices)}; write = or !=")
    if operator != "~" and value.text not in choices:
        from difflib import get_close_matches

        near = get_close_matches(value.text.lower(), choices, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadValueError(f"expected one of {', '.join(choices)}, got {value.text!r}{hint}")
    return _text(expression, operator, value.text)


def _hash(expression: Condition, operator: Operator, value: Value) -> Condition:
    """A hash is meant by its beginning, as it is shown."""
    if operator not in ("=", "!="):
        raise BadOperatorError("is a hash; write = or != and its beginning")
    start = value.text.lower()
    if len(start) < 4 or not all(digit in "0123456789abcdef" for digit in start):
        raise BadValueError(f"expected at least 4 digits of a hash (0-9, a-f), got {value.text!r}")
    sql, parameters = expression
    return f"(substr({sql}, 1, ?) {_SQL[operator]} ?) IS TRUE", (*parameters, len(start), start)


def _date(expression: Condition, operator: Operator, value: Value) -> Condition:
    try:
        span = read_date(value)
    except ValueError as error:
        raise BadValueError(f"{value.text!r} is no date: {error}") from None
    if span is None:
        raise BadValueError(f"expected a date such as 2026-11-01 or 2026-11-01T10:30, got {value.text!r}")
    if operator == "~":
        raise BadOperatorError("is a date; ~ looks into text. A part of a date does: started=2026-11")
    start, end = span
    if operator in ("=", "!="):
        return _within(expression, operator, start, end)
    return _moment(expression, operator, start)


def _age(expression: Condition, operator: Operator, value: Value, now: datetime) -> Condition:
    span = read_span(value)
    if span is None:
        raise BadValueError(f"expected a span such as 36h, 4w or 1y (units s m h d w y), got {value.text!r}")
    if operator == "~":
        raise BadOperatorError("is a span of time; ~ looks into text")
    length, unit = span
    if operator in ("=", "!="):
        newest, oldest = now - timedelta(seconds=length), now - timedelta(seconds=length + unit)
        tick = timedelta(milliseconds=1)
        return _within(expression, operator, oldest + tick, newest + tick)
    return _moment(expression, _MIRRORED[operator], now - timedelta(seconds=length))


def _moment(expression: Condition, operator: Operator, moment: datetime) -> Condition:
    # julianday reads every way in which ISO 8601 writes a moment, to the millisecond; text order doesn't.
    sql, parameters = expression
    return f"(julianday({sql}) {_SQL[operator]} julianday(?)) IS TRUE", (*parameters, moment.isoformat())


def _within(expression: Condition, operator: Operator, start: datetime, end: datetime) -> Condition:
    if operator == "=":
        return joined(" AND ", [_moment(expression, ">=", start), _moment(expression, "<", end)])
    return joined(" OR ", [_moment(expression, "<", start), _moment(expression, ">=", end)])


def metric(name: str, moment: str, operator: Operator, value: Value) -> Condition:
    """Return the condition on a metric's best, last or first value; infinities are stored as what they are."""
    column = {"best": "m.best", "last": "m.last", "first": "m.first"}[moment]
    wanted = _wanted_number(operator, value)
    chosen = f"r.id IN (SELECT m.run_id FROM run_metric m WHERE m.name = ? AND {column}"
    if not math.isnan(wanted):
        return f"{chosen} {_SQL[operator]} ?)", (name, wanted)
    if operator == "=":
        return f"{chosen}_kind = 'nan')", (name,)
    return (f"{chosen} IS NOT NULL)", (name,)) if operator == "!=" else NOTHING


def setting(path_ids: tuple[int, ...], operator: Operator, value: Value) -> Condition:
    """Return the condition on a config's leaves, each compared as the kind that it is."""
    tests = _leaf_tests("=" if operator == "!=" else operator, value)
    if not path_ids:
        return NOTHING
    found = _leaves(path_ids, tests)
    return found if operator != "!=" else joined(" AND NOT ", [_leaves(path_ids, [("", ())]), found])


def _leaves(path_ids: tuple[int, ...], tests: list[Condition]) -> Condition:
    """One SELECT a test, so that each walks its own index: (path_id, num) or (path_id, txt)."""
    marks = ", ".join("?" * len(path_ids))
    select = f"SELECT l.config_id FROM config_leaf l WHERE l.path_id IN ({marks})"
    sql = " UNION ALL ".join(f"{select}{test}" for test, _ in tests)
    return f"r.config_id IN ({sql})", tuple(one for _, more in tests for one in (*path_ids, *more))


def _leaf_tests(operator: Operator, value: Value) -> list[Condition]:
    if operator == "~":
        return [(" AND l.kind IN ('text', 'json') AND l.txt LIKE ? ESCAPE '\\'", (like_pattern(value.text),))]
    tests: list[Condition] = []
    number = read_number(value)
    if number is not None and not math.isnan(number):
        tests.append((f" AND l.kind = 'number' AND l.num {_SQL[operator]} ?", (number,)))
    if number is None or operator == "=":
        tests.append((f" AND l.kind = 'text' AND l.txt {_SQL[operator]} ?", (value.text,)))
    if operator == "=":
        tests.append((" AND l.kind = 'json' AND l.txt = ?", (read_json(value) or value.text,)))
        if value.text in ("true", "false", "null") and not value.quoted:
            tests.append((" AND l.kind = ?", (value.text,)))
    return tests or [(" AND FALSE", ())]


_TAGS = "nullif(trim(s.tags), '')"
_FINDINGS = "SELECT f.run_id FROM standing_finding f WHERE "
_NOTES = "SELECT j.run_id FROM journal j WHERE j.kind = 'note' AND "
_IN_FINDING = ("f.name", "json_extract(f.payload, '$.message')")


def words(name: str, operator: Operator, value: Value) -> Condition:
    """Return the condition on what a run may have several of; findings and notes are looked into by `=` too."""
    if operator not in ("=", "!=", "~"):
        raise BadOperatorError(f"has no order; write {name}= {name}!= or {name}~")
    match name:
        case "tag":
            return _tag(operator, value.text)
        case "rule" if operator != "~":
            named: Condition = ("(f.name = ? OR f.code = ?)", (value.text, value.text.upper()))
            return _several(_FINDINGS, operator, named)
        case "rule":
            return _several(_FINDINGS, operator, _contains(("f.name", "f.code"), value.text))
        case "finding":
            return _several(_FINDINGS, operator, _contains(_IN_FINDING, value.text))
        case _:
            return _several(_NOTES, operator, _contains(("j.text",), value.text))


def _several(select: str, operator: Operator, test: Condition) -> Condition:
    found: Condition = (f"r.id IN ({select}{test[0]})", test[1])
    return found if operator != "!=" else joined(" AND NOT ", [(f"r.id IN ({select}TRUE)", ()), found])


def _contains(expressions: tuple[str, ...], text: str) -> Condition:
    pattern = like_pattern(text)
    return joined(" OR ", [(f"{expression} LIKE ? ESCAPE '\\'", (pattern,)) for expression in expressions])


def _tag(operator: Operator, tag: str) -> Condition:
    """Tags are stored as ' a b ', so that a whole one is found between blanks; no tag holds a blank itself."""
    if any(character.isspace() for character in tag):
        return (f"{_TAGS} IS NOT NULL", ()) if operator == "!=" else NOTHING
    if operator == "~":
        return _text((_TAGS, ()), "~", tag)
    sign = "> 0" if operator == "=" else "= 0"
    return f"(instr(' ' || {_TAGS} || ' ', ?) {sign}) IS TRUE", (f" {tag} ",)


_PLAIN_SOURCES = (
    (
        "SELECT t.rowid FROM search_text t",
        ("t.name", "t.hypothesis", "t.journal", "t.findings", "t.errors", "t.strings"),
    ),
)
_ROW_SOURCES = (
    ("SELECT o.run_id FROM summary o", ("o.name", "o.hypothesis", "o.error_text")),
    ("SELECT j.run_id FROM journal j", ("j.text", "j.reason")),
    ("SELECT f.run_id FROM standing_finding f", _IN_FINDING),
    ("SELECT q.id FROM run q JOIN config_leaf l ON l.config_id = q.config_id AND l.kind = 'text'", ("l.txt",)),
)


def anywhere(text: str, index: TextIndex) -> Condition:
    """Return the condition that a word or phrase stands in a run's text.

    With FTS5 whole words are found, in any of its columns; without it the text itself, wherever it stands.
    """
    if index == "fts5":
        quoted = text.replace('"', '""')
        return "r.id IN (SELECT rowid FROM search_text WHERE search_text MATCH ?)", (f'"{quoted}"',)
    sources = _PLAIN_SOURCES if index == "plain" else _ROW_SOURCES
    selects = []
    for select, expressions in sources:
        sql, parameters = _contains(expressions, text)
        selects.append((f"{select} WHERE {sql}", parameters))
    union, parameters = joined(" UNION ALL ", selects)
    return f"r.id IN {union}", parameters
