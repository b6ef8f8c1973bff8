"""One comparison as SQL: a condition over `r` (the run) and `s` (its summary) that is true or false, never NULL.

What a field may have several of (tags, findings, the paths behind an alias) is compared as a set: a comparison
holds where it holds for one of them; `!=` holds where there are some and none is equal.
"""

from __future__ import annotations

import math
from datetime import datetime

from logbook.store.packing import unpacked_column
from logbook.store.schema import MEASURES
from logbook.store.search import moments
from logbook.store.search.catalog import TextIndex
from logbook.store.search.expressions import AT_EPOCH_KIND, at_epoch
from logbook.store.search.fields import AtEpoch, Attribute
from logbook.store.search.language import Operator, Value
from logbook.store.search.parts import SQL, BadOperatorError, BadValueError, Condition, IsRare, joined
from logbook.store.search.values import like_pattern, read_json, read_number, read_span

__all__ = [
    "BadOperatorError",
    "BadValueError",
    "Condition",
    "IsRare",
    "anywhere",
    "at_an_epoch",
    "attribute",
    "joined",
    "metric",
    "quoted",
    "setting",
    "words",
]

NOTHING: Condition = ("FALSE", ())


def _among(key: str, column: str, selects: list[Condition], is_rare: IsRare) -> Condition:
    """Return the condition that `key` is a `column` of what the SELECTs find."""
    parameters = tuple(one for _, some in selects for one in some)
    union = " UNION ALL ".join(sql for sql, _ in selects)
    if is_rare(union, parameters):
        return f"{key} IN ({union})", parameters
    return f"EXISTS ({' UNION ALL '.join(f'{sql} AND {column} = {key}' for sql, _ in selects)})", parameters


_INDEXED = {
    "s.uuid": ("SELECT i.id FROM run i WHERE i.uuid",),
    "s.words": ("SELECT i.id FROM run i WHERE i.words",),
    "s.name": ("SELECT i.run_id FROM summary i WHERE i.name",),
    "s.outcome": ("SELECT i.run_id FROM summary i WHERE i.outcome",),
    "s.status": ("SELECT i.run_id FROM summary i WHERE i.status",),
    "s.best_value": (
        "SELECT i.run_id FROM summary i WHERE i.status <> 'running' AND i.best_value",
        "SELECT i.run_id FROM summary i WHERE i.status = 'running' AND i.best_value",
    ),
}
"""Where an index holds an attribute."""


def attribute(
    expression: Condition, field: Attribute, operator: Operator, value: Value, now: datetime, is_rare: IsRare
) -> Condition:
    """Return the condition on one of a run's attributes, whose value `expression` yields."""
    asked = _attribute(expression, field, operator, value, now, is_rare)
    selects = _INDEXED.get(expression[0])
    wanted = asked[1][-1] if asked[1] else None
    if selects is None or operator in ("!=", "~") or not isinstance(wanted, str | float) or asked is NOTHING:
        return asked
    found = [(f"{select} {SQL[operator]} ?", (wanted,)) for select in selects]
    union = " UNION ALL ".join(sql for sql, _ in found), (wanted,) * len(found)
    return (f"r.id IN ({union[0]})", union[1]) if is_rare(*union) else asked


def _attribute(
    expression: Condition, field: Attribute, operator: Operator, value: Value, now: datetime, is_rare: IsRare
) -> Condition:
    match field.holds:
        case "number":
            return _number(expression, operator, _wanted_number(operator, value))
        case "duration":
            return _number(expression, operator, _wanted_number(operator, value, spans=True))
        case "best":
            return _best(expression, operator, value)
        case "id":
            wanted = _wanted_id(operator, value)
            # Every run has a number, and SQLite looks a bare comparison up.
            return NOTHING if math.isnan(wanted) else (f"{expression[0]} {SQL[operator]} ?", (wanted,))
        case "date":
            return moments.date(expression, operator, value, is_rare)
        case "age":
            return moments.age(expression, operator, value, now, is_rare)
        case "choice":
            return _choice(expression, field.choices, operator, value)
        case "hash":
            return _hash(expression, operator, value)
        case "text":
            return _text(expression, operator, value.text)


