"""Runs side by side: the answer of `compare`, as data. What sets two of them apart is in `difference`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.difference import Change, CodeDiff, DataDiff, Diff, FileChange, Kind, Verdict
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.summary import RunSummary

__all__ = [
    "Change",
    "CodeDiff",
    "ComparedRun",
    "Comparison",
    "DataDiff",
    "Diff",
    "FileChange",
    "Kind",
    "MetricValues",
    "Setting",
    "Verdict",
]


class Setting(Record):
    """One config path whose values differ; one value a run, null where the run has no such path."""

    path: str
    values: tuple[JsonValue, ...]
    matters: bool = True


class MetricValues(Record):
    """One number of several runs. `best` is the best by `mode`; `gain` is a run's best less the first run's."""

    name: str
    mode: Literal["min", "max"]
    best: tuple[float | None, ...]
    best_epochs: tuple[int | None, ...]
    last: tuple[float | None, ...]
    gain: tuple[float | None, ...]


class ComparedRun(Record):
    """One column of a comparison. The verdicts are against the first run."""

    summary: RunSummary
    findings: tuple[Finding, ...] = ()
    code: Verdict = "unknown"
    data: Verdict = "unknown"
    environment: Verdict = "unknown"
    train_curve: tuple[float | None, ...] = Field((), description="train loss by epoch")
    validation_curve: tuple[float | None, ...] = Field((), description="validation loss by epoch")


class Comparison(Record):
    """Two or more runs: what was asked for, what came out, what the checklist said."""

    runs: tuple[ComparedRun, ...]
    settings: tuple[Setting, ...] = ()
    metrics: tuple[MetricValues, ...] = ()
    environment: tuple[Setting, ...] = ()
    sentence: str = Field("", description="the one cause, where exactly one setting of the recipe differs")
