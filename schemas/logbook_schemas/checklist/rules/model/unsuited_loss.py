"""A person's own loss that behaves like one made for another kind of task.

What it checks: what the loss is like, by how it behaves on made-up outputs, and the classes of the task. Squares or
absolute differences, or a yes or no for each of several classes by itself, are a warning: it often trains, only worse.
Squares of probabilities that sum to 1 are Brier's score, and fit.
(M102 loss-for-another-task judges the losses that the config names.)

Why it matters: squares ask of the outputs to be 0 or 1, however sure the network is of the class, and their gradient
fades where an answer is most wrong. Yes or no for each class lets all of them be unlikely at once.

Instead: cross-entropy for one of several classes, on raw outputs.

Source: Troubleshooting Neural Net Training (S1-21, S1-23); What to do when a neural network does not learn (S4-08);
where the guides contradict each other on squared error for classes, it is a matter of style (C23).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.torch_targets import loss_kind
from logbook_schemas.records.start import LossRecord

__all__ = ["RULE"]

_OF_NUMBERS = ("mse", "l1")
_YES_OR_NO = ("bce", "bce-with-logits")
_SQUARES = LossRecord(takes="values", like="mse")
_ENTROPY = LossRecord(takes="logits", like="cross-entropy")
_OWN_LOSS = {"kind": "python", "target": "net:loss"}


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or known is None or known.task != "classification" or loss_kind(known.loss) != "python":
        return
    like, classes = start.loss.like, start.output_shape[0] if len(start.output_shape) == 1 else 0
    if classes < 2 or start.loss.error or (like == "mse" and start.outputs_sum_to_one):
        return
    if like in _OF_NUMBERS:
        reason = "it is for numbers, and the targets are classes; it often trains, only worse"
    elif like in _YES_OR_NO and classes > 2:
        reason = "it asks yes or no of each class by itself, and just one class is right"
    else:
        return
    yield Said(
        message=f"The loss behaves like {like}: {reason}.",
        where="loss",
        measured=like,
        expected="cross-entropy",
        remedy="Take cross-entropy on raw outputs.",
    )


RULE = Rule(
    code="M230",
    name="unsuited-loss",
    severity="warning",
    moment="start",
    title="The loss behaves like one for another kind of task",
    why="A loss says what the outputs mean; under the wrong one the network learns something else, or worse.",
    source=cite("S1-21", "S1-23", "S4-08", "C23"),
    check=check,
    bad=lambda: evidence(config=config(loss=_OWN_LOSS), start=start(loss=_SQUARES, output_shape=(10,))),
    good=lambda: evidence(config=config(loss=_OWN_LOSS), start=start(loss=_ENTROPY, output_shape=(10,))),
    doc=__doc__ or "",
    explains=(*NOT_LEARNING,),
)
