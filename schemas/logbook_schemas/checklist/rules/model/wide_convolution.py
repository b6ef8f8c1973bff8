"""A convolution of very many filters in a network that isn't deep.

What it checks: convolutions of more than 512 filters in a network of fewer than 20 hidden layers. A note.

Why it matters: filters cost time and memory with the square of their number. The guide's own figure, 64 or 128, is of
its day.

Instead: fewer filters, or a deeper network.

Source: Practical Advice for Building Deep Neural Networks (S2-15); the figure is dated, and where
the guides contradict each other 512 is what is noted (C24).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if layers is None or layers.depth >= at.layers or max(layers.filters, default=0) <= at.filters:
        return
    yield Said(
        message=f"The widest convolution has {count(max(layers.filters), 'filter')} in a network of"
        f" {count(layers.depth, 'hidden layer')}.",
        where=f"{layers.path}.channels",
        measured=max(layers.filters),
        expected=f"at most {at.filters:.0f} filters; 64 to 128 are often plenty",
        remedy="Begin with fewer filters.",
    )


RULE = Rule(
    code="M109",
    name="wide-convolution",
    severity="note",
    moment="config",
    title="A convolution of very many filters",
    why="Filters cost time and memory with the square of their number.",
    source=cite("S2-15", "C24"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "cnn", "channels": [64, 1024]})),
    good=lambda: evidence(config=config(model={"kind": "cnn", "channels": [64, 512]})),
    doc=__doc__ or "",
    thresholds={
        "filters": Threshold(512.0, "filters above which it is noted (C24)"),
        "layers": Threshold(20.0, "hidden layers from which wide ones are usual (S2-15)"),
    },
)
