"""The tables as SQLModel defines them; a test holds them against what the migrations make.

Nothing that answers a question imports this file: importing SQLModel takes longer than the answer may.

    config ─┬─ config_leaf ── config_path       what was asked for, whole and leaf by leaf
            └─ version ── run ─┬─ attempt, attempt_end, record, epoch, finding, judgement, journal     its chain
                               ├─ ledger         where that chain ended at an attempt's end
                               └─ summary, metric_extent, search_text   derived from the rows above
              version ── recipe_place ── recipe_setting                 derived: where each recipe lies
    blob                                         sources, diffs and lists, by what they hash to
    saved_search                                 queries that people keep

Where a table has a column `packed`, its text (`body`, `payload`) is empty where that one holds it (see `packing`).

SQLModel has no words for `search_text`, a full-text table, and for the views, which the migrations make: `run_metric`
over `metric_extent` and `live_metric` (the numbers of runs that go on, from their summaries), `standing_finding` over
`finding` and `judgement`.
"""

from __future__ import annotations

from sqlalchemy import REAL, Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

__all__ = [
    "AttemptEndRow",
    "AttemptRow",
    "BlobRow",
    "ConfigLeafRow",
    "ConfigPathRow",
    "ConfigRow",
    "EpochRow",
    "FindingRow",
    "JournalRow",
    "JudgementRow",
    "LedgerRow",
    "MetricExtentRow",
    "RecipePlaceRow",
    "RecipeSettingRow",
    "RecordRow",
    "RunRow",
    "SavedSearchRow",
    "SummaryRow",
    "VersionRow",
]


