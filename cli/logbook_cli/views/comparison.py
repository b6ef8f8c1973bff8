"""Runs side by side, one column a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook.history.spark import chart, needs_log_axis
from logbook_cli.views.findings import findings_line
from logbook_cli.views.run import curve_look
from logbook_cli.views.runs import STATUS_STYLES
from logbook_cli.views.table import Cell, Column, Table, render_text, split_to
from logbook_cli.views.text import Ink, clean, cut, show_number, show_seconds, show_value

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook_schemas.records.comparison import ComparedRun, Comparison, MetricValues, Setting

__all__ = ["comparison_table", "comparison_view"]

_LONGEST_VALUE = 40
_MANY, _LONGEST_OF_MANY = 5, 20
"""From so many runs on their values are cut shorter, so that more of them stand beside each other."""
_MOST_CURVES = 6
"""Curves that a terminal has marks for."""
_MOST_FILES = 5
_MARKS: dict[str, tuple[str, ...]] = {" better)": ("green",), " worse)": ("red",)}


def comparison_view(comparison: Comparison, *, ink: Ink, width: int | None = None, draws_unicode: bool = True) -> str:
    """Return the table, the curves, the findings of each run, and the one cause where there is one."""
    parts = split_to(_side_by_side(comparison), width)
    table = "\n\n".join(render_text(part, ink=ink, width=width) for part in parts)
    curves = _curves(comparison, ink, draws_unicode)
    sentence = ink.paint(clean(comparison.sentence), "bold")
    told = [_kinds(comparison), _code(comparison), _seeds(comparison), _findings(comparison)]
    return "\n\n".join(part for part in (table, curves, *map("\n".join, told), sentence) if part)


def comparison_table(comparison: Comparison) -> Table:
    """Return the comparison as data, for a spreadsheet: one row a run, full figures."""
    columns = [Column(name=name) for name in ("id", "words", "version", "status")]
    columns += [Column(name=name, is_number=True) for name in ("epochs", "seconds")] + [Column(name="outcome")]
    columns += [Column(name=name) for name in ("code", "data", "environment", "findings")]
    columns += [Column(name=name, is_number=True) for name in ("replicates", "mean", "deviation", "p")]
    columns += [Column(name=setting.path, show=_exact) for setting in comparison.settings]
    for metric in comparison.metrics:
        columns += [Column(name=f"{metric.name}.{what}", is_number=True) for what in ("best", "best_epoch", "last")]
    return Table(tuple(columns), [_data_row(comparison, index) for index, _ in enumerate(comparison.runs)])


def _data_row(comparison: Comparison, index: int) -> list[Cell]:
    run, summary = comparison.runs[index], comparison.runs[index].summary
    row: list[Cell] = [summary.id, summary.words, f"{summary.name}@{summary.version}", summary.status]
    row += [summary.epochs, summary.seconds, summary.verdict, run.code, run.data, run.environment, _names(run)]
    together = run.replicates
    row += [together.runs, together.mean, together.deviation] if together else [None, None, None]
    row += [run.noise.p if run.noise else None]
    row += [_plain(setting.values[index]) for setting in comparison.settings]
    for metric in comparison.metrics:
        row += [metric.best[index], metric.best_epochs[index], metric.last[index]]
    return row


def _exact(cell: Cell) -> str:
    return "" if cell is None else clean(cell)


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
    text = str(cell)
    for ending, style in _MARKS.items():
        if text.endswith(ending):
            return style
    return STATUS_STYLES.get(text, ())


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
    """Yield the settings that differ; what a run lacks, or has at null, is empty, and a row of nothing is no row."""
    for setting in settings:
        longest = _LONGEST_VALUE if len(setting.values) < _MANY else _LONGEST_OF_MANY
        shown = ["" if value is None else cut(show_value(value), longest) for value in setting.values]
        if any(shown):
            yield [f"{setting.path} ({setting.effect})" if setting.effect else setting.path, *shown]


def _result_rows(comparison: Comparison) -> Iterator[list[Cell]]:
    for metric in comparison.metrics:
        marks = comparison.has_baseline
        yield [f"{metric.name} best", *(_best(metric, index, marks=marks) for index, _ in enumerate(comparison.runs))]
        yield [f"{metric.name} last", *(show_number(value) for value in metric.last)]


def _best(metric: MetricValues, index: int, *, marks: bool) -> str:
    value, epoch, gain = metric.best[index], metric.best_epochs[index], metric.gain[index]
    if value is None:
        return ""
    if not index or gain is None:
        return f"{show_number(value)} @{epoch}"
    mark = f" {'better' if (gain < 0) == (metric.mode == 'min') else 'worse'}" if marks and gain else ""
    return f"{show_number(value)} @{epoch} ({show_number(gain, signed=True)}{mark})"


def _curves(comparison: Comparison, ink: Ink, draws_unicode: bool) -> str:
    series = {}
    for run in comparison.runs[:_MOST_CURVES]:
        is_validated = any(value is not None for value in run.validation_curve)
        name = f"{run.summary.id} {'val_loss' if is_validated else 'train_loss'}"
        series[name] = run.validation_curve if is_validated else run.train_curve
    if max((len(values) for values in series.values()), default=0) < 2:
        return ""
    look = curve_look(len(series), ink=ink, draws_unicode=draws_unicode)
    drawn = chart(series, log=needs_log_axis(series.values()), look=look, paint=ink.curve)
    left_out = len(comparison.runs) - len(series)
    return f"{drawn}\n{left_out} more curves: --plot FILE draws all" if left_out else drawn


def _kinds(comparison: Comparison) -> Iterator[str]:
    """Say that a person's own loop is held against trainings of ours: of their settings only a part is told."""
    own = [run.summary.id for run in comparison.runs if run.summary.kind == "own"]
    if own and len(own) < len(comparison.runs):
        yield f"{', '.join(own)}: a loop of one's own, whose settings aren't those of the others"


