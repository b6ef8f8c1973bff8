"""The versions of a name: the answer of `log`, as data."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.difference import Change
from logbook_schemas.records.runs import Outcome, OutcomeBy

__all__ = ["VersionLine", "VersionTree"]


class VersionLine(Record):
    """One version: what it changed in its parent, who made it, and how its runs went."""

    number: int
    parent: str | None = Field(None, description="the version that it was derived from, as name@number")
    created_at: str = ""
    recipe_hash: str
    config_hash: str
    hypothesis: str = Field("", description="why it was tried, as its config says")
    changes: tuple[Change, ...] = ()
    by: str = Field("", description="user of its first run")
    runs: tuple[str, ...] = ()
    best_run: str | None = None
    best_value: float | None = Field(None, description="best of the monitored metric over its runs")
    best_val_loss: float | None = Field(None, description="validation loss at that epoch")
    monitor_metric: str = ""
    status: str = Field("", description="of its newest run")
    outcome: Outcome | None = None
    outcome_reason: str = ""
    outcome_by: OutcomeBy | None = None


class VersionTree(Record):
    """All versions of a name, oldest first."""

    name: str
    versions: tuple[VersionLine, ...]