def _holds(expression: Condition, operator: Operator, wanted: object) -> Condition:
    sql, parameters = expression
    return f"({sql} {SQL[operator]} ?) IS TRUE", (*parameters, wanted)


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
    sql, _ = expression
    # Every run has its hashes, and their beginnings stand side by side in an index.
    within = f"({sql} >= ? AND {sql} < ?)", (start, f"{start}g")
    return within if operator == "=" else (f"NOT {within[0]}", within[1])


def metric(name: str, moment: str, operator: Operator, value: Value, is_rare: IsRare) -> Condition:
    """Return the condition on a metric's best, last or first value; infinities are stored as what they are."""
    column = {"best": "m.best", "last": "m.last", "first": "m.first"}[moment]
    wanted = _wanted_number(operator, value)
    if not math.isnan(wanted):
        test: Condition = (f" {SQL[operator]} ?", (wanted,))
    elif operator in ("=", "!="):
        test = ("_kind = 'nan'" if operator == "=" else " IS NOT NULL", ())
    else:
        return NOTHING
    # Not the union of both, which SQLite would go through for each run (see the migration 0004).
    selects = [
        (f"SELECT m.run_id FROM {source} m WHERE m.name = ? AND {column}{test[0]}", (name, *test[1]))
        for source in ("metric_extent", "live_metric")
    ]
    return _among("r.id", "m.run_id", selects, is_rare)


# Of a run that goes on, `metric_extent` has nothing yet.
_HAS_METRIC = "s.status = 'running' OR EXISTS (SELECT 1 FROM metric_extent m WHERE m.run_id = s.run_id AND m.name = ?"


def at_an_epoch(field: AtEpoch, operator: Operator, value: Value) -> Condition:
    """Return the condition on the value of a metric at an epoch, which is read from the epoch's row.

    At no epoch a run is better than at its best: that is looked up first, and takes a fifth of the time.
    """
    wanted = _wanted_number(operator, value)
    if math.isnan(wanted) and operator == "=":
        return _holds(at_epoch(field, AT_EPOCH_KIND), "=", "nan")
    if operator == "!=" or math.isnan(wanted) or (operator in (">", ">=") and field.name in MEASURES):
        return _number(at_epoch(field), operator, wanted)
    beyond, other = (">=", "min") if operator in (">", ">=") else ("<=", "max")
    # CASE, since SQLite may well read the epoch first where both are terms of one AND.
    sql, parameters = at_epoch(field)
    reaches = f"CASE WHEN {_HAS_METRIC} AND (m.mode = ? OR m.best {beyond} ?)) THEN {sql} END"
    return _holds((reaches, (field.name, other, wanted, *parameters)), operator, wanted)


def setting(path_ids: tuple[int, ...], operator: Operator, value: Value, is_rare: IsRare) -> Condition:
    """Return the condition on a config's leaves, each compared as the kind that it is."""
    tests = _leaf_tests("=" if operator == "!=" else operator, value)
    if not path_ids:
        return NOTHING
    found = _leaves(path_ids, tests, is_rare)
    return found if operator != "!=" else joined(" AND NOT ", [_leaves(path_ids, [("", ())], is_rare), found])


def _leaves(path_ids: tuple[int, ...], tests: list[Condition], is_rare: IsRare) -> Condition:
    """One SELECT a test, so that each walks its own index: (path_id, num) or (path_id, txt)."""
    marks = ", ".join("?" * len(path_ids))
    select = f"SELECT l.config_id FROM config_leaf l WHERE l.path_id IN ({marks})"
    selects = [(f"{select}{test}", (*path_ids, *more)) for test, more in tests]
    # Text that contains a text is looked for entry by entry: counting first would look at all of them twice.
    return _among("r.config_id", "l.config_id", selects, (lambda *_: True) if "LIKE" in tests[0][0] else is_rare)


def _leaf_tests(operator: Operator, value: Value) -> list[Condition]:
    if operator == "~":
        return [(" AND l.kind IN ('text', 'json') AND l.txt LIKE ? ESCAPE '\\'", (like_pattern(value.text),))]
    tests: list[Condition] = []
    number = read_number(value)
    if number is not None and not math.isnan(number):
        # Only a number has one: the index says so without a look at the kind.
        tests.append((f" AND l.num {SQL[operator]} ?", (number,)))
    if number is None or operator == "=":
        tests.append((f" AND l.kind = 'text' AND l.txt {SQL[operator]} ?", (value.text,)))
    if operator == "=":
        tests.append((" AND l.kind = 'json' AND l.txt = ?", (read_json(value) or value.text,)))
        if value.text in ("true", "false", "null") and not value.quoted:
            tests.append((" AND l.kind = ?", (value.text,)))
    return tests or [(" AND FALSE", ())]


