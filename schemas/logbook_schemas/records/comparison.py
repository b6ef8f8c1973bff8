"""Runs side by side: the answer of `compare`, as data. What sets two of them apart is in `difference`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.difference import Change, CodeDiff, DataDiff, Diff, FileChange, Kind, Verdict, effect_of
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.replicates import Noise, Spread
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
    "Noise",
    "Setting",
    "Spread",
    "Verdict",
]


class Setting(Record):
    """One config path whose values differ; one value a run, null where the run has no such path."""

    path: str
    values: tuple[JsonValue, ...]
    matters: bool = True

    @property
    def effect(self) -> str:
        """What it does to a result, where it explains none: "chance" or "no effect"."""
        return effect_of(self.path, matters=self.matters)


class MetricValues(Record):
    """One number of several runs. `best` is the best by `mode`; `gain` is a run's best less the first run's."""

    name: str
    mode: Literal["min", "max"]
    best: tuple[float | None, ...]
    best_epochs: tuple[int | None, ...]
    last: tuple[float | None, ...]
    gain: tuple[float | None, ...]


class ComparedRun(Record):
    """One column of a comparison. The verdicts, `noise` and what changed are against the first run, the baseline.

    `replicates` are the runs of the same recipe, code and data, the newest of each seed and fold; None where this run
    is the only one.
    """

    summary: RunSummary
    findings: tuple[Finding, ...] = ()
    code: Verdict = "unknown"
    data: Verdict = "unknown"
    environment: Verdict = "unknown"
    changed_files: tuple[str, ...] = Field((), description="files of the person's code that differ")
    commits: tuple[str, ...] = Field((), description="commits since the first run's, newest first")
    replicates: Spread | None = None
    noise: Noise | None = Field(None, description="whether the recipes differ by more than their seeds do")
    train_curve: tuple[float | None, ...] = Field((), description="train loss by epoch")
    validation_curve: tuple[float | None, ...] = Field((), description="validation loss by epoch")


class Comparison(Record):
    """Two or more runs: what was asked for, what came out, what the checklist said."""

    runs: tuple[ComparedRun, ...]
    settings: tuple[Setting, ...] = ()
    metrics: tuple[MetricValues, ...] = ()
    environment: tuple[Setting, ...] = ()
    sentence: str = Field("", description="what explains the difference, where exactly one thing differs")
    has_baseline: bool = Field(False, description="whether the first run is what the others are to beat")
