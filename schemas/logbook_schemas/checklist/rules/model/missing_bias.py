"""Layers without a bias.

What it checks: `model.bias` false in a network whose layers aren't normalized. A note, and a warning where the data
ask for a bias: numbers to predict whose mean is further from 0 than their standard deviation, or fewer than four
inputs.

Why it matters: without biases every unit's boundary goes through the origin, and what is predicted for an input of
zeros is fixed. Centred data with many features hardly mind.

Instead: a bias in every layer; a layer with a normalization behind it needs none.

Source: Practical Advice for Building Deep Neural Networks (S2-06). That many features hardly mind is from our own
measurement.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import asks_for_bias
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.config.model import Embedding

__all__ = ["RULE"]

_WITHOUT = {"kind": "mlp", "bias": False}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.config is None or evidence.data is None:
        return
    model = evidence.config.model
    section, path = (model.network, "model.network") if isinstance(model, Embedding) else (model, "model")
    is_normalized = getattr(getattr(section, "normalization", None), "kind", "none") != "none"
    if getattr(section, "bias", True) or is_normalized or section.kind == "transformer":
        return
    is_judged = evidence.config.task in ("regression", "classification", "binary")
    reason = asks_for_bias(evidence.data, offset=at.offset, features=at.features) if is_judged else None
    yield Said(
        message=f"No layer has a bias{f', and {reason}' if reason else ''}.",
        where=f"{path}.bias",
        measured=False,
        expected="a bias in every layer without a normalization",
        remedy=f"Set {path}.bias to true.",
        change={f"{path}.bias": True},
        severity="warning" if reason else "note",
    )


RULE = Rule(
    code="M107",
    name="missing-bias",
    severity="warning",
    moment="data",
    title="Layers without a bias",
    why="Every unit's boundary goes through the origin, and what is predicted for an input of zeros is fixed.",
    source=cite("S2-06"),
    check=check,
    bad=lambda: evidence(config=config(model=_WITHOUT), data=data(input_shape=(2,))),
    good=lambda: evidence(config=config(model={**_WITHOUT, "normalization": "batch"}), data=data(input_shape=(2,))),
    doc=__doc__ or "",
    thresholds={
        "offset": Threshold(1.0, "mean of the targets in standard deviations above which it is a warning; our own"),
        "features": Threshold(4.0, "inputs below which it is a warning (measured)"),
    },
    explains=NOT_LEARNING,
)
