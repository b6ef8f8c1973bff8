"""Comparisons with a point in time, and with a span since one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from logbook.store.search.language import Operator, Value
from logbook.store.search.parts import SQL, BadOperatorError, BadValueError, Condition, IsRare, joined
from logbook.store.search.values import read_date, read_span

__all__ = ["age", "date"]

_MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DAY = timedelta(days=1)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC) + _DAY, datetime.max.replace(tzinfo=UTC) - _DAY


def date(expression: Condition, operator: Operator, value: Value, is_rare: IsRare) -> Condition:
    try:
        span = read_date(value)
    except ValueError as error:
        raise BadValueError(f"{value.text!r} is no date: {error}") from None
    if span is None:
        is_span = read_span(value._replace(text=value.text.lstrip("+-"))) is not None
        hint = f"; how long ago is asked with age: age<{value.text.lstrip('+-')}" if is_span else ""
        raise BadValueError(f"expected a date such as 2026-11-01 or 2026-11-01T10:30, got {value.text!r}{hint}")
    if operator == "~":
        raise BadOperatorError("is a date; ~ looks into text. A part of a date does: started=2026-11")
    start, end = span
    if operator in ("=", "!="):
        return _within(expression, operator, start, end, is_rare)
    return _beyond(expression, operator, start, is_rare)


def age(expression: Condition, operator: Operator, value: Value, now: datetime, is_rare: IsRare) -> Condition:
    span = read_span(value)
    if span is None:
        raise BadValueError(f"expected a span such as 36h, 4w or 1y (units s m h d w y), got {value.text!r}")
    if operator == "~":
        raise BadOperatorError("is a span of time; ~ looks into text")
    length, unit = span
    if operator in ("=", "!="):
        newest, oldest = now - timedelta(seconds=length), now - timedelta(seconds=length + unit)
        tick = timedelta(milliseconds=1)
        return _within(expression, operator, oldest + tick, newest + tick, is_rare)
    return _beyond(expression, _MIRRORED[operator], now - timedelta(seconds=length), is_rare)


def _moment(expression: Condition, operator: Operator, moment: datetime) -> Condition:
    # julianday reads every way in which ISO 8601 writes a moment, to the millisecond; text order doesn't.
    sql, parameters = expression
    return f"(julianday({sql}) {SQL[operator]} julianday(?)) IS TRUE", (*parameters, moment.isoformat())


def _beyond(expression: Condition, operator: Operator, moment: datetime, is_rare: IsRare) -> Condition:
    asked = _moment(expression, operator, moment)
    bounds = (None, moment) if operator in ("<", "<=") else (moment, None)
    return joined(" AND ", [*_begun(expression, bounds[0], bounds[1], is_rare), asked])


def _within(expression: Condition, operator: Operator, start: datetime, end: datetime, is_rare: IsRare) -> Condition:
    if operator == "!=":
        return joined(" OR ", [_moment(expression, "<", start), _moment(expression, ">=", end)])
    asked = [_moment(expression, ">=", start), _moment(expression, "<", end)]
    return joined(" AND ", [*_begun(expression, start, end, is_rare), *asked])


def _begun(expression: Condition, start: datetime | None, end: datetime | None, is_rare: IsRare) -> list[Condition]:
    """Return the condition on the few runs that an index finds about a span of time; none where they are many.

    Texts are in the order of time but for time zones: a day on either side makes up for those.
    """
    if expression[0] != "s.started_at":
        return []
    bounds = [
        *([("i.started_at >= ?", max(start, _EARLIEST) - _DAY)] if start else []),
        *([("i.started_at < ?", min(end, _LATEST) + _DAY)] if end else []),
    ]
    select = f"SELECT i.run_id FROM summary i WHERE {' AND '.join(test for test, _ in bounds)}"
    parameters = tuple(moment.date().isoformat() for _, moment in bounds)
    return [(f"r.id IN ({select})", parameters)] if is_rare(select, parameters) else []
