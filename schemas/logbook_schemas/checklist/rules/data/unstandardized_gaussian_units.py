"""Gaussian visible units whose inputs are not standardized.

What it checks: the training inputs, after preparation, of a restricted Boltzmann machine or a pre-trained network
with `gaussian` visible units: a mean beyond ±0.5, or a standard deviation outside 0.5 to 2, over all inputs.

Why it matters: these units have variance 1 by definition. Inputs that vary less drown in the noise that the machine
takes for granted; inputs that vary more are reconstructed as if every deviation were news, and training runs away.

Instead: standardize the inputs, each feature by itself. For inputs from 0 to 1 take `binary` visible units.

Source: Troubleshooting Neural Net Training (S1-39); Hinton, A Practical Guide to Training Restricted Boltzmann
Machines, 13.2. The limits are those of the checklist for inputs that pass as standardized (S1-01), a little narrower.
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
    where = visible_units(evidence.config, "gaussian") if evidence.config is not None else None
    inputs = evidence.data.inputs if evidence.data is not None else None
    if where is None or inputs is None or inputs.mean is None or inputs.std is None:
        return
    if abs(inputs.mean) <= at.mean and at.narrow <= inputs.std <= at.wide:
        return
    yield Said(
        message=f"{where} is gaussian, and the inputs have mean {number(inputs.mean)} and standard deviation"
        f" {number(inputs.std)}.",
        where=where,
        measured={"mean": inputs.mean, "std": inputs.std},
        expected="mean about 0 and standard deviation about 1",
        remedy="Standardize the inputs.",
        change={"data.inputs": [{"kind": "standardize"}]},
    )


def _machine() -> RunConfig:
    return config(task="reconstruction", model={"kind": "rbm", "visible": "gaussian"})


RULE = Rule(
    code="D109",
    name="unstandardized-gaussian-units",
    severity="warning",
    moment="data",
    title="Gaussian visible units, and inputs that are not standardized",
    why="Gaussian visible units have variance 1 by definition: what varies less is noise to them.",
    source=cite("S1-01", "S1-39"),
    check=check,
    bad=lambda: evidence(config=_machine(), data=data(inputs=ArrayRecord(mean=0.31, std=0.38, min=0.0, max=1.0))),
    good=lambda: evidence(config=_machine(), data=data(inputs=ArrayRecord(mean=0.0, std=1.0, min=-2.1, max=9.0))),
    doc=__doc__ or "",
    thresholds={
        "mean": Threshold(0.5, "absolute mean of all inputs (S1-01)"),
        "narrow": Threshold(0.5, "smallest standard deviation (S1-01 has 0.3)"),
        "wide": Threshold(2.0, "largest standard deviation (S1-01 has 3)"),
    },
    explains=(
        "unscaled-inputs",
        *TRAINING,
    ),
)
