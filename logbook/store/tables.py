"""The tables as SQLModel defines them; a test holds them against what the migrations make.

Nothing that answers a question imports this file: importing SQLModel takes longer than the answer may.

    config ─┬─ config_leaf ── config_path       what was asked for, whole and leaf by leaf
            └─ version ── run ─┬─ attempt, attempt_end, record, epoch, finding, judgement, journal     its chain
                               ├─ ledger         where that chain ended at an attempt's end or a backup
                               └─ summary, metric_extent, search_text   derived from the rows above
              version ── recipe_place ── recipe_setting                 derived: where each recipe lies
    blob ── redaction                            sources, diffs and lists, by what they hash to; which were removed
    saved_search                                 queries that people keep

Where a table has a column `packed`, its text (`body`, `payload`) is empty where that one holds it (see `packing`).
`seal` is the hash of a row that stands in no chain (see `sealing`).

SQLModel has no words for `search_text`, a full-text table, and for the views, which the migrations make: `run_metric`
over `metric_extent` and `live_metric` (the numbers of runs that go on, from their summaries), `standing_finding` over
`finding` and `judgement`.
"""

from __future__ import annotations

from sqlalchemy import REAL, Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from logbook.store.tables_derived import MetricExtentRow, RecipePlaceRow, RecipeSettingRow, SummaryRow

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
    "RedactionRow",
    "RunRow",
    "SavedSearchRow",
    "SummaryRow",
    "VersionRow",
]


class ConfigRow(SQLModel, table=True):
    """A config as it was frozen at its first run."""

    __tablename__ = "config"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    format: int = Field(sa_column=Column(Integer, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    created_at: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    packed: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))
    seal: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


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
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    recipe_hash: str = Field(sa_column=Column(Text, nullable=False))
    config_id: int = Field(sa_column=Column(Integer, ForeignKey("config.id"), nullable=False))
    parent_id: int | None = Field(None, sa_column=Column(Integer, ForeignKey("version.id"), nullable=True))
    created_at: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    seal: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


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
    """What a person said of a run; of the kinds `suggestion` and `removal` (of a checkpoint), the logbook itself."""

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


class RedactionRow(SQLModel, table=True):
    """A content that was removed: its row in `blob` is a tombstone, which keeps its hash and size."""

    __tablename__ = "redaction"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    blob_hash: str = Field(sa_column=Column(Text, ForeignKey("blob.hash"), nullable=False, unique=True))
    size: int = Field(sa_column=Column(Integer, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    author: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    seal: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class LedgerRow(SQLModel, table=True):
    """How many rows a run had and what its chain's head was, at an attempt's end or at a backup."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ledger_run", "run_id"), {"sqlite_autoincrement": True})

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    seal: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))


class SavedSearchRow(SQLModel, table=True):
    """A query that a person keeps under a name; the newest row of a name stands, and an empty query takes it back."""

    __tablename__ = "saved_search"
    __table_args__ = (Index("saved_search_name", "name"), {"sqlite_autoincrement": True})

    id: int | None = Field(None, sa_column=Column(Integer, primary_key=True, nullable=False))
    at: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    query: str = Field(sa_column=Column(Text, nullable=False))
    sort: str = Field(sa_column=Column(Text, nullable=False))
    columns: str = Field(sa_column=Column(Text, nullable=False))
    author: str = Field(sa_column=Column(Text, nullable=False))
    row_format: int = Field(sa_column=Column(Integer, nullable=False))
    seal: bytes | None = Field(None, sa_column=Column(LargeBinary, nullable=True))
