"""The tables that follow from the others, and can be made again (see `tables`, `derived`)."""

from __future__ import annotations

from sqlalchemy import REAL, Column, Index, Integer, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

__all__ = ["MetricExtentRow", "RecipePlaceRow", "RecipeSettingRow", "SummaryRow"]


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
