"""What runs have in fields that a person names: `--columns lr,val_loss@10,outcome`."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from logbook.errors import UsageError
from logbook.store.packing import unpacked_column
from logbook.store.payloads import refusing_damage
from logbook.store.search.catalog import Catalog
from logbook.store.search.expressions import AT_EPOCH_KIND, STATUS, at_epoch, metric_at
from logbook.store.search.fields import ATTRIBUTES, AtEpoch, Attribute, Field, Metric, Settings, Words, wanted_field
from logbook.store.search.language import problem

__all__ = ["Cell", "read_columns"]

Cell = str | int | float | bool | None | list[object]

MAX_COLUMNS = 60

_NAME = re.compile(r'\s*("(?:[^"\\]|\\.)+"|[^\s,"]+)\s*(?:,|$)')
_EACH = "SELECT r.id, {} FROM json_each(?) n CROSS JOIN run r ON r.id = n.value CROSS JOIN summary s ON s.run_id = r.id"
_WORDS = {
    "tag": "SELECT run_id, trim(tags) FROM summary WHERE tags <> '' AND run_id IN ({0})",
    "rule": "SELECT run_id, name FROM standing_finding WHERE run_id IN ({0}) GROUP BY run_id, name ORDER BY min(id)",
    "finding": (
        f"SELECT run_id, json_extract({unpacked_column('finding', 'f')}, '$.message')"
        " FROM standing_finding f WHERE run_id IN ({0}) ORDER BY id"
    ),
    "note": "SELECT run_id, text FROM journal WHERE kind = 'note' AND run_id IN ({0}) ORDER BY id",
}
_BETWEEN = {"tag": " ", "rule": " ", "finding": "; ", "note": "; "}


def read_columns(
    connection: sqlite3.Connection,
    numbers: Sequence[int],
    columns: str,
    *,
    now: datetime | None = None,
    crashed: Callable[[], Collection[int]] = tuple,
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Return the names of the columns, and for each run what it has in them: None where it has nothing.

    `columns` are fields of the query language with commas between them; a name with blanks or commas is written in
    quotes. Raises UsageError, with the place marked, for a field that isn't there.
    """
    catalog = Catalog(connection)
    fields = [(name, wanted_field(name, catalog, columns, place)) for name, place in _names(columns)]
    reading = _Reading(connection, list(numbers), now or datetime.now(UTC), crashed)
    cells = [reading.cells(field) for _, field in fields]
    return tuple(name for name, _ in fields), [tuple(column.get(number) for column in cells) for number in numbers]


def _names(columns: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    place = 0
    while place < len(columns) or not found:
        match = _NAME.match(columns, place)
        if match is None:
            hint = "write fields with commas between them: lr,val_loss.last,outcome"
            raise problem(columns, place, "a field is expected here", hint)
        name = match[1]
        found.append((re.sub(r"\\(.)", r"\1", name[1:-1]) if name[0] == '"' else name, match.start(1)))
        place = match.end()
    if len(found) > MAX_COLUMNS:
        raise UsageError(f"{len(found)} columns were asked for; the limit is {MAX_COLUMNS}")
    return found


class _Reading:
    def __init__(
        self,
        connection: sqlite3.Connection,
        numbers: list[int],
        now: datetime,
        crashed: Callable[[], Collection[int]],
    ) -> None:
        self._connection = connection
        self._numbers = json.dumps(numbers)
        self._now = now
        self._crashed = crashed

    def cells(self, field: Field) -> dict[int, Cell]:
        """Return what each run that has something in a field has there, by the run's number."""
        match field:
            case Attribute():
                return self._attribute(field)
            case Metric(name, moment):
                rows = self._each(f"{metric_at(moment)}, {metric_at(f'{moment}_kind')}", (name,) * 4)
                return {number: math.nan if kind == "nan" else value for number, value, kind in rows}
            case AtEpoch():
                value, kind = at_epoch(field), at_epoch(field, AT_EPOCH_KIND)
                rows = self._each(f"{value[0]}, {kind[0]}", (*value[1], *kind[1]))
                return {number: math.nan if kind == "nan" else value for number, value, kind in rows}
            case Settings(path_ids, _):
                return self._settings(path_ids)
            case Words(name):
                return self._words(name)

    def _each(self, expression: str, parameters: tuple[object, ...]) -> list[tuple[int, Cell, str]]:
        return self._connection.execute(_EACH.format(expression), (*parameters, self._numbers)).fetchall()

    def _attribute(self, field: Attribute) -> dict[int, Cell]:
        if field is ATTRIBUTES["id"]:
            return {number: f"r{number}" for number in json.loads(self._numbers)}
        if field is ATTRIBUTES["status"]:
            crashed = json.dumps(sorted(self._crashed()))
            return {number: value for number, value, _ in self._each(f"{STATUS}, ''", (crashed,))}
        if field.holds == "best":
            # Summaries keep NaN as NULL, and the metric itself says which of the two it is.
            kind = (
                "(SELECT m.best_kind FROM run_metric m WHERE m.run_id = s.run_id AND m.name = s.monitor_metric"
                " AND s.best_value IS NULL)"
            )
            rows = self._each(f"{field.sql}, {kind}", ())
            return {number: math.nan if kind == "nan" else value for number, value, kind in rows}
        found = {number: value for number, value, _ in self._each(f"{field.sql}, ''", ())}
        return {number: self._age(value) for number, value in found.items()} if field.holds == "age" else found

    def _age(self, started: Cell) -> Cell:
        """Return the seconds since a run started, as `age` compares them."""
        moment = datetime.fromisoformat(str(started))
        return round((self._now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).total_seconds(), 3)

    def _settings(self, path_ids: tuple[int, ...]) -> dict[int, Cell]:
        """Several paths stand behind one name where each run has at most a few of them: data=sklearn, data=digits."""
        found: dict[int, list[Cell]] = {}
        select = (
            "SELECT r.id, l.kind, l.num, l.txt FROM json_each(?) n CROSS JOIN run r ON r.id = n.value"
            " CROSS JOIN config_leaf l ON l.config_id = r.config_id AND l.path_id = ?"
        )
        for path_id in path_ids:
            for number, kind, value, text in self._connection.execute(select, (self._numbers, path_id)):
                found.setdefault(number, []).append(_leaf(kind, value, text))
        return {number: cells[0] if len(cells) == 1 else " ".join(map(str, cells)) for number, cells in found.items()}

    def _words(self, name: str) -> dict[int, Cell]:
        found: dict[int, list[str]] = {}
        select = _WORDS[name].format("SELECT value FROM json_each(?)")
        for number, text in self._connection.execute(select, (self._numbers,)):
            found.setdefault(number, []).append(str(text))
        return {number: _BETWEEN[name].join(dict.fromkeys(texts)) for number, texts in found.items()}


@refusing_damage("setting")
def _leaf(kind: str, value: float | None, text: str | None) -> Cell:
    match kind:
        case "number":
            return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value
        case "text":
            return text
        case _:
            leaf: Cell = json.loads(text if kind == "json" and text is not None else kind)
            return leaf
