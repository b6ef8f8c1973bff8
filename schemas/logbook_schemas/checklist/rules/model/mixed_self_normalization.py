"""A self-normalizing activation with something that undoes the normalization.

What it checks: activation `selu` together with a normalization of its layers, plain dropout, or initial weights other
than `lecun`. A note: the network trains, and loses what selu is taken for. A normalization beside selu does the same
work twice, and is a warning.

Why it matters: selu keeps mean 0 and variance 1 from layer to layer only where the weights begin at variance
1 / fan-in and dropout keeps both.

Instead: init `lecun`, dropout_form `alpha`, no normalization; or relu.

Source: What to do when a neural network does not learn (S4-47).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import listing

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if layers is None or layers.activation != "selu":
        return
    undone: dict[str, tuple[str, JsonValue]] = {}
    if layers.normalization != "none":
        undone[f"{layers.path}.normalization"] = (f"normalization {layers.normalization}", "none")
    if layers.dropout > 0 and layers.dropout_form != "alpha":
        undone[f"{layers.path}.dropout_form"] = ("plain dropout", "alpha")
    if layers.init not in ("lecun", "checkpoint"):
        undone[f"{layers.path}.init"] = (f"initial weights {layers.init}", "lecun")
    if undone:
        names = listing([name for name, _ in undone.values()])
        yield Said(
            message=f"The activation selu normalizes itself, and {names} undo it.".replace(
                "undo it", "undoes it" if len(undone) == 1 and not names.startswith("initial") else "undo it"
            ),
            where=next(iter(undone)),
            measured=names,
            expected="init lecun, dropout_form alpha, no normalization",
            remedy="Set " + " and ".join(f"{path} to {value}" for path, (_, value) in undone.items()) + ".",
            change={path: value for path, (_, value) in undone.items()},
            severity="warning" if layers.normalization != "none" else "note",
        )


RULE = Rule(
    code="M111",
    name="mixed-self-normalization",
    severity="note",
    moment="config",
    title="A self-normalizing activation with something that undoes it",
    why="Selu keeps mean and variance only with weights and dropout that are made for it.",
    source=cite("S4-47"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "activation": "selu", "dropout": 0.1})),
    good=lambda: evidence(
        config=config(model={"kind": "mlp", "activation": "selu", "dropout": 0.1, "dropout_form": "alpha"})
    ),
    doc=__doc__ or "",
    version=2,
)