def _code(comparison: Comparison) -> Iterator[str]:
    """Yield what was changed in the code of each run since the first, and what was committed."""
    for run in comparison.runs[1:]:
        if run.changed_files:
            named, more = run.changed_files[:_MOST_FILES], len(run.changed_files) - _MOST_FILES
            rest = f" and {more} more" if more > 0 else ""
            yield f"{run.summary.id} changed files: {', '.join(map(clean, named))}{rest}"
        for commit in run.commits:
            yield f"{run.summary.id} commit: {clean(commit)}"


def _seeds(comparison: Comparison) -> Iterator[str]:
    """Yield mean and deviation over the seeds of each run, and whether recipes differ by more than these."""
    told = set()
    for run in comparison.runs:
        found = run.replicates
        if found is None or (run.summary.recipe_hash, found) in told:
            continue
        told.add((run.summary.recipe_hash, found))
        yield (
            f"{run.summary.id} {clean(found.metric)} over {found.runs} seeds: mean {show_number(found.mean)},"
            f" deviation {show_number(found.deviation)} ({show_number(found.low)} to {show_number(found.high)})"
            f"{_beside_noise(run)}"
        )


def _beside_noise(run: ComparedRun) -> str:
    if run.noise is None:
        return ""
    verb = "exceeds" if run.noise.is_exceeded else "doesn't exceed"
    difference = show_number(run.noise.difference, signed=True)
    return f"; {difference} {verb} the noise between seeds (Welch's t-test, p = {run.noise.p:.2g})"


def _findings(comparison: Comparison) -> Iterator[str]:
    for run in comparison.runs:
        yield f"{run.summary.id} findings: {findings_line(run.findings) or 'none'}"


def _names(run: ComparedRun) -> str:
    names = (f"{finding.code} {finding.name}" for finding in run.findings if finding.ignored is None)
    return ", ".join(dict.fromkeys(names))
