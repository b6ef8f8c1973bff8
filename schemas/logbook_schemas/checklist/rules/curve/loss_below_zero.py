"""A loss below 0 that can't be.

What it checks: whether the training loss is negative although the configured loss (cross-entropy, negative log
likelihood, binary cross-entropy, squared, absolute or Huber) is never less than 0 on targets it is meant for. A loss
of your own may well be negative: there it is a note, where every metric is worse than guessing.

Why it matters: the optimizer then goes where nothing was to be learnt: targets are no probabilities, outputs are no
log-probabilities, or the sign is wrong.

Instead: targets of binary cross-entropy lie in [0, 1]; nll wants outputs of a log-softmax; minimize L and not -L.

Source: What to do when a neural network does not learn (S4-07, S4-10).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import is_finite, last_phase
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import metric_gains
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]

_NEVER_NEGATIVE = ("cross-entropy", "nll", "bce", "bce-with-logits", "mse", "l1", "huber")


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if evidence.config is None or not epochs or epochs[-1].train_loss is None:
        return
    kind, loss = evidence.config.loss.kind, epochs[-1].train_loss
    is_own = kind == "python" and _is_worse_than_guessing(evidence, epochs[-1])
    if not is_finite(loss) or loss >= -at.rounding or not (kind in _NEVER_NEGATIVE or is_own):
        return
    yield Said(
        message=f"The training loss of epoch {epochs[-1].epoch} is {number(loss)}"
        + (", and every metric is worse than guessing." if is_own else f"; {kind} is never below 0 on fit targets."),
        where="train_loss",
        measured=loss,
        expected="a loss of 0 or more",
        remedy="Look at the sign of the loss, at the range of the targets, and at what the loss wants as outputs.",
        severity="note" if is_own else "error",
    )


def _is_worse_than_guessing(evidence: Evidence, epoch: EpochRecord) -> bool:
    gains = metric_gains(evidence, epoch.metrics)
    return bool(gains) and max(gains) < 0


RULE = Rule(
    code="T116",
    name="loss-below-zero",
    severity="error",
    moment="epoch",
    title="The loss is below 0",
    why="The optimizer goes where nothing is to be learnt: the targets, the outputs or the sign are wrong.",
    source=cite("S4-07", "S4-10"),
    check=check,
    bad=lambda: evidence(epochs=curve([-0.4, -2.6])),
    good=evidence,
    doc=__doc__ or "",
    thresholds={"rounding": Threshold(1e-4, "size of a negative loss that rounding may leave")},
    explains=NOT_LEARNING,
)
