"""A penalty on the weights so large that they can't grow to what the task needs.

What it checks: `weight_decay` of the optimizer, ours or torch's, `regularization.l2` and `regularization.l1`. Where it
is added to the gradient, or to the loss, a note above 0.01 and a warning from 0.1; L1 a note above 0.001 and a warning
from 0.01, since it is a sum over all weights; of adamw, which multiplies it by the learning rate, a note above 0.3, and
a warning where a step takes 1 % of each weight away. A rate and a decay whose product is 2 or more is an error under
gradient descent: each step turns every weight round and makes it longer.

Why it matters: the weights are pulled to 0 as hard as the data pull them away, and the network underfits. Measured on
digits, two seeds: an accuracy of 0.97 without, 0.92 to 0.94 with 0.1, 0.75 to 0.85 with 0.3, and chance with 1.

Instead: begin without, then 1e-4; common values are 1e-3 to 1e-6.

Source: Troubleshooting Neural Net Training (S1-24, S1-25); Debugging Neural Networks: A Checklist (S3-20); What to do
when a neural network does not learn (S4-45). The bounds are from the measurement: smaller values than 0.1 did no harm.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.torch_targets import OptimizerSettings, optimizer_settings
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]

_DESCENT = ("sgd", "momentum", "nesterov")


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None:
        return
    settings = optimizer_settings(known.optimizer)
    path = f"{settings.path}.weight_decay"
    if settings.is_decoupled:
        yield from _decoupled(settings, path, at)
    elif settings.lr is not None and settings.kind in _DESCENT and settings.lr * settings.weight_decay >= at.turning:
        yield _said(
            f"Weight decay {number(settings.weight_decay)} at a learning rate of {number(settings.lr)} turns every"
            " weight round at each step, and makes it longer.",
            path,
            settings.weight_decay,
            "error",
        )
    else:
        yield from _penalty("Weight decay", path, settings.weight_decay, at.noted, at.much)
    penalties = known.regularization
    yield from _penalty("The L2 penalty", "regularization.l2", penalties.l2, at.noted, at.much)
    yield from _penalty("The L1 penalty", "regularization.l1", penalties.l1, at.l1_noted, at.l1_much)


def _penalty(what: str, path: str, value: float, noted: float, much: float) -> Iterator[Said]:
    if value > noted:
        severity: Severity = "warning" if value >= much else "note"
        words = "pulls the weights to 0 too hard to learn well" if value >= much else "is larger than usual"
        yield _said(f"{what} of {number(value)} {words}.", path, value, severity)


def _decoupled(settings: OptimizerSettings, path: str, at: Thresholds) -> Iterator[Said]:
    decay = settings.weight_decay
    taken = decay * settings.lr if settings.lr is not None else 0.0
    if taken >= at.taken:
        yield _said(f"Weight decay {number(decay)} takes {percent(taken)} of each weight away.", path, decay, "warning")
    elif decay > at.decoupled_noted:
        yield _said(f"Weight decay of {number(decay)} is larger than usual.", path, decay, "note")


def _said(message: str, path: str, value: float, severity: Severity) -> Said:
    usual = 1e-5 if path.endswith("l1") else 1e-4
    return Said(
        message=message,
        where=path,
        measured=value,
        expected="0, or 1e-6 to 1e-3",
        remedy=f"Take it out, or begin with {path} = {number(usual)}.",
        change={path: usual},
        severity=severity,
    )


RULE = Rule(
    code="R101",
    name="excessive-weight-decay",
    severity="warning",
    moment="config",
    title="A penalty on the weights is so large that they can't grow",
    why="The weights are pulled to 0 as hard as the data pull them away, and the network underfits.",
    source=cite("S1-24", "S1-25", "S3-20", "S4-45"),
    check=check,
    bad=lambda: evidence(config=config(optimizer={"kind": "adam", "weight_decay": 0.5})),
    good=lambda: evidence(config=config(optimizer={"kind": "adamw", "weight_decay": 0.1})),
    doc=__doc__ or "",
    thresholds={
        "noted": Threshold(0.01, "weight decay or L2 above which it is noted (S1-25, measured)"),
        "much": Threshold(0.1, "weight decay or L2 from which it is a warning (measured)"),
        "l1_noted": Threshold(0.001, "L1 above which it is noted (measured)"),
        "l1_much": Threshold(0.01, "L1 from which it is a warning (measured)"),
        "decoupled_noted": Threshold(0.3, "weight decay of adamw above which it is noted; our own"),
        "taken": Threshold(0.01, "share of a weight that a step of adamw takes away, from which it is a warning"),
        "turning": Threshold(2.0, "learning rate times weight decay from which weights grow: |1 - lr * decay| >= 1"),
    },
    explains=(*TRAINING,),
)
