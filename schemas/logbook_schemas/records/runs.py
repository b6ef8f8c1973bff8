"""A run as the store returns it: its identity, its attempts, its epochs, what was found and what people said."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.beginning import StartOfRun
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.judgements import JudgementRecord
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, StartRecord
from logbook_schemas.records.summary import OUTCOMES, Outcome, OutcomeBy, RunSummary, Status

__all__ = [
    "OUTCOMES",
    "AttemptRecord",
    "Best",
    "ErrorRecord",
    "HistoryRecord",
    "JournalEntry",
    "Outcome",
    "OutcomeBy",
    "PastRun",
    "PreviousRun",
    "RunRecord",
    "RunSummary",
    "StartOfRun",
    "Status",
    "VersionRecord",
]


class ErrorRecord(Record):
    """An exception that ended an attempt, shown short and kept whole."""

    message: str
    traceback: str = ""


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
    """What was said of a run: by a person, or, where it is a suggestion, by the logbook when the run ended or was
    judged again.

    A removal names a checkpoint, `best` or `last`, that `logbook gc` removed. A tag stands until it is removed; a
    suggestion without a text takes back the one before. Which outcome stands is said in `verdicts`.
    """

    kind: Literal["note", "tag", "untag", "outcome", "suggestion", "removal"]
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
    judgements: tuple[JudgementRecord, ...] = Field((), description="when it was judged again; the newest one counts")

    @property
    def trained(self) -> tuple[EpochRecord, ...]:
        """The epochs of training proper: the losses of pre-training are of another kind, and don't compare."""
        return tuple(record for record in self.epochs if record.phase == "train")


class PastRun(Record):
    """A run of the past as a rule or a warning sees it."""

    id: str
    name: str
    version: int
    status: Status
    seed: int | None = None
    fold: int | None = None
    outcome: Outcome | None = None
    outcome_reason: str = ""
    outcome_by: OutcomeBy | None = None
    best_value: float | None = None
    monitor_metric: str = "val_loss"
    same_seed: bool = False
    same_fold: bool = True
    same_code: bool | None = None
    same_data: bool | None = None


class PreviousRun(Record):
    """The newest run of the same name and another recipe, and what changed since."""

    id: str
    status: Status
    outcome: Outcome | None = None
    outcome_by: OutcomeBy | None = None
    changes: tuple[str, ...] = Field(
        (), description="config paths that differ and can change the result; a section of another kind counts once"
    )
    depth: int | None = Field(None, description="its hidden layers; None where its network isn't one of layers")


class HistoryRecord(Record):
    """What the past says of a config: the runs of the same recipe, newest first, and the run before."""

    same_recipe: tuple[PastRun, ...] = ()
    previous: PreviousRun | None = None
