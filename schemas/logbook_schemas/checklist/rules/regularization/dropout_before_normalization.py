"""Dropout together with batch normalization.

What it checks: dropout above 0 in a network whose layers are normalized over the batch. A note: in the networks of
this program a layer of weights stands between the dropout and the next normalization.

Why it matters: dropout changes the variance of what comes after it, in training and not in validation. Batch
normalization then goes by averages that no longer hold. Directly before a normalization that is at its worst.

Instead: dropout in the fully connected part alone, behind the last normalization, or none.

Source: My Neural Network isn't working! What should I do? (S0-19); What to do when a neural network does not learn
(S4-46); where the guides contradict each other on dropout in each layer, only dropout right before a normalization is
a mistake (C17).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if layers is None or layers.normalization != "batch" or layers.dropout <= at.dropout or layers.depth < 2:
        return
    path = f"{layers.path}.dropout"
    yield Said(
        message=f"Dropout {number(layers.dropout)} stands before layers that are normalized over the batch, whose"
        " variance it changes in training and not in validation.",
        where=path,
        measured=layers.dropout,
        expected="dropout behind the last normalization, or none",
        remedy=f"Try {path} = 0, or another normalization.",
        change={path: 0.0},
    )


RULE = Rule(
    code="R103",
    name="dropout-before-normalization",
    severity="note",
    moment="config",
    title="Dropout together with batch normalization",
    why="Dropout changes the variance in training and not in validation, and the running averages no longer hold.",
    source=cite("S0-19", "S4-46", "C17"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "mlp", "hidden": [64, 64], "dropout": 0.3, "normalization": "batch"})
    ),
    good=lambda: evidence(config=config(model={"kind": "mlp", "dropout": 0.3, "normalization": "layer"})),
    doc=__doc__ or "",
    thresholds={"dropout": Threshold(0.0, "probability of dropping above which it is noted (S4-46)")},
)
