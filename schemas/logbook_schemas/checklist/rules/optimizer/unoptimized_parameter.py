"""A trainable parameter that the optimizer doesn't hold.

What it checks: whether each parameter of the model that asks for gradients is in one of the optimizer's groups.
A parameter that is frozen on purpose (`requires_grad` is False) is no finding.

Why it matters: the parameter keeps its initial value for ever, and nothing else says so: training runs, the loss
may even fall, and part of the network is random noise.

Instead: build the optimizer from `model.parameters()`, after all layers exist; or freeze the parameter openly
with `requires_grad_(False)`.

Source: What to do when a neural network does not learn (S4-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, listing

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    names = evidence.start.not_optimized if evidence.start else ()
    if names:
        yield Said(
            message=f"The optimizer doesn't hold {count(len(names), 'trainable parameter')}: {listing(names)}.",
            where=names[0],
            measured=list(names),
            expected="every trainable parameter in the optimizer",
            remedy="Hand all of model.parameters() to the optimizer, or freeze these with requires_grad_(False).",
        )


RULE = Rule(
    code="L201",
    name="unoptimized-parameter",
    severity="error",
    moment="start",
    title="A trainable parameter is not in the optimizer",
    why="It keeps its random initial value, while training looks as if all were well.",
    source=cite("S4-06"),
    check=check,
    bad=lambda: evidence(start=start(not_optimized=("head.weight", "head.bias"))),
    good=evidence,
    doc=__doc__ or "",
    explains=(*TRAINING,),
)
