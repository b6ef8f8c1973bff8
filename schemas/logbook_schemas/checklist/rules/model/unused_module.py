"""A layer that is built and never used.

What it checks: modules with trainable parameters that no forward pass calls, neither in evaluation nor in training
mode, and whose parameters no gradient reaches.

Why it matters: the network isn't the one that was meant. A name was used twice, a line was copied and not changed, or
a layer was forgotten in `forward`.

Instead: call it, or take it out.

Source: My Neural Network isn't working! What should I do? (S0-42); What to do when a neural network does not learn
(S4-03, S4-04).
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
    names = evidence.start.unused if evidence.start else ()
    if names:
        yield Said(
            message=f"The model has {count(len(names), 'layer')} that forward never uses: {listing(names)}.",
            where=names[0],
            measured=list(names),
            expected="every layer used",
            remedy="Call it in forward, or remove it; look for a name that is used twice.",
        )


RULE = Rule(
    code="M211",
    name="unused-module",
    severity="warning",
    moment="start",
    title="A layer is never used",
    why="The network isn't the one that was meant.",
    source=cite("S0-42", "S4-03", "S4-04"),
    check=check,
    bad=lambda: evidence(start=start(unused=("hidden2",), no_gradient=("hidden2.weight",))),
    good=evidence,
    explains=(*TRAINING,),
    doc=__doc__ or "",
)
