"""An optimizer whose learning rate is 0.

What it checks: the learning rate of the optimizer as a person's own code built it, before training. A warm-up of the
config begins near 0 and isn't meant. (`L101 learning-rate-out-of-bounds` judges the rate that the config names.)

Why it matters: no weight moves. A rate that was read as a whole number, or multiplied by a share of 0, is 0.

Instead: take the optimizer's usual rate: 0.01 for gradient descent, 0.001 for Adam.

Source: Troubleshooting Neural Net Training (S1-12, S1-14); What to do when a neural network does not learn (S4-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.torch_targets import optimizer_settings
from logbook_schemas.records.start import OptimizerRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:optimizer"}


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    built = evidence.start.optimizer if evidence.start else None
    if built is None or built.lr is None or built.lr > 0:
        return
    if evidence.config is not None and optimizer_settings(evidence.config.optimizer).lr == 0:
        return  # the config names it, and was judged
    yield Said(
        message="The optimizer was built with a learning rate of 0: no weight will move.",
        where="optimizer",
        measured=built.lr,
        expected="above 0",
        remedy="Look at how the rate reaches the optimizer: a whole number, a factor of 0, a default.",
    )


RULE = Rule(
    code="L111",
    name="zero-learning-rate",
    severity="error",
    moment="start",
    title="The optimizer's learning rate is 0",
    why="No weight moves, however long the training is.",
    source=cite("S1-12", "S1-14", "S4-06"),
    check=check,
    bad=lambda: evidence(config=config(optimizer=_OWN), start=start(optimizer=OptimizerRecord(lr=0.0))),
    good=lambda: evidence(config=config(optimizer=_OWN), start=start(optimizer=OptimizerRecord(lr=0.001))),
    doc=__doc__ or "",
    explains=(*TRAINING,),
)
