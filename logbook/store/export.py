"""What is recorded, as rows: one table of runs, epochs, settings, findings or journal, row by row as it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from logbook.store import statements
from logbook.store.curves import counting_payloads
from logbook.store.payloads import refusing_damage
from logbook.store.schema import MEASURES

if TYPE_CHECKING:
    from logbook.store.reader import Reader

__all__ = ["TABLES", "ExportColumn", "Rows", "Value", "export_columns", "export_rows"]

Value = str | int | float | None
Rows = Iterator[tuple[Value, ...]]


class ExportColumn(NamedTuple):
    """A column and what it holds; any may be missing in a row."""

    name: str
    holds: Literal["text", "integer", "number"] = "text"


_SETTINGS = (
    "SELECT 'r' || r.id, p.path, l.kind, CASE l.kind WHEN 'number' THEN NULL WHEN 'text' THEN l.txt WHEN 'json'"
    " THEN l.txt ELSE l.kind END, l.num FROM json_each(?) n CROSS JOIN run r ON r.id = n.value"
    " CROSS JOIN config_leaf l ON l.config_id = r.config_id CROSS JOIN config_path p ON p.id = l.path_id"
    " ORDER BY r.id, p.path"
)
_METRICS = "SELECT DISTINCT name FROM run_metric WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY name"
_FINDING = (
    *("moment", "code", "name", "severity", "where", "message", "measured", "expected", "why", "remedy", "source"),
    *("explained_by", "ignored"),
)


def export_columns(reader: Reader, what: str, numbers: Sequence[int]) -> tuple[ExportColumn, ...]:
    """Return the columns of a table of `TABLES`; that of epochs has one for each metric of these runs."""
    return TABLES[what][0](reader, numbers)


def export_rows(reader: Reader, what: str, numbers: Sequence[int]) -> Generator[tuple[Value, ...], None, None]:
    """Yield the rows of a table, those of each run in their own order; all are of one moment."""
    with reader.connection():
        yield from TABLES[what][1](reader, numbers)


def _run_columns(*_: object) -> tuple[ExportColumn, ...]:
    from logbook_schemas.records.summary import RunSummary

    fields = ((name, field.annotation) for name, field in RunSummary.model_fields.items())
    return ExportColumn("id"), *(ExportColumn(name, _held(annotation)) for name, annotation in fields)


def _held(annotation: Any) -> Literal["text", "integer", "number"]:
    kinds = {annotation, *get_args(annotation)}
    return "number" if float in kinds else "integer" if int in kinds else "text"


def _run_rows(reader: Reader, numbers: Sequence[int]) -> Rows:
    names = [column.name for column in _run_columns()[1:]]
    for start in range(0, len(numbers), 1_000):
        for run in reader.among(numbers[start : start + 1_000]):
            values = (getattr(run, name) for name in names)
            yield run.id, *(" ".join(value) if isinstance(value, tuple) else value for value in values)


def _epoch_columns(reader: Reader, numbers: Sequence[int]) -> tuple[ExportColumn, ...]:
    names = ("id", "text"), ("phase", "text"), ("epoch", "integer"), ("steps", "integer")
    floats = (ExportColumn(name, "number") for name in (*MEASURES, *_metrics(reader, numbers)))
    return *(ExportColumn(name, holds) for name, holds in names), *floats  # type: ignore[arg-type]


def _metrics(reader: Reader, numbers: Sequence[int]) -> list[str]:
    with reader.connection() as raw:
        found = [str(name) for (name,) in raw.execute(_METRICS, (json.dumps(list(numbers)),))]
    return [name for name in found if name not in (*MEASURES, "id", "phase", "epoch", "steps")]


def _epoch_rows(reader: Reader, numbers: Sequence[int]) -> Rows:
    metrics = _metrics(reader, numbers)
    with reader.connection() as raw:
        for number in numbers:
            for text in counting_payloads(raw.execute(statements.CURVE_ROWS, (number,))):
                with refusing_damage("EpochRecord"):
                    epoch = {"seconds": 0.0, **json.loads(text)}
                    measured = epoch.get("metrics", {})
                    values = (*map(epoch.get, MEASURES), *map(measured.get, metrics))
                    # NaN and infinities are stored by name, which float() reads.
                    numbers_ = [None if value is None else float(value) for value in values]
                    row = f"r{number}", epoch.get("phase", "train"), epoch["epoch"], epoch.get("steps", 0), *numbers_
                yield row


def _setting_columns(*_: object) -> tuple[ExportColumn, ...]:
    return *map(ExportColumn, ("id", "path", "kind", "text")), ExportColumn("number", "number")


def _setting_rows(reader: Reader, numbers: Sequence[int]) -> Rows:
    with reader.connection() as raw:
        yield from raw.execute(_SETTINGS, (json.dumps(list(numbers)),))


def _finding_columns(*_: object) -> tuple[ExportColumn, ...]:
    return ExportColumn("id"), ExportColumn("epoch", "integer"), *map(ExportColumn, _FINDING)


def _finding_rows(reader: Reader, numbers: Sequence[int]) -> Rows:
    for number in numbers:
        for finding in reader.findings(number):
            yield f"r{number}", finding.epoch, *(_text(getattr(finding, name)) for name in _FINDING)


def _text(value: Any) -> str | None:
    from logbook_schemas.records.stored import plain

    return value if value is None or isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def _journal_columns(*_: object) -> tuple[ExportColumn, ...]:
    return tuple(map(ExportColumn, ("id", "at", "kind", "text", "reason", "author")))


def _journal_rows(reader: Reader, numbers: Sequence[int]) -> Rows:
    for number in numbers:
        for entry in reader.journal(number):
            yield f"r{number}", entry.at, entry.kind, entry.text, entry.reason, entry.author


_Columns = Callable[["Reader", Sequence[int]], tuple[ExportColumn, ...]]
_Read = Callable[["Reader", Sequence[int]], Rows]

TABLES: dict[str, tuple[_Columns, _Read]] = {
    "runs": (_run_columns, _run_rows),
    "epochs": (_epoch_columns, _epoch_rows),
    "settings": (_setting_columns, _setting_rows),
    "findings": (_finding_columns, _finding_rows),
    "journal": (_journal_columns, _journal_rows),
}
"""What can be exported: the columns of each table, and its rows."""
