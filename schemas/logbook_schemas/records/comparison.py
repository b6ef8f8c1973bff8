"""What sets configs, versions and runs apart: the answers of `diff` and `compare`, as data.

A difference says whether it matters. Names, hypotheses, seeds, devices, hosts and command lines differ between
runs all the time and explain no result: they are told, marked, and last.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.runs import RunSummary

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

Kind = Literal["changed", "added", "removed"]
Verdict = Literal["same", "different", "unknown"]


class Change(Record):
    """One path that differs. `added` is on the right only, `removed` on the left only."""

    path: str
    kind: Kind
    left: JsonValue = None
    right: JsonValue = None
    matters: bool = Field(True, description="whether it can change a result")


class FileChange(Record):
    """One source file that differs; `text` is the unified diff, empty where a content isn't kept as text."""

    path: str
    kind: Kind
    text: str = ""


class CodeDiff(Record):
    """The code of two runs: the person's own files, and the packages that they loaded."""

    verdict: Verdict
    files: tuple[FileChange, ...] = ()
    packages: tuple[Change, ...] = ()


class DataDiff(Record):
    """The data of two runs by their fingerprints; fingerprints of different methods say nothing: `unknown`."""

    verdict: Verdict
    reason: str = ""
    splits: dict[str, Verdict] = {}


class Diff(Record):
    """Two configs, versions or runs. What only runs have is None where one side is no run."""

    left: str
    right: str
    config: tuple[Change, ...]
    same_recipe: bool
    code: CodeDiff | None = None
    data: DataDiff | None = None
    environment: tuple[Change, ...] | None = None
    git: tuple[Change, ...] | None = None


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