_TAGS = "nullif(trim(s.tags), '')"
_FINDINGS = "SELECT f.run_id FROM standing_finding f WHERE "
_NOTES = "SELECT j.run_id FROM journal j WHERE j.kind = 'note' AND "
_IN_FINDING = ("f.name", f"json_extract({unpacked_column('finding', 'f')}, '$.message')")


def words(name: str, operator: Operator, value: Value, is_rare: IsRare) -> Condition:
    """Return the condition on what a run may have several of; findings and notes are looked into by `=` too."""
    if operator not in ("=", "!=", "~"):
        raise BadOperatorError(f"has no order; write {name}= {name}!= or {name}~")
    match name:
        case "tag":
            return _tag(operator, value.text, is_rare)
        case "rule" if operator != "~":
            return _rule(operator, value.text, is_rare)
        case "rule":
            return _several(_FINDINGS, operator, _contains(("f.name", "f.code"), value.text))
        case "finding":
            return _several(_FINDINGS, operator, _contains(_IN_FINDING, value.text))
        case _:
            return _several(_NOTES, operator, _contains(("j.text",), value.text))


def _rule(operator: Operator, rule: str, is_rare: IsRare) -> Condition:
    named: Condition = (f"{_FINDINGS}(f.name = ? OR f.code = ?)", (rule, rule.upper()))
    found = _among("r.id", "f.run_id", [named], is_rare)
    return found if operator != "!=" else joined(" AND NOT ", [(f"r.id IN ({_FINDINGS}TRUE)", ()), found])


def _several(select: str, operator: Operator, test: Condition) -> Condition:
    found: Condition = (f"r.id IN ({select}{test[0]})", test[1])
    return found if operator != "!=" else joined(" AND NOT ", [(f"r.id IN ({select}TRUE)", ()), found])


def _contains(expressions: tuple[str, ...], text: str) -> Condition:
    pattern = like_pattern(text)
    return joined(" OR ", [(f"{expression} LIKE ? ESCAPE '\\'", (pattern,)) for expression in expressions])


def _tag(operator: Operator, tag: str, is_rare: IsRare) -> Condition:
    """Tags are stored as ' a b ', so that a whole one is found between blanks; no tag holds a blank itself."""
    if any(character.isspace() for character in tag):
        return (f"{_TAGS} IS NOT NULL", ()) if operator == "!=" else NOTHING
    if operator == "~":
        return _text((_TAGS, ()), "~", tag)
    if operator == "=":
        wanted = f" {tag} "
        found: Condition = ("SELECT i.run_id FROM summary i WHERE i.tags <> '' AND instr(i.tags, ?) > 0", (wanted,))
        return (f"r.id IN ({found[0]})", found[1]) if is_rare(*found) else ("instr(s.tags, ?) > 0", (wanted,))
    return f"(instr(' ' || {_TAGS} || ' ', ?) = 0) IS TRUE", (f" {tag} ",)


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


def anywhere(text: str, index: TextIndex, is_rare: IsRare) -> Condition:
    """Return the condition that a word or phrase stands in a run's text.

    With FTS5 whole words are found, in any of its columns; without it the text itself, wherever it stands.
    """
    if index == "fts5":
        found: Condition = ("SELECT rowid FROM search_text WHERE search_text MATCH ?", (quoted(text),))
        # The plus sign keeps SQLite from looking each of many runs up only to sort them afterwards.
        return f"{'' if is_rare(*found) else '+'}r.id IN ({found[0]})", found[1]
    sources = _PLAIN_SOURCES if index == "plain" else _ROW_SOURCES
    selects = []
    for select, expressions in sources:
        sql, parameters = _contains(expressions, text)
        selects.append((f"{select} WHERE {sql}", parameters))
    union, parameters = joined(" UNION ALL ", selects)
    return f"r.id IN {union}", parameters


def quoted(text: str) -> str:
    """Return a text as FTS5 takes it for a phrase and nothing else."""
    return '"' + text.replace('"', '""') + '"'
