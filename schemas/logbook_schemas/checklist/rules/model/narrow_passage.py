"""A hidden layer of a person's own network that is too narrow for the outputs, and that everything has to pass.

What it checks: linear layers of up to 8 units in a person's own network. One counts where the outputs are the same for
every row once this layer's are: no way leads round it. Below half of the outputs (counted up to ten) or below 3 units a
warning, below 4 a note; two units for one output of one or two inputs, as for XOR, a note. An autoencoder's code and an
embedding are narrow on purpose. (M105 narrow-hidden-layer judges the config of ours.)

Why it matters: what doesn't pass the narrowest layer is lost for all that come after. With ReLU one or two units may be
dead from the start, and nothing is learnt at all.

Instead: five to ten times the outputs, or two to three times the inputs; too many units cost little but time.

Source: My Neural Network isn't working! What should I do? (S0-54, S0-56); What to do when a neural network does not
learn (S4-25, S4-26); where the guides contradict each other on the width, only the lower end is judged (C10).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import count
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or known is None or known.model.kind != "python" or not start.structure.narrow:
        return
    if known.task in ("reconstruction", "metric-learning") or not start.output_shape:
        return
    name, units = min(start.structure.narrow.items(), key=lambda item: item[1])
    outputs = math.prod(start.output_shape)
    few = max(at.few, at.share * min(outputs, at.most_outputs))
    if units >= max(few, at.noted):
        return
    inputs = math.prod(evidence.data.input_shape) if evidence.data else 0
    is_enough = units == at.plane and outputs == 1 and 0 < inputs <= at.plane
    yield Said(
        message=f"All that the {count(outputs, 'output')} are made of has to pass layer {name}, which has"
        f" {count(units, 'unit')}.",
        where=name,
        measured=units,
        expected=f"at least {max(int(at.noted), outputs)}, better five to ten times the outputs",
        remedy="Widen it; too many units cost little but time.",
        severity="warning" if units < few and not is_enough else "note",
    )


RULE = Rule(
    code="M224",
    name="narrow-passage",
    severity="warning",
    moment="start",
    title="A layer that everything has to pass is too narrow",
    why="What doesn't pass the narrowest layer is lost for all that come after.",
    source=cite("S0-54", "S0-56", "S4-25", "S4-26", "C10"),
    check=check,
    bad=lambda: evidence(config=config(model=_OWN), start=start(structure=StructureRecord(narrow={"fc2": 2}))),
    good=lambda: evidence(config=config(model=_OWN), start=start(structure=StructureRecord(narrow={"fc2": 8}))),
    doc=__doc__ or "",
    thresholds={
        "few": Threshold(3.0, "units below which it is a warning, whatever the outputs (S4-26, measured)"),
        "share": Threshold(0.5, "units over outputs below which it is a warning (measured)"),
        "most_outputs": Threshold(10.0, "outputs that count for that: thousands fit into fewer dimensions; our own"),
        "noted": Threshold(4.0, "units below which it is noted (C10)"),
        "plane": Threshold(2.0, "units that may do for one output of as few inputs: XOR has an answer with two"),
    },
    explains=(*SYMPTOMS,),
)