class ConfigRow(SQLModel, table=True):
    """A config as it was frozen at its first run."""

    __tablename__ = "config"

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    format: int = Field(sa_column=Column(Integer, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    created_at: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    packed: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class ConfigPathRow(SQLModel, table=True):
    """A path that some config has a leaf at."""

    __tablename__ = "config_path"

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    path: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class ConfigLeafRow(SQLModel, table=True):
    """One leaf of a config; `kind` says whether `num` or `txt` holds it."""

    __tablename__ = "config_leaf"
    __table_args__ = (
        Index("config_leaf_num", "path_id", "num", sqlite_where=text("num IS NOT NULL")),
        Index("config_leaf_txt", "path_id", "txt", sqlite_where=text("txt IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )

    config_id: int = Field(sa_column=Column(Integer, ForeignKey("config.id"), primary_key=True, nullable=False))
    path_id: int = Field(sa_column=Column(Integer, ForeignKey("config_path.id"), primary_key=True, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    num: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    txt: str | None = Field(None, sa_column=Column(Text, nullable=True))


class VersionRow(SQLModel, table=True):
    """The n-th distinct recipe under one name."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("name", "number"),
        UniqueConstraint("name", "recipe_hash"),
        Index("version_recipe", "recipe_hash"),
    )

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    recipe_hash: str = Field(sa_column=Column(Text, nullable=False))
    config_id: int = Field(sa_column=Column(Integer, ForeignKey("config.id"), nullable=False))
    parent_id: int | None = Field(None, sa_column=Column(Integer, ForeignKey("version.id"), nullable=True))
    created_at: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))


class RunRow(SQLModel, table=True):
    """One execution of a config; `r42` has the id 42."""

    __tablename__ = "run"
    __table_args__ = (
        Index("run_config", "config_id"),
        Index("run_version", "version_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    uuid: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    words: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    config_id: int = Field(sa_column=Column(Integer, ForeignKey("config.id"), nullable=False))
    version_id: int = Field(sa_column=Column(Integer, ForeignKey("version.id"), nullable=False))
    seed: int | None = Field(None, sa_column=Column(Integer, nullable=True))
    at: str = Field(sa_column=Column(Text, nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    packed: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class AttemptRow(SQLModel, table=True):
    """The beginning of one uninterrupted stretch of a run."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("run_id", "seq"), UniqueConstraint("run_id", "number"))

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AttemptEndRow(SQLModel, table=True):
    """How a stretch ended; a crash leaves none."""

    __tablename__ = "attempt_end"
    __table_args__ = (UniqueConstraint("run_id", "seq"), UniqueConstraint("run_id", "number"))

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RecordRow(SQLModel, table=True):
    """What was measured once: data, start or end."""

    __tablename__ = "record"
    __table_args__ = (UniqueConstraint("run_id", "seq"),)

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    moment: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    packed: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class EpochRow(SQLModel, table=True):
    """One epoch, with its compressed series of steps. The id is made of run and seq, so that one tree serves both."""

    __tablename__ = "epoch"
    __table_args__ = (UniqueConstraint("run_id", "phase", "epoch", "attempt"),)

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    attempt: int = Field(sa_column=Column(Integer, nullable=False))
    phase: str = Field(sa_column=Column(Text, nullable=False))
    epoch: int = Field(sa_column=Column(Integer, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    series: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    packed: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class FindingRow(SQLModel, table=True):
    """What a rule found."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("run_id", "seq"),
        Index("finding_name", "name"),
        Index("finding_code", "code"),
    )

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    attempt: int = Field(sa_column=Column(Integer, nullable=False))
    moment: str = Field(sa_column=Column(Text, nullable=False))
    epoch: int | None = Field(None, sa_column=Column(Integer, nullable=True))
    code: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    severity: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    packed: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class JudgementRow(SQLModel, table=True):
    """A run was judged again: the findings before this row no longer count, those after it do."""

    __tablename__ = "judgement"
    __table_args__ = (UniqueConstraint("run_id", "seq"), UniqueConstraint("run_id", "number"))

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class JournalRow(SQLModel, table=True):
    """What a person said of a run, or, of kind `suggestion`, the logbook itself."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("run_id", "seq"),)

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    author: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class BlobRow(SQLModel, table=True):
    """Some bytes, by the hash of what they are uncompressed."""

    __tablename__ = "blob"

    hash: str = Field(sa_column=Column(Text, primary_key=True, nullable=False))
    codec: str = Field(sa_column=Column(Text, nullable=False))
    size: int = Field(sa_column=Column(Integer, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LedgerRow(SQLModel, table=True):
    """How many rows a run had and what its chain's head was, at an attempt's end."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ledger_run", "run_id"),)

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))


class SavedSearchRow(SQLModel, table=True):
    """A query that a person keeps under a name; the newest row of a name stands, and an empty query takes it back."""

    __tablename__ = "saved_search"
    __table_args__ = (Index("saved_search_name", "name"),)

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    query: str = Field(sa_column=Column(Text, nullable=False))
    sort: str = Field(sa_column=Column(Text, nullable=False))
    columns: str = Field(sa_column=Column(Text, nullable=False))
    author: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))


class SummaryRow(SQLModel, table=True):
    """Derived: one line of `ls`. `nan_fields` names columns whose NULL is a NaN; `rows`, `head` end the chain.

    `live_metrics` keeps, while the status is `running`, what `metric_extent` has of runs that ended. Until then it and
    the other numbers cover the first `rows` rows only (see `settling`).
    """

    __tablename__ = "summary"
    __table_args__ = (
        Index("summary_name", "name", "version"),
        Index("summary_config", "config_hash"),
        Index("summary_recipe", "recipe_hash"),
        Index("summary_started", "started_at"),
        Index("summary_running", "run_id", sqlite_where=text("status = 'running'")),
        Index("summary_best", "best_value", sqlite_where=text("status <> 'running'")),
        Index("summary_seconds", "seconds", sqlite_where=text("status <> 'running'")),
        Index("summary_status", "status"),
        Index("summary_outcome", "outcome", sqlite_where=text("outcome IS NOT NULL")),
        Index("summary_tags", "tags", sqlite_where=text("tags <> ''")),
    )

    run_id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    uuid: str = Field(sa_column=Column(Text, nullable=False))
    words: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    config_hash: str = Field(sa_column=Column(Text, nullable=False))
    recipe_hash: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    seed: int | None = Field(None, sa_column=Column(Integer, nullable=True))
    started_at: str = Field(sa_column=Column(Text, nullable=False))
    hypothesis: str = Field(sa_column=Column(Text, nullable=False))
    monitor_metric: str = Field(sa_column=Column(Text, nullable=False))
    monitor_mode: str = Field(sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    error_text: str = Field(sa_column=Column(Text, nullable=False))
    epochs: int = Field(sa_column=Column(Integer, nullable=False))
    seconds: float = Field(sa_column=Column(REAL, nullable=False))
    best_epoch: int | None = Field(None, sa_column=Column(Integer, nullable=True))
    best_value: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    best_val_loss: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    last_train_loss: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    last_val_loss: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    nan_fields: str = Field(sa_column=Column(Text, nullable=False))
    live_metrics: str | None = Field(None, sa_column=Column(Text, nullable=True))
    tags: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str | None = Field(None, sa_column=Column(Text, nullable=True))
    outcome_reason: str = Field(sa_column=Column(Text, nullable=False))
    first_finding: str = Field(sa_column=Column(Text, nullable=False))
    findings: int = Field(sa_column=Column(Integer, nullable=False))
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    outcome_by: str | None = Field(None, sa_column=Column(Text, nullable=True))


class MetricExtentRow(SQLModel, table=True):
    """Derived: first, last and best value of one number of a run that ended; a NaN is NULL, and `…_kind` says so."""

    __tablename__ = "metric_extent"
    __table_args__ = (
        Index("metric_extent_best", "name", "best"),
        Index("metric_extent_last", "name", "last"),
        {"sqlite_with_rowid": False},
    )

    run_id: int = Field(sa_column=Column(Integer, primary_key=True, nullable=False))
    name: str = Field(sa_column=Column(Text, primary_key=True, nullable=False))
    mode: str = Field(sa_column=Column(Text, nullable=False))
    first: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    first_kind: str = Field(sa_column=Column(Text, nullable=False))
    last: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    last_kind: str = Field(sa_column=Column(Text, nullable=False))
    best: float | None = Field(None, sa_column=Column(REAL, nullable=True))
    best_kind: str = Field(sa_column=Column(Text, nullable=False))
    best_epoch: int | None = Field(None, sa_column=Column(Integer, nullable=True))


class RecipeSettingRow(SQLModel, table=True):
    """Derived: a setting that some recipe has, its path with the kinds of the sections around it."""

    __tablename__ = "recipe_setting"

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class RecipePlaceRow(SQLModel, table=True):
    """Derived: where the recipe of a version lies, setting by setting, packed (see `recipes`)."""

    __tablename__ = "recipe_place"

    version_id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    places: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
