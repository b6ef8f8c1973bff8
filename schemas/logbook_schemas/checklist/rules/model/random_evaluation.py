"""An evaluation that draws random numbers.

What it checks: the same rows twice in evaluation mode, with other random numbers: outputs must be the same. And
whether dropout and batch normalization are off after `model.eval()`. Dropout is a warning; other random numbers may be
meant, as in a variational autoencoder: a note.

Why it matters: validation is then measured on a network with units missing, or on statistics of the batch at hand; the
best epoch is chosen by chance, and predictions differ from call to call.

Instead: `nn.Dropout` as a layer, or `functional.dropout(x, training=self.training)`; leave `train` and `eval` of the
module as they are.

Source: My Neural Network isn't working! What should I do? (S0-22); What to do when a neural network does not learn
(S4-09).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import count, listing, percent
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None:
        return
    behaviour = start.behaviour
    if behaviour.left_training:
        yield Said(
            message=f"model.eval() leaves {count(len(behaviour.left_training), 'layer')} in training mode:"
            f" {listing(behaviour.left_training)}.",
            where=behaviour.left_training[0] or "model",
            measured=list(behaviour.left_training),
            expected="dropout off and normalization fixed in evaluation",
            remedy="Let model.eval() reach every layer: don't override train or eval.",
        )
        return
    if behaviour.randomness is None or not behaviour.randomness > at.change:
        return
    drops = [name for name in behaviour.random_calls if "dropout" in name]
    by = f" ({listing(behaviour.random_calls)})" if behaviour.random_calls else ""
    yield Said(
        message=f"The same examples get other outputs each time, also in evaluation mode{by}: they change by"
        f" {percent(behaviour.randomness)}.",
        where="model",
        measured=behaviour.randomness,
        expected="the same outputs for the same inputs, in evaluation mode",
        remedy="Write functional.dropout(x, training=self.training), or use nn.Dropout."
        if drops
        else "Draw random numbers in training mode only: if self.training.",
        severity="warning" if drops else "note",
    )


RULE = Rule(
    code="M210",
    name="random-evaluation",
    severity="warning",
    moment="start",
    title="The model draws random numbers in evaluation mode",
    why="Validation is measured on a network with units missing, and predictions differ from call to call.",
    source=cite("S0-22", "S4-09"),
    check=check,
    bad=lambda: evidence(start=start(behaviour=OutputRecord(randomness=0.3, random_calls=("dropout",)))),
    good=lambda: evidence(start=start(behaviour=OutputRecord(randomness=0.0))),
    thresholds={"change": Threshold(1e-3, "change of the outputs over the largest; GPU kernels differ by about 1e-6")},
    explains=POOR_VALIDATION,
    doc=__doc__ or "",
)
