"""Binary visible units whose inputs aren't numbers from 0 to 1.

What it checks: the training inputs, after preparation, of a restricted Boltzmann machine or a pre-trained network
with `binary` visible units: anything below -0.05 or above 1.05.

Why it matters: a binary unit's value is the probability of being on. Other numbers have no energy and no likelihood;
what contrastive divergence then learns is a model of nothing.

Instead: `min-max` the inputs to 0 and 1, or take `gaussian` visible units and standardised inputs.

Source: Troubleshooting Neural Net Training (S1-39); Hinton, A Practical Guide to Training Restricted Boltzmann
Machines, 13. The slack is for rounding and for what a scaler of other rows leaves. The program refuses such
data when it reads them; the rule judges records from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import visible_units
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import ArrayRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    where = visible_units(evidence.config, "binary") if evidence.config is not None else None
    inputs = evidence.data.inputs if evidence.data is not None else None
    if where is None or inputs is None or inputs.min is None or inputs.max is None:
        return
    if inputs.min >= -at.slack and inputs.max <= 1 + at.slack:
        return
    yield Said(
        message=f"{where} is binary, and the inputs run from {number(inputs.min)} to {number(inputs.max)}.",
        where=where,
        measured=[inputs.min, inputs.max],
        expected="numbers from 0 to 1",
        remedy="Map the inputs to 0 and 1: min-max. For unbounded inputs take gaussian units, and standardize.",
        change={"data.inputs": [{"kind": "min-max", "low": 0.0, "high": 1.0}]},
    )


def _machine() -> RunConfig:
    return config(task="reconstruction", model={"kind": "rbm", "visible": "binary"})


RULE = Rule(
    code="D122",
    name="inputs-outside-units",
    severity="error",
    moment="data",
    title="Binary visible units, and inputs that are not from 0 to 1",
    why="A binary unit's value is a probability: other numbers have no likelihood.",
    source=cite("S1-39"),
    check=check,
    bad=lambda: evidence(config=_machine(), data=data(inputs=ArrayRecord(mean=0.0, std=1.0, min=-2.1, max=9.0))),
    good=lambda: evidence(config=_machine(), data=data(inputs=ArrayRecord(mean=0.3, std=0.4, min=0.0, max=1.0))),
    doc=__doc__ or "",
    thresholds={"slack": Threshold(0.05, "distance from the range 0 to 1 that passes (our own)")},
    explains=(
        "unscaled-inputs",
        *TRAINING,
    ),
)
