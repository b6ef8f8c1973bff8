"""The JSON documents that `--json` prints. Keys are only ever added; scripts read them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.beginning import InitialWeightsRecord
from logbook_schemas.records.findings import Finding, Moment, Severity
from logbook_schemas.records.judgements import JudgementRecord
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, StartRecord
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord
from logbook_schemas.records.runs import AttemptRecord, Best, JournalEntry, Outcome, OutcomeBy, Status

__all__ = [
    "CheckDocument",
    "ErrorDocument",
    "FsckDocument",
    "RefusedDocument",
    "RuleDocument",
    "RulesDocument",
    "RunDocument",
    "RunsDocument",
]


class RunDocument(Record):
    """A run, whole: `show --json` and `run --json`."""

    id: str
    uuid: str
    words: str
    name: str
    version: int
    config_hash: str
    recipe_hash: str
    status: Status
    reason: str = ""
    error: str = ""
    seed: int | None = None
    started_at: str
    seconds: float = 0.0
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    outcome: Outcome | None = None
    outcome_reason: str = ""
    outcome_by: OutcomeBy | None = Field(None, description="who says so: a person, or the logbook, which only suggests")
    epochs: tuple[EpochRecord, ...] = ()
    best: Best | None = None
    cause: str = Field("", description="the most probable cause in one sentence; empty where nothing is wrong")
    findings: tuple[Finding, ...] = Field((), description="in rank order, the most probable cause first")
    judgements: tuple[JudgementRecord, ...] = Field((), description="when it was judged again; the newest one counts")
    git: GitRecord | None = None
    code: CodeRecord | None = None
    environment: EnvironmentRecord | None = None
    data: DataRecord | None = None
    initial_weights: InitialWeightsRecord | None = None
    rerun_of: str = Field("", description="short id of the run that it makes again; else empty")
    start: StartRecord | None = None
    end: EndRecord | None = None
    attempts: tuple[AttemptRecord, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    config: dict[str, JsonValue] = {}


class RunsDocument(Record):
    """`ls --json` and `search --json`: the fields of `RunSummary`, and `id`, the short id; with `--columns` the `id`
    and those. `match` has the words that a search found, in brackets, with those around them."""

    runs: tuple[dict[str, JsonValue], ...]


class CheckDocument(Record):
    """`check --json`; `refused` says whether a run of this config would be stopped before training."""

    cause: str = Field("", description="the most probable cause in one sentence; empty where nothing is wrong")
    findings: tuple[Finding, ...] = ()
    refused: bool = False
    nondeterministic: tuple[str, ...] = Field(
        (),
        description="with --start: operations of the model without a deterministic kernel",
    )


class RefusedDocument(Record):
    """`run --json` of a run that was stopped before training. Nothing was recorded."""

    status: Literal["refused"] = "refused"
    reason: str
    findings: tuple[Finding, ...] = ()


class ThresholdDocument(Record):
    """A number that a rule decides by: its value where a config sets none, what it bounds, and the source."""

    value: float
    about: str


class RuleDocument(Record):
    """A rule of the checklist: `rule NAME --json`. `statistics` say how it fared in this logbook."""

    code: str
    name: str
    severity: Severity
    moment: Moment
    title: str
    why: str
    source: str
    doc: str
    version: int
    explains: tuple[str, ...] = ()
    topic: str = ""
    thresholds: dict[str, ThresholdDocument] = Field({}, description="by name, as `checks.thresholds` sets them")
    statistics: dict[str, JsonValue] = Field(
        {},
        description="of `runs` it `fired` in and was `ignored` in; `statuses` and `outcomes` of those; the `latest`",
    )


class RulesDocument(Record):
    """All rules: `rule --json`, without statistics."""

    rules: tuple[RuleDocument, ...]


class FsckDocument(Record):
    """What is damaged, a line each: `fsck --json`."""

    problems: tuple[str, ...] = ()
    rebuilt: bool = Field(False, description="whether the derived tables were made anew before (--rebuild)")


class Failure(Record):
    """Why a command failed, its exit status, and each problem of a config."""

    message: str
    status: int
    problems: tuple[str, ...] = ()


class ErrorDocument(Record):
    """What any command prints with `--json` where it fails."""

    error: Failure
