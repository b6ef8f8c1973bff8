"""Inputs that aren't bytes, divided by 255.

What it checks: the step `scale-bytes` over all inputs: whether a step before it has scaled them already; and else
their range as loaded. Bytes run from 0 to about 255: below 0, above 255, or nothing above 31 is a warning.

Why it matters: what was scaled before becomes tiny, and the network hardly sees any difference; what is larger stays
large.

Instead: leave the step out, or take `standardize` or `min-max`, which fit themselves to the data.

Source: My Neural Network isn't working! What should I do? (S0-04); Troubleshooting Neural Net Training (S1-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import number
from logbook_schemas.config.preparation import Clip, ClipQuantiles, OneHot, ScaleBytes
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import ArrayRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.config is None or evidence.data is None or evidence.data.raw_inputs is None:
        return
    steps, raw = evidence.config.data.inputs, evidence.data.raw_inputs
    place = next((n for n, step in enumerate(steps) if isinstance(step, ScaleBytes) and step.columns is None), None)
    if place is None or raw.min is None or raw.max is None or raw.dtype == "uint8":
        return
    before = [step.kind for step in steps[:place] if not isinstance(step, Clip | ClipQuantiles | OneHot)]
    if before:
        found = f"come out of the step {before[-1]}"
    elif raw.min < 0 or raw.max > at.highest or 0 < raw.max <= at.lowest:
        found = f"run from {number(raw.min)} to {number(raw.max)}"
    else:
        return
    left: list[JsonValue] = [
        step.model_dump(mode="json", exclude_none=True) for n, step in enumerate(steps) if n != place
    ]
    is_scaled = bool(before) or max(-raw.min, raw.max) <= 1.5
    yield Said(
        message=f"The step scale-bytes divides by 255, and the inputs {found}: they are no bytes.",
        where="data.inputs",
        measured=[raw.min, raw.max],
        expected="bytes, 0 to 255",
        remedy="Leave the step out." if is_scaled else "Take standardize instead.",
        change={"data.inputs": left if is_scaled else [{"kind": "standardize"}, *left]},
    )


def _scaled_twice() -> RunConfig:
    return config(data={"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": ["scale-bytes"]})


RULE = Rule(
    code="D120",
    name="rescaled-non-bytes",
    severity="warning",
    moment="data",
    title="Inputs that are no bytes are divided by 255",
    why="What was scaled before becomes tiny, and the network hardly sees any difference.",
    source=cite("S0-04", "S1-03"),
    check=check,
    bad=lambda: evidence(config=_scaled_twice(), data=data(raw_inputs=ArrayRecord(dtype="float64", min=0.0, max=1.0))),
    good=lambda: evidence(
        config=_scaled_twice(), data=data(raw_inputs=ArrayRecord(dtype="float64", min=0.0, max=254.0))
    ),
    doc=__doc__ or "",
    thresholds={
        "highest": Threshold(255.0, "largest byte"),
        "lowest": Threshold(31.0, "largest value up to which inputs are no bytes: an eighth of the range (our own)"),
    },
    explains=(
        "unscaled-inputs",
        *SYMPTOMS,
    ),
)
