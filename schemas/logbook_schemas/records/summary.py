"""One line of `ls`, and the words for how a run ended and what became of it.

Apart from the rest of a run, since listing and searching read nothing else: each model costs start-up time.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["ENDED", "OUTCOMES", "Outcome", "OutcomeBy", "RunSummary", "Status"]

Status = Literal["running", "finished", "early-stopped", "diverged", "interrupted", "crashed", "failed"]
Outcome = Literal["dead-end", "promising", "baseline", "done", "inconclusive"]
OutcomeBy = Literal["person", "logbook"]
OUTCOMES: tuple[Outcome, ...] = ("dead-end", "promising", "baseline", "done", "inconclusive")
ENDED: tuple[Status, ...] = ("finished", "early-stopped")
"""Of a training that came to its end: the others were broken off."""


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
    outcome_by: OutcomeBy | None = Field(None, description="who says so: a person, or the logbook, which only suggests")
    first_finding: str = Field("", description="code and name of the most probable cause")
    findings: int = 0

    @property
    def id(self) -> str:
        return f"r{self.number}"

    @property
    def verdict(self) -> str:
        """The outcome as people see it: one that is only suggested has a question mark; empty where there is none."""
        return f"{self.outcome or ''}{'?' if self.outcome_by == 'logbook' else ''}"
