"""A deeper network after a shallower one that failed.

What it checks: the run before, of the same name: where it diverged, or was judged a dead end, and this network has
more hidden layers. A note.

Why it matters: a deeper network won't repair what a shallow one fails at; the same fault is then harder to find, and
each try takes longer.

Instead: find what is wrong with the shallow one, or go shallower still.

Source: My Neural Network isn't working! What should I do? (S0-50, S0-51); What to do when a neural network does not
learn (S4-24).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.records.runs import HistoryRecord, PreviousRun

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    before = evidence.history.previous if evidence.history else None
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if before is None or before.depth is None or layers is None or layers.depth <= before.depth:
        return
    if before.status == "diverged" or before.outcome == "dead-end":
        yield Said(
            message=f"{before.id} with {count(before.depth, 'hidden layer')} {_ending(before)}, and this network has"
            f" {layers.depth}.",
            where=layers.path,
            measured=layers.depth,
            expected=f"at most {count(before.depth, 'hidden layer')} until those work",
            remedy=f"Find what is wrong with {before.id} first: logbook show {before.id}.",
        )


def _ending(before: PreviousRun) -> str:
    if before.outcome == "dead-end" and before.outcome_by != "logbook":
        return "is a dead end"
    return "diverged" if before.status == "diverged" else "looks like a dead end"


def _after(depth: int, **fields: str) -> HistoryRecord:
    run = PreviousRun.model_validate({"id": "r3", "status": "finished", "depth": depth, **fields})
    return HistoryRecord(previous=run)


RULE = Rule(
    code="H103",
    name="deeper-after-failure",
    severity="note",
    moment="config",
    title="A deeper network after a shallower one that failed",
    why="Depth won't repair what a shallow network fails at, and the fault is harder to find.",
    source=cite("S0-50", "S0-51", "S4-24"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "mlp", "hidden": [64] * 4}), history=_after(1, status="diverged")
    ),
    good=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [64] * 4}), history=_after(1)),
    doc=__doc__ or "",
    version=2,
)
