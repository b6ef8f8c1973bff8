"""A person's own network without a bias in any layer.

What it checks: layers with a matrix, none of which has a bias, in a network without a normalization. A note, and a
warning where the data ask for a bias: numbers to predict whose mean is further from 0 than their standard deviation, or
fewer than four inputs. (M107 missing-bias judges the config of ours.)

Why it matters: without biases every unit's boundary goes through the origin, and what is predicted for an input of
zeros is fixed. Centred data with many features hardly mind.

Instead: leave `bias=True`, as it is by default; a layer with a normalization behind it needs none.

Source: Practical Advice for Building Deep Neural Networks (S2-06). That many features hardly mind is from our own
measurement.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import asks_for_bias
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or known is None or known.model.kind != "python" or not start.structure.unbiased:
        return
    is_asked = evidence.data is not None and known.task in ("regression", "classification", "binary")
    reason = None
    if evidence.data is not None and is_asked:
        reason = asks_for_bias(evidence.data, offset=at.offset, features=at.features)
    yield Said(
        message=f"No layer has a bias{f', and {reason}' if reason else ''}.",
        where="model",
        measured=False,
        expected="a bias in every layer without a normalization",
        remedy="Leave bias=True in each layer.",
        severity="warning" if reason else "note",
    )


RULE = Rule(
    code="M228",
    name="unbiased-network",
    severity="warning",
    moment="start",
    title="No layer of the network has a bias",
    why="Every unit's boundary goes through the origin, and what is predicted for an input of zeros is fixed.",
    source=cite("S2-06"),
    check=check,
    bad=lambda: evidence(
        config=config(model=_OWN), data=data(input_shape=(2,)), start=start(structure=StructureRecord(unbiased=True))
    ),
    good=lambda: evidence(
        config=config(model=_OWN), data=data(input_shape=(2,)), start=start(structure=StructureRecord(unbiased=False))
    ),
    doc=__doc__ or "",
    thresholds={
        "offset": Threshold(1.0, "mean of the targets in standard deviations above which it is a warning; our own"),
        "features": Threshold(4.0, "inputs below which it is a warning (measured)"),
    },
    explains=(*TRAINING,),
)
