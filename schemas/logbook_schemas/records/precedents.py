"""What was tried near a config: the answer of `tried`, as data."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.difference import Change
from logbook_schemas.records.replicates import Spread
from logbook_schemas.records.summary import Outcome, OutcomeBy, Status

__all__ = ["Precedent", "TriedDocument"]


class Precedent(Record):
    """A recipe of the past near a config, its runs taken together."""

    distance: float = Field(
        description="0 for the same recipe; a factor of 10 in a number counts 1, as a changed category does"
    )
    changes: tuple[Change, ...] = Field((), description="what the config changes in that recipe")
    runs: tuple[str, ...] = Field(description="its runs, the newest first")
    name: str
    version: int
    seeds: tuple[int | None, ...] = ()
    statuses: dict[Status, int] = Field({}, description="how many of its runs ended how")
    monitor_metric: str = "val_loss"
    best_value: float | None = Field(None, description="best of the monitored metric over its runs")
    best_val_loss: float | None = Field(None, description="validation loss at that epoch")
    last_train_loss: float | None = Field(None, description="of that run")
    spread: Spread | None = Field(None, description="of the monitored metric at its best over its runs")
    outcome: Outcome | None = Field(None, description="the newest that a person gave, else the newest suggested")
    outcome_reason: str = ""
    outcome_by: OutcomeBy | None = None
    outcome_run: str = Field("", description="the run that the outcome is of")
    cause: str = Field("", description="code and name of that run's, or the newest run's, most probable cause")

    @property
    def verdict(self) -> str:
        """The outcome as people see it: one that is only suggested has a question mark."""
        return f"{self.outcome or ''}{'?' if self.outcome_by == 'logbook' else ''}"


class TriedDocument(Record):
    """The nearest recipes of the past, the nearest first: `tried --json`."""

    config: str = Field(description="what the config was called")
    recipe_hash: str
    near_enough: float = Field(description="the distance up to which `run` speaks of a recipe")
    precedents: tuple[Precedent, ...] = ()
