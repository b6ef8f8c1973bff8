"""Gradients that are never cleared.

What it checks: at a few sampled steps, after `optimizer.zero_grad()` was called, whether a parameter still has the
gradient of the step before. Then each step goes by the sum of all gradients so far. Accumulation on purpose
(`gradients.accumulation`) is none of it: that is over before a step.

Why it matters: the sum grows from step to step and points where the loss was steep long ago; the steps become longer
and longer, and the loss swings or explodes.

Instead: clear the gradients before each backward pass; an optimizer of your own calls `super().zero_grad()`.

Source: What to do when a neural network does not learn (S4-05, S4-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    newest = evidence.epochs[-1] if evidence.epochs else None
    if newest is None or not newest.kept_gradients:
        return
    yield Said(
        message=f"In epoch {newest.epoch} a step began with the gradients of the step before: zero_grad cleared none,"
        " so that they add up.",
        where="optimizer",
        measured=True,
        expected="no gradient before a backward pass",
        remedy="Let the optimizer's zero_grad set all gradients to None or 0, by super().zero_grad().",
    )


RULE = Rule(
    code="L112",
    name="accumulated-gradients",
    severity="error",
    moment="epoch",
    title="Gradients are never cleared",
    why="Each step goes by the sum of all gradients so far, and the steps become longer and longer.",
    source=cite("S4-05", "S4-06"),
    check=check,
    bad=lambda: evidence(epochs=curve([1.3, 0.9], kept_gradients=True)),
    good=evidence,
    doc=__doc__ or "",
    explains=(*TRAINING, *POOR_VALIDATION),
)
