"""Runs side by side, one column a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook.history.spark import chart
from logbook_cli.views.findings import findings_line
from logbook_cli.views.run import curve_look
from logbook_cli.views.runs import STATUS_STYLES
from logbook_cli.views.table import Cell, Column, Table, render_text
from logbook_cli.views.text import Ink, clean, cut, show_number, show_seconds, show_value

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook_schemas.records.comparison import ComparedRun, Comparison, MetricValues, Setting

__all__ = ["comparison_table", "comparison_view"]

_LONGEST_VALUE = 40


def comparison_view(comparison: Comparison, *, ink: Ink, width: int | None = None, draws_unicode: bool = True) -> str:
    """Return the table, the curves, the findings of each run, and the one cause where there is one."""
    table = render_text(_side_by_side(comparison), ink=ink, width=width)
    curves = _curves(comparison, ink, draws_unicode)
    sentence = ink.paint(clean(comparison.sentence), "bold")
    return "\n\n".join(part for part in (table, curves, "\n".join(_findings(comparison)), sentence) if part)


def comparison_table(comparison: Comparison) -> Table:
    """Return the comparison as data, for a spreadsheet: one row a run, full figures."""
    columns = [Column(name=name) for name in ("id", "words", "version", "status", "epochs", "seconds", "outcome")]
    columns += [Column(name=name) for name in ("code", "data", "environment", "findings")]
    columns += [Column(name=setting.path) for setting in comparison.settings]
    for metric in comparison.metrics:
        columns += [Column(name=f"{metric.name}.{what}", is_number=True) for what in ("best", "best_epoch", "last")]
    return Table(tuple(columns), [_data_row(comparison, index) for index, _ in enumerate(comparison.runs)])


def _data_row(comparison: Comparison, index: int) -> list[Cell]:
    run, summary = comparison.runs[index], comparison.runs[index].summary
    row: list[Cell] = [summary.id, summary.words, f"{summary.name}@{summary.version}", summary.status]
    row += [summary.epochs, summary.seconds, summary.verdict, run.code, run.data, run.environment, _names(run)]
    row += [_plain(setting.values[index]) for setting in comparison.settings]
    for metric in comparison.metrics:
        row += [metric.best[index], metric.best_epochs[index], metric.last[index]]
    return row


def _plain(value: JsonValue) -> Cell:
    """Return a config value as a cell: a text as it is, what has no plain form as JSON."""
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    return show_value(value)


def _side_by_side(comparison: Comparison) -> Table:
    """Return the comparison for people: one column a run, one row a setting or number."""
    heads = [Column(name=clean(f"{run.summary.id} {run.summary.words}"), style=_styled) for run in comparison.runs]
    rows = [*_summary_rows(comparison), *_setting_rows(comparison.settings), *_result_rows(comparison)]
    return Table((Column(name="", is_flexible=True), *heads), rows)


def _styled(cell: Cell) -> tuple[str, ...]:
    return STATUS_STYLES.get(str(cell), ())


def _summary_rows(comparison: Comparison) -> Iterator[list[Cell]]:
    runs = comparison.runs
    yield ["version", *(f"{run.summary.name}@{run.summary.version}" for run in runs)]
    yield ["status", *(run.summary.status for run in runs)]
    yield ["epochs", *(str(run.summary.epochs) for run in runs)]
    yield ["time", *(show_seconds(run.summary.seconds) for run in runs)]
    yield ["outcome", *(run.summary.verdict for run in runs)]
    for name in ("code", "data", "environment"):
        yield [name, "", *(getattr(run, name) for run in runs[1:])]


def _setting_rows(settings: Sequence[Setting]) -> Iterator[list[Cell]]:
    for setting in settings:
        mark = "" if setting.matters else " (no effect)"
        yield [f"{setting.path}{mark}", *(cut(show_value(value), _LONGEST_VALUE) for value in setting.values)]


def _result_rows(comparison: Comparison) -> Iterator[list[Cell]]:
    for metric in comparison.metrics:
        yield [f"{metric.name} best", *(_best(metric, index) for index, _ in enumerate(comparison.runs))]
        yield [f"{metric.name} last", *(show_number(value) for value in metric.last)]


def _best(metric: MetricValues, index: int) -> str:
    value, epoch, gain = metric.best[index], metric.best_epochs[index], metric.gain[index]
    if value is None:
        return ""
    difference = f" ({show_number(gain, signed=True)})" if index and gain is not None else ""
    return f"{show_number(value)} @{epoch}{difference}"


def _curves(comparison: Comparison, ink: Ink, draws_unicode: bool) -> str:
    series = {}
    for run in comparison.runs:
        is_validated = any(value is not None for value in run.validation_curve)
        name = f"{run.summary.id} {'val_loss' if is_validated else 'train_loss'}"
        series[name] = run.validation_curve if is_validated else run.train_curve
    if max((len(values) for values in series.values()), default=0) < 2:
        return ""
    return chart(series, look=curve_look(len(series), ink=ink, draws_unicode=draws_unicode), paint=ink.curve)


def _findings(comparison: Comparison) -> Iterator[str]:
    for run in comparison.runs:
        yield f"{run.summary.id} findings: {findings_line(run.findings) or 'none'}"


def _names(run: ComparedRun) -> str:
    names = (f"{finding.code} {finding.name}" for finding in run.findings if finding.ignored is None)
    return ", ".join(dict.fromkeys(names))
