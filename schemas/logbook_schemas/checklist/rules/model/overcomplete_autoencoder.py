"""An autoencoder that can hand its input through without learning anything.

What it checks: an `autoencoder` none of whose layers is narrower than the input, without noise, dropout or an L1
penalty. A warning.

Why it matters: it can become the identity: the loss goes to 0, and the code says nothing of what the data have in
common.

Instead: a bottleneck well below the inputs, down to a quarter of them; or noise on the inputs (`data.augment`), so
that there is something to take away.

Source: Troubleshooting Neural Net Training (S1-40, S1-41, S1-42); where the guides contradict each other on the width,
the numbers of this one are for autoencoders alone (C10).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.config.model import Autoencoder

__all__ = ["RULE"]

_TASK = {"task": "reconstruction", "loss": "mse"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or evidence.data is None or not isinstance(known.model, Autoencoder):
        return
    model, inputs = known.model, prod(evidence.data.input_shape)
    narrowest = min((*model.hidden, model.bottleneck))
    is_regularized = bool(known.data.augment) or known.regularization.l1 > 0 or model.dropout > 0
    if inputs == 0 or narrowest < at.share * inputs or is_regularized or model.input_dropout > 0:
        return
    yield Said(
        message=f"The autoencoder's narrowest layer has {count(narrowest, 'unit')} for {count(inputs, 'input')}, and"
        " nothing else keeps it from becoming the identity.",
        where="model.bottleneck",
        measured=narrowest,
        expected=f"fewer units than {inputs:,}, or noise on the inputs",
        remedy="Narrow the bottleneck, or put noise on the inputs.",
        change={"model.bottleneck": max(1, inputs // 4)},
    )


RULE = Rule(
    code="M112",
    name="overcomplete-autoencoder",
    severity="warning",
    moment="data",
    title="The autoencoder can become the identity",
    why="The loss goes to 0, and the code says nothing of what the data have in common.",
    source=cite("S1-40", "S1-41", "S1-42", "C10"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "autoencoder", "bottleneck": 64}, **_TASK), data=data(task="reconstruction")
    ),
    good=lambda: evidence(config=config(model="autoencoder", **_TASK), data=data(task="reconstruction")),
    doc=__doc__ or "",
    thresholds={"share": Threshold(1.0, "units of the narrowest layer over inputs, from which it is one (S1-40)")},
)
