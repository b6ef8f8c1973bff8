"""A network that behaves differently in evaluation than in training.

What it checks: the loss of the last weights on the same training examples, in training mode and in evaluation mode. A
warning where it is at least twice as large in evaluation, and larger by a quarter of what guessing loses, after 100
steps; a note where it is larger in training by that much.

Why it matters: batch normalization whose statistics don't fit (batches that are too small, too few steps, a momentum
that is too low), or whatever asks whether it is training, makes another network of it.

Instead: larger batches, or layer normalization; where dropout costs that much in training, less of it.

Source: My Neural Network isn't working! What should I do? (S0-22, S0-23).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import is_finite, last_phase
from logbook_schemas.checklist.examples import end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    end_of_run, guessing, epochs = evidence.end, guessing_loss(evidence), last_phase(evidence)
    if end_of_run is None or guessing is None or not epochs:
        return
    training, evaluation = end_of_run.loss_train_mode, end_of_run.loss_eval_mode
    if training is None or evaluation is None or not is_finite(training) or not is_finite(evaluation):
        return
    if abs(evaluation - training) <= at.gap * guessing or abs(evaluation - training) <= at.share * abs(evaluation):
        return
    is_worse = evaluation > at.times * abs(training) and epochs[-1].steps >= at.steps
    yield Said(
        message=f"On the same training examples the loss is {number(training)} in training mode and"
        f" {number(evaluation)} in evaluation mode; guessing loses {number(guessing)}.",
        where="evaluation",
        measured=evaluation,
        expected="much the same loss in both modes",
        remedy="Look at batch normalization and the size of its batches, and at the rate of dropout.",
        severity="warning" if is_worse else "note",
    )


RULE = Rule(
    code="E104",
    name="unlike-in-evaluation",
    severity="warning",
    moment="end",
    title="The network behaves differently in evaluation than in training",
    why="Statistics that don't fit, or dropout, make another network of it.",
    source=cite("S0-22", "S0-23"),
    check=check,
    bad=lambda: evidence(end=end(loss_train_mode=0.2, loss_eval_mode=2.6)),
    good=lambda: evidence(end=end(loss_train_mode=0.31, loss_eval_mode=0.24)),
    doc=__doc__ or "",
    thresholds={
        "gap": Threshold(0.25, "difference of the losses over that of guessing; healthy: up to 0.1 (measured)"),
        "share": Threshold(0.5, "difference of the losses over that in evaluation (S0-23)"),
        "times": Threshold(2.0, "loss in evaluation over that in training, for a warning"),
        "steps": Threshold(100.0, "steps before which statistics of batches have not settled, for a warning"),
    },
    explains=(*POOR_VALIDATION, "no-better-than-baseline", "chance-level", "one-class-predictions", "ignored-class"),
)
