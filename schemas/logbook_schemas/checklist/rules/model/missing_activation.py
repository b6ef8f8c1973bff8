"""Hidden layers without an activation between them.

What it checks: `model.activation` none in a feed-forward network of ours with hidden layers. In an autoencoder, where
it makes a principal component analysis, a note.

Why it matters: several linear layers in a row are one linear layer, whatever their number: the network can't learn
what a linear model can't.

Instead: relu; or model `linear`, if a linear model is meant.

Source: Troubleshooting Neural Net Training (S1-18); Practical Advice for Building Deep Neural Networks (S2-03); What to
do when a neural network does not learn (S4-31, S4-33).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if evidence.config is None or layers is None or layers.activation != "none" or not layers.depth:
        return
    path = f"{layers.path}.activation"
    yield Said(
        message=f"{count(layers.depth, 'hidden layer')} without an activation: together with the last layer they are"
        " no more than one linear layer.",
        where=path,
        measured="none",
        expected="relu or another activation",
        remedy=f"Set {path} to relu, or take the model linear.",
        change={path: "relu", f"{layers.path}.init": "he"},
        severity="note" if evidence.config.model.kind == "autoencoder" else "warning",
    )


RULE = Rule(
    code="M108",
    name="missing-activation",
    severity="warning",
    moment="config",
    title="Hidden layers without an activation",
    why="Several linear layers in a row are one linear layer, whatever their number.",
    source=cite("S1-18", "S2-03", "S4-31", "S4-33"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "activation": "none"})),
    good=lambda: evidence(config=config(model="linear")),
    doc=__doc__ or "",
    explains=(
        "affine-network",
        *TRAINING,
    ),
)
