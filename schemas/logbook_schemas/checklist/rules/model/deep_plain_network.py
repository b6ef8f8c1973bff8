"""A deep network with neither normalization nor residual connections.

What it checks: the hidden layers of our feed-forward networks. More than ten plain ones are a note, more than 20 a
warning; selu, which normalizes itself, is exempt. Depth alone is judged no further: whether it
pays shows beside a smaller run.

Why it matters: signal and gradient change a little in each layer, and what is a little is multiplied. Measured on
digits: 15 relu layers reach what one does; of 20 some get stuck under momentum, and all of 30.

Instead: begin with one or two hidden layers, and go deeper when that works: with residual connections, or with
batch or layer normalization.

Source: My Neural Network isn't working! What should I do? (S0-49); Debugging Neural Networks: A Checklist (S3-15);
What to do when a neural network does not learn (S4-23, S4-27, S4-28, S4-32); where the guides contradict each other on
depth and on batch norm, both are judged by the moment: small first, deeper when that has worked (C7, C9).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if layers is None or not layers.is_plain or layers.activation == "selu" or layers.depth <= at.noted:
        return
    widths, field = (layers.filters, "channels") if layers.filters else (layers.units, "hidden")
    where = f"{layers.path}.{field}"
    yield Said(
        message=f"{layers.depth} hidden layers follow each other without normalization or residual connections.",
        where=where,
        measured=layers.depth,
        expected=f"at most {at.noted:.0f} plain layers",
        remedy="Begin with two hidden layers; if depth is needed, take residual connections.",
        change={where: list(widths[:2])},
        severity="warning" if layers.depth > at.many else "note",
    )


RULE = Rule(
    code="M106",
    name="deep-plain-network",
    severity="warning",
    moment="config",
    title="A deep network with neither normalization nor residual connections",
    why="Signal and gradient change a little in each layer, and what is a little is multiplied.",
    source=cite("S0-49", "S3-15", "S4-23", "S4-27", "S4-28", "S4-32", "C7", "C9"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [64] * 24})),
    good=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [64] * 24, "normalization": "layer"})),
    doc=__doc__ or "",
    thresholds={
        "noted": Threshold(10.0, "plain hidden layers above which it is noted (C7)"),
        "many": Threshold(20.0, "plain hidden layers above which it is a warning (S0-49, S4-28, measured)"),
    },
    explains=(*SYMPTOMS,),
)
