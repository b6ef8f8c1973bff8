"""A network in which nothing can be trained.

What it checks: whether any parameter of the model asks for gradients, and whether the optimizer holds one that does.
Layers that are frozen on purpose are no finding, as long as something else trains. Where what trains are biases and
scales alone, and no matrix or filter, it is a warning: it may be meant, and seldom is.

Why it matters: training goes through all its motions and changes nothing.

Instead: leave `requires_grad` on for what is to be learnt, at least the last layer, and hand it to the optimizer.

Source: My Neural Network isn't working! What should I do? (S0-42); What to do when a neural network does not learn
(S4-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or not start.parameters or start.foreign:
        return
    if start.trainable and start.trainable_matrices == 0:
        yield Said(
            message=f"Of the model's {count(start.parameters, 'parameter')} {start.trainable:,} can be trained, biases"
            " and scales: every matrix is frozen.",
            where="model",
            measured=start.trainable,
            expected="a matrix that can be trained",
            remedy="Leave requires_grad on for what is to be learnt, at least the last layer.",
            severity="warning",
        )
        return
    is_frozen = start.trainable == 0
    if is_frozen or start.optimized == 0:
        yield Said(
            message=f"All {count(start.parameters, 'parameter')} of the model are frozen: nothing can be trained."
            if is_frozen
            else "The optimizer holds none of the model's trainable parameters.",
            where="model" if is_frozen else "optimizer",
            measured=start.trainable if is_frozen else start.optimized,
            expected="something to train",
            remedy="Leave requires_grad on for what is to be learnt."
            if is_frozen
            else "Hand model.parameters() to the optimizer.",
        )


RULE = Rule(
    code="M218",
    name="frozen-network",
    severity="error",
    moment="start",
    title="Nothing in the network can be trained",
    why="Training goes through all its motions and changes nothing.",
    source=cite("S0-42", "S4-06"),
    check=check,
    bad=lambda: evidence(start=start(trainable=0)),
    good=lambda: evidence(start=start(trainable=650)),
    explains=(
        "detached-loss",
        "parameter-without-gradient",
        "unoptimized-parameter",
        *TRAINING,
    ),
    doc=__doc__ or "",
    version=2,
)
