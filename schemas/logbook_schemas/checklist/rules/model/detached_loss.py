"""A loss that sends no gradient back.

What it checks: whether the loss of a batch has a way back to the outputs, the outputs one to the parameters, and
whether the gradient at the outputs is anything but 0.

Why it matters: nothing is learnt. `detach`, `item`, `.data`, `no_grad`, numpy, `argmax`, `round`, a comparison or a
count (accuracy as a loss) cuts the way.

Instead: compute the loss with differentiable operations, from the outputs to the end; count and round in metrics.

Source: My Neural Network isn't working! What should I do? (S0-43, S0-44); What to do when a neural network does not
learn (S4-04).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.records.start import LossRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or not start.trainable:
        return
    # Of few rows a loss with a margin may be flat; then parameters have their gradient from the others.
    is_flat = bool(start.loss.zero_gradient and start.no_gradient) and start.initial_loss != 0
    if not start.loss.detached and not is_flat:
        return
    place = start.loss.detached or "loss"
    yield Said(
        message="The model's outputs have no gradient: they are cut off from its parameters."
        if place == "model"
        else "The loss sends no gradient back to the model's outputs."
        if start.loss.detached
        else "The gradient of the loss is exactly 0 at every output of the model.",
        where=place,
        measured=start.loss.detached or 0.0,
        expected="a gradient that isn't 0 everywhere",
        remedy=f"Look for detach, item, data, no_grad, numpy, argmax, round or a comparison in the {place}.",
    )


RULE = Rule(
    code="M213",
    name="detached-loss",
    severity="error",
    moment="start",
    title="The loss sends no gradient to the model",
    why="Without a gradient nothing is learnt.",
    source=cite("S0-43", "S0-44", "S4-04"),
    check=check,
    bad=lambda: evidence(start=start(loss=LossRecord(detached="loss"))),
    good=evidence,
    explains=(
        "failing-loss",
        "unused-module",
        "parameter-without-gradient",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
