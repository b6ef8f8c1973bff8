"""A person's own network with selu and normalization.

What it checks: whether a network of a person's own calls `nn.SELU` and a normalization layer behind hidden weights
(`M111 mixed-self-normalization` judges the config of ours).

Why it matters: selu keeps mean 0 and variance 1 from layer to layer by itself. Normalization does the same work twice,
and takes away what selu is chosen for.

Instead: selu with weights of variance 1 / fan-in and AlphaDropout, without normalization; or relu with it.

Source: What to do when a neural network does not learn (S4-47).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import hidden_layers, matrices
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or (known is not None and known.model.kind != "python"):
        return
    hidden, weighted = hidden_layers(start.layers), matrices(start.layers)
    selus = [layer for layer in hidden if layer.kind == "SELU"]
    # A normalization of the raw inputs stands before the first weights, and is none of it.
    first = (weighted[0].order or 0) if weighted else 0
    norms = [layer for layer in hidden if "Norm" in layer.kind and (layer.order or 0) > first]
    if selus and norms:
        yield Said(
            message=f"{selus[0].name} is SELU, which normalizes itself, and {norms[0].name} ({norms[0].kind})"
            " normalizes once more.",
            where=norms[0].name,
            measured=[layer.name for layer in norms],
            expected="selu or normalization",
            remedy="Take the normalization away and draw the weights with variance 1 / fan-in, or take relu.",
        )


def _layers(*kinds: str) -> tuple[LayerRecord, ...]:
    weights = {"fan_in": 64, "parameters": 4160}
    return tuple(
        LayerRecord(name=str(order), kind=kind, order=order, **(weights if kind == "Linear" else {}))
        for order, kind in enumerate(kinds)
    )


RULE = Rule(
    code="M231",
    name="normalized-selu",
    severity="warning",
    moment="start",
    title="A self-normalizing activation beside normalization",
    why="Selu keeps mean and variance by itself: the work is done twice, and what selu is chosen for is lost.",
    source=cite("S4-47"),
    check=check,
    bad=lambda: evidence(
        config=config(model=_OWN), start=start(layers=_layers("Linear", "BatchNorm1d", "SELU", "Linear"))
    ),
    good=lambda: evidence(config=config(model=_OWN), start=start(layers=_layers("Linear", "SELU", "Linear"))),
    doc=__doc__ or "",
)
