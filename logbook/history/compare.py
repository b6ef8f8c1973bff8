"""Runs side by side: what was asked for, what came out, what the checklist said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from logbook.history.diff import diff_code, diff_configs, diff_data, diff_environment, environment_verdict
from logbook.history.explained import explained
from logbook.history.replicates import noise, spread
from logbook_schemas.checklist.ranking import rank
from logbook_schemas.config.leaves import flatten
from logbook_schemas.records.comparison import Change, CodeDiff, ComparedRun, Comparison, MetricValues, Setting
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.runs import RunRecord
from logbook_schemas.records.summary import RunSummary

__all__ = ["best_epoch", "compare"]

Mode = Literal["min", "max"]

_LOSSES = ("train_loss", "train_loss_eval", "val_loss")


def compare(
    runs: Sequence[RunRecord],
    *,
    replicates: Mapping[int, Sequence[RunSummary]] | None = None,
    commits: Mapping[int, tuple[str, ...]] | None = None,
    has_baseline: bool = False,
) -> Comparison:
    """Return the runs side by side; differences and verdicts are against the first one, which may be the baseline.

    `replicates` are the runs that repeat each one with other seeds, itself among them, by its number; `commits` what
    was committed since the first one.
    """
    settings = _settings([run.config for run in runs], [diff_configs(runs[0].config, run.config) for run in runs[1:]])
    environment = _environment(runs)
    spreads = [spread((replicates or {}).get(run.summary.number, ())) for run in runs]
    bare = [_column(run, runs[0]) for run in runs]
    others = sum(_repeats_something_else(column, bare[0]) for column in bare)
    columns = tuple(
        column.model_copy(
            update={
                "replicates": found,
                "noise": noise(spreads[0], found, comparisons=others)
                if _repeats_something_else(column, bare[0])
                else None,
                "commits": (commits or {}).get(column.summary.number, ()),
            }
        )
        for column, found in zip(bare, spreads, strict=True)
    )
    return Comparison(
        runs=columns,
        settings=settings,
        metrics=tuple(_metrics(runs)),
        environment=environment,
        sentence=explained(runs, settings, environment, columns),
        has_baseline=has_baseline,
    )


def best_epoch(epochs: Iterable[EpochRecord], metric: str, mode: Mode) -> tuple[int | None, float | None]:
    """Return the epoch at which a number was best, and the number; the first of equals. None where it never is."""
    known = [(value, record.epoch) for record in epochs if (value := value_of(record, metric)) is not None]
    finite = [(value, epoch) for value, epoch in known if math.isfinite(value)]
    if not finite:
        return None, None
    best = (min if mode == "min" else max)(finite, key=lambda pair: pair[0])
    return best[1], best[0]


def value_of(record: EpochRecord, metric: str) -> float | None:
    """Return a loss or metric of an epoch by name; None where it wasn't measured."""
    if metric in _LOSSES:
        loss: float | None = getattr(record, metric)
        return loss
    return record.metrics.get(metric)


def _repeats_something_else(column: ComparedRun, first: ComparedRun) -> bool:
    """Say whether a run's replicates are no replicates of the first: another recipe, other code or other data."""
    return column.summary.recipe_hash != first.summary.recipe_hash or "different" in (column.code, column.data)


def _column(run: RunRecord, first: RunRecord) -> ComparedRun:
    code = _code(first, run)
    return ComparedRun(
        summary=run.summary,
        findings=rank(run.findings),
        code=code.verdict,
        changed_files=tuple(file.path for file in code.files),
        data=diff_data(first.data, run.data).verdict,
        environment=environment_verdict(
            first.start_of_run.environment if first.start_of_run else None,
            run.start_of_run.environment if run.start_of_run else None,
        ),
        train_curve=tuple(record.train_loss for record in run.trained),
        validation_curve=tuple(record.val_loss for record in run.trained),
    )


def _code(first: RunRecord, run: RunRecord) -> CodeDiff:
    if first.start_of_run is None or run.start_of_run is None:
        return CodeDiff(verdict="unknown")
    return diff_code(first.start_of_run.code, run.start_of_run.code)


def _settings(configs: Sequence[Mapping[str, JsonValue]], diffs: Sequence[Iterable[Change]]) -> tuple[Setting, ...]:
    """Return the paths at which any config differs from the first, those that matter first."""
    matters: dict[str, bool] = {}
    for diff in diffs:
        for change in diff:
            matters[change.path] = matters.get(change.path, False) or change.matters
    leaves = [dict(flatten(dict(config))) for config in configs]
    paths = sorted(matters, key=lambda path: not matters[path])
    return tuple(
        Setting(path=path, values=tuple(flat.get(path) for flat in leaves), matters=matters[path]) for path in paths
    )


def _environment(runs: Sequence[RunRecord]) -> tuple[Setting, ...]:
    records = [run.start_of_run.environment if run.start_of_run else None for run in runs]
    first = records[0]
    if first is None or any(record is None for record in records):
        return ()
    dumps = [record.model_dump(mode="json") for record in records if record is not None]
    return _settings(dumps, [diff_environment(first, record) for record in records[1:] if record is not None])


def _metrics(runs: Sequence[RunRecord]) -> Iterator[MetricValues]:
    from logbook_schemas.config.metrics import direction

    modes = {name: mode for run in runs if run.data for name, mode in run.data.metric_modes.items()}
    measured = dict.fromkeys(name for run in runs for record in run.trained for name in record.metrics)
    for name in [*_LOSSES, *measured]:
        mode = direction(name, modes)
        best = [best_epoch(run.trained, name, mode) for run in runs]
        last = tuple(value_of(run.trained[-1], name) if run.trained else None for run in runs)
        if all(value is None for value in last) and all(epoch is None for epoch, _ in best):
            continue
        values = tuple(value for _, value in best)
        yield MetricValues(
            name=name,
            mode=mode,
            best=values,
            best_epochs=tuple(epoch for epoch, _ in best),
            last=last,
            gain=tuple(None if value is None or values[0] is None else value - values[0] for value in values),
        )
