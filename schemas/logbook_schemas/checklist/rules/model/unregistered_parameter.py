"""A tensor that asks for a gradient, and that the model doesn't know of.

What it checks: the way back from the loss, for tensors that ask for a gradient and are a parameter neither of the
model nor of the loss, and that the optimizer doesn't hold.

Why it matters: nothing moves them, they aren't put on the device with the model, and no checkpoint keeps them. Layers
in a plain Python list are the commonest case; a tensor with `requires_grad=True` that is no nn.Parameter is another.

Instead: keep layers in an nn.ModuleList, nn.ModuleDict or nn.Sequential, and tensors in an nn.Parameter.

Source: What to do when a neural network does not learn (S4-04, S4-06).
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
    shapes = evidence.start.unregistered if evidence.start else ()
    if shapes:
        yield Said(
            message=f"The loss depends on {count(len(shapes), 'tensor')} that the model doesn't know of, and that"
            f" nothing trains: {listing(shapes)}.",
            where="model",
            measured=list(shapes),
            expected="every tensor that is to be learnt in model.parameters()",
            remedy="Keep layers in nn.ModuleList or nn.Sequential in place of a list, and tensors in nn.Parameter.",
        )


RULE = Rule(
    code="M222",
    name="unregistered-parameter",
    severity="error",
    moment="start",
    title="A tensor that should be learnt is no parameter of the model",
    why="Nothing moves it, and no checkpoint keeps it.",
    source=cite("S4-04", "S4-06"),
    check=check,
    bad=lambda: evidence(start=start(unregistered=("64 x 64", "64"))),
    good=evidence,
    doc=__doc__ or "",
    explains=(*TRAINING,),
)
