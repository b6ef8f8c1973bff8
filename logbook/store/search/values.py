"""What the text of a value means: a number, a point in time, a span, a JSON list."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta

from logbook.store.search.language import Value

__all__ = ["SPANS", "is_whole", "like_pattern", "read_date", "read_json", "read_number", "read_span"]

SPANS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}
"""Seconds in a unit; a year is 365 days, a month has no fixed length and is left out."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_NAMED = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf}
# Compiled when first asked for: most searches name no time.
_SPAN = r"(\d+\.?\d*|\.\d+)([smhdwy])"
_DATE = (
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d{1,6})?)?)?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?"
)
_STEPS = {"day": timedelta(days=1), "minute": timedelta(minutes=1), "second": timedelta(seconds=1)}


def read_number(value: Value) -> float | None:
    """Return the number that is written, NaN and infinities by name, or None where it is no number.

    Raises OverflowError for a number that a float can't hold: 1e999 is a slip, not infinity.
    """
    if value.quoted:
        return None
    if value.text.lower() in _NAMED:
        return _NAMED[value.text.lower()]
    if not _NUMBER.fullmatch(value.text):
        return None
    number = float(value.text)
    if math.isinf(number):
        raise OverflowError(value.text)
    return number


def read_span(value: Value) -> tuple[float, float] | None:
    """Return `(length, unit)` of a span such as 4w, both in seconds, or None where it is no span."""
    match = re.fullmatch(_SPAN, value.text, re.ASCII)
    if match is None:
        return None
    unit = SPANS[match[2]]
    return float(match[1]) * unit, float(unit)


def read_date(value: Value) -> tuple[datetime, datetime] | None:
    """Return the moments at which the written year, month, day, minute or second begins and ends.

    Without a zone it is UTC, as the store's own times are. None where it is no date. Raises ValueError for
    one that no calendar has: 2026-02-30.
    """
    match = re.fullmatch(_DATE, value.text, re.ASCII)
    if match is None or (match["zone"] and not match["hour"]):
        return None
    parts = {name: int(match[name]) for name in ("year", "month", "day", "hour", "minute", "second") if match[name]}
    zone = UTC if match["zone"] in (None, "Z") else datetime.strptime(match["zone"], "%z").tzinfo
    start = datetime(**{"month": 1, "day": 1, **parts}, tzinfo=zone).astimezone(UTC)
    if match["fraction"]:
        start += timedelta(seconds=float(match["fraction"]))
        return start, start + timedelta(milliseconds=1)
    return start, _end_of(start, parts)


def _end_of(start: datetime, parts: dict[str, int]) -> datetime:
    smallest = list(parts)[-1]
    if smallest in _STEPS:
        return start + _STEPS[smallest]
    year, month = parts["year"], parts.get("month", 12)
    return start.replace(year=year + month // 12, month=month % 12 + 1)


def read_json(value: Value) -> str | None:
    """Return a list or object as the store writes it, compact and with 1.0 as 1, or None where it is none."""
    if value.quoted or value.text[:1] not in ("[", "{"):
        return None
    try:
        return json.dumps(_plain(json.loads(value.text)), separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def is_whole(value: Value) -> bool:
    """Say whether what begins as a list is one, to its end and in JSON; whatever else there is, is as it is."""
    return value.quoted or not value.text.startswith("[") or read_json(value) is not None


def _plain(item: object) -> object:
    if isinstance(item, float) and item.is_integer() and abs(item) < 1e21:
        return int(item)
    if isinstance(item, list):
        return [_plain(one) for one in item]
    return {key: _plain(one) for key, one in item.items()} if isinstance(item, dict) else item


def like_pattern(text: str) -> str:
    r"""Return the LIKE pattern, to be used with `ESCAPE '\'`, that finds `text` anywhere."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
