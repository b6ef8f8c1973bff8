"""A Boltzmann machine that sees its data once.

What it checks: `training.pretraining.epochs` of 1, or model `rbm` with one epoch. A note.

Why it matters: contrastive divergence follows the slope by samples, and one pass leaves the weights little better
than they began.

Instead: about ten passes.

Source: Troubleshooting Neural Net Training (S1-45).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds

__all__ = ["RULE"]

_SIGMOID = {"kind": "mlp", "activation": "sigmoid"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None:
        return
    training = known.training
    passes = {
        "training.pretraining.epochs": training.pretraining.epochs if training.pretraining is not None else None,
        "training.epochs": training.epochs if known.model.kind == "rbm" else None,
    }
    for path, epochs in passes.items():
        if epochs is not None and epochs <= at.passes:
            yield Said(
                message="The Boltzmann machine is trained by a single pass over the data.",
                where=path,
                measured=epochs,
                expected="several passes, about ten",
                remedy=f"Set {path} to 10.",
                change={path: 10},
            )


RULE = Rule(
    code="B108",
    name="single-pass-pretraining",
    severity="note",
    moment="config",
    title="A Boltzmann machine sees its data once",
    why="Contrastive divergence follows the slope by samples; one pass leaves the weights little better.",
    source=cite("S1-45"),
    check=check,
    bad=lambda: evidence(config=config(model=_SIGMOID, training={"pretraining": {"visible": "gaussian", "epochs": 1}})),
    good=lambda: evidence(
        config=config(model=_SIGMOID, training={"pretraining": {"visible": "gaussian", "epochs": 10}})
    ),
    doc=__doc__ or "",
    thresholds={"passes": Threshold(1.0, "passes over the data up to which it is noted (S1-45)")},
)
