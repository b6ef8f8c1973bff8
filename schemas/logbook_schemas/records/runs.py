"""A run as the store returns it: its identity, its attempts, its epochs, what was found and what people said."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, StartRecord, Status
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord

__all__ = [
    "OUTCOMES",
    "AttemptRecord",
    "Best",
    "ErrorRecord",
    "HistoryRecord",
    "JournalEntry",
    "Outcome",
    "PastRun",
    "RunRecord",
    "RunSummary",
    "StartOfRun",
    "Status",
    "VersionRecord",
]

Outcome = Literal["dead-end", "promising", "baseline", "done", "inconclusive"]
OUTCOMES: tuple[Outcome, ...] = ("dead-end", "promising", "baseline", "done", "inconclusive")


class ErrorRecord(Record):
    """An exception that ended an attempt, shown short and kept whole."""

    message: str
    traceback: str = ""


class StartOfRun(Record):
    """What is known of a run before its first step, and stored with it."""

    config_folder: str = Field("", description="what relative paths and modules were relative to")
    config_file: str = ""
    source_blob: str | None = Field(None, description="hash of the config as the person wrote it")
    overrides: tuple[str, ...] = Field((), description="--set options")
    seed: int | None = None
    monitor: dict[str, str] = Field({}, description="metric and mode")
    metric_modes: dict[str, str] = Field({}, description="metric name to min or max")
    git: GitRecord
    environment: EnvironmentRecord
    code: CodeRecord
    forced: bool = Field(False, description="went on over error findings (--force)")
    again: bool = Field(False, description="went on over a known dead end (--again)")


class VersionRecord(Record):
    """The n-th distinct recipe under one name."""

    name: str
    number: int
    recipe_hash: str
    config_hash: str
    parent: int | None = Field(None, description="number of the version that it was derived from")
    parent_name: str = Field("", description="name of that version, where it is another")
    created_at: str = ""


class AttemptRecord(Record):
    """One uninterrupted stretch of a run."""

    number: int
    started_at: str
    ended_at: str | None = None
    host: str = ""
    pid: int = 0
    boot_id: str = ""
    device: str = ""
    resumed_from: int = Field(0, description="epoch whose checkpoint it went on from; 0 is the beginning")
    status: Status | None = None
    reason: str = ""
    error: ErrorRecord | None = None


class JournalEntry(Record):
    """What a person said of a run. The newest outcome stands; a tag stands until it is removed."""

    kind: Literal["note", "tag", "untag", "outcome"]
    text: str
    reason: str = ""
    at: str = ""
    author: str = ""


class Best(Record):
    """The best epoch by the monitored metric."""

    epoch: int
    metric: str = "val_loss"
    value: float | None = None
    val_loss: float | None = None


class RunSummary(Record):
    """One line of `ls`: derived from the rows of a run, and rebuildable from them."""

    number: int = Field(description="7 for r7")
    uuid: str
    words: str = Field(description="two words for people: amber-heron")
    name: str
    version: int
    config_hash: str
    recipe_hash: str
    kind: Literal["run", "own"] = "run"
    seed: int | None = None
    status: Status
    started_at: str
    seconds: float = 0.0
    epochs: int = 0
    monitor_metric: str = "val_loss"
    monitor_mode: str = "min"
    best_epoch: int | None = None
    best_value: float | None = None
    last_train_loss: float | None = None
    last_val_loss: float | None = None
    best_val_loss: float | None = None
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    outcome: Outcome | None = None
    outcome_reason: str = ""
    first_finding: str = Field("", description="code and name of the most probable cause")
    findings: int = 0

    @property
    def id(self) -> str:
        return f"r{self.number}"


class RunRecord(Record):
    """A run, whole."""

    summary: RunSummary
    config: dict[str, JsonValue]
    start_of_run: StartOfRun | None = None
    attempts: tuple[AttemptRecord, ...] = ()
    data: DataRecord | None = None
    start: StartRecord | None = None
    epochs: tuple[EpochRecord, ...] = Field((), description="the newest record of each epoch")
    end: EndRecord | None = None
    findings: tuple[Finding, ...] = ()
    journal: tuple[JournalEntry, ...] = ()


class PastRun(Record):
    """A run of the past as a rule or a warning sees it."""

    id: str
    name: str
    version: int
    status: Status
    seed: int | None = None
    outcome: Outcome | None = None
    outcome_reason: str = ""
    best_value: float | None = None
    monitor_metric: str = "val_loss"
    same_seed: bool = False
    same_code: bool | None = None
    same_data: bool | None = None


class HistoryRecord(Record):
    """What the past says of a config: the runs of the same recipe, newest first."""

    same_recipe: tuple[PastRun, ...] = ()
