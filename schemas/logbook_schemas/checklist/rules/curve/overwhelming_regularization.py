"""A penalty on the weights that leaves nothing to learn with.

What it checks: whether the penalty (L1, L2) was more than 10 times the loss of the data in each of the last 3 epochs,
while the data are less than half learnt; or whether, from epoch 3 on, the weights have shrunk to less than half of
their size at the start while little was learnt.

Why it matters: the optimizer follows the larger term: it makes the weights small, and the examples count for nothing.

Instead: divide the penalty or the weight decay by ten, or take it away until the network learns.

Source: Debugging Neural Networks: A Checklist (S3-20); Troubleshooting Neural Net Training (S1-24); What to do when a
neural network does not learn (S4-44, S4-45).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import config, curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss, trained_share, weight_growth
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import LAYERS, NOT_LEARNING
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    window = last_phase(evidence)[-int(at.epochs) :]
    if len(window) < at.epochs:
        return
    share = trained_share(evidence, window[-1])
    message = _penalty(evidence, window, at) or (
        _shrinking(evidence, window[-1], at) if share is not None and share < at.nothing else ""
    )
    if not message or (share is not None and share >= at.learnt):
        return
    yield Said(
        message=message,
        where="regularization",
        measured=window[-1].train_regularization,
        expected="a penalty below the loss of the data",
        remedy="Divide the penalty or the weight decay by ten, or take it away until the network learns.",
        change=_weaker(evidence),
    )


def _penalty(evidence: Evidence, window: Sequence[EpochRecord], at: Thresholds) -> str:
    ratios = finite(
        epoch.train_regularization / epoch.train_loss
        for epoch in window
        if epoch.train_regularization is not None and epoch.train_loss
    )
    guessing, loss, penalty = guessing_loss(evidence), window[-1].train_loss, window[-1].train_regularization
    if len(ratios) < len(window) or min(ratios) <= at.ratio or loss is None or penalty is None:
        return ""
    # A penalty beside a loss that is nearly 0 is large by that alone.
    if guessing is not None and loss < (1 - at.learnt) * guessing:
        return ""
    return (
        f"In the last {len(window)} epochs the penalty on the weights was at least {number(min(ratios))} times the loss"
        f" of the data ({number(penalty)} against {number(loss)} in epoch {window[-1].epoch})."
    )


def _shrinking(evidence: Evidence, epoch: EpochRecord, at: Thresholds) -> str:
    growth = weight_growth(evidence, epoch)
    if growth is None or growth >= at.shrunk:
        return ""
    return (
        f"By epoch {epoch.epoch} the weights have shrunk to {percent(growth)} of their size at the start, and little"
        f" is learnt: the training loss is {number(epoch.train_loss or 0)}."
    )


def _weaker(evidence: Evidence) -> dict[str, JsonValue]:
    if evidence.config is None:
        return {}
    term, decay = evidence.config.regularization, getattr(evidence.config.optimizer, "weight_decay", 0.0)
    change: dict[str, JsonValue] = {}
    if term.l1:
        change["regularization.l1"] = float(f"{term.l1 / 10:.6g}")
    if term.l2:
        change["regularization.l2"] = float(f"{term.l2 / 10:.6g}")
    if isinstance(decay, int | float) and decay:
        change["optimizer.weight_decay"] = float(f"{decay / 10:.6g}")
    return change


RULE = Rule(
    code="R201",
    name="overwhelming-regularization",
    severity="warning",
    moment="epoch",
    title="The penalty on the weights leaves nothing to learn with",
    why="The optimizer follows the larger term: it makes the weights small, and the examples count for nothing.",
    source=cite("S1-24", "S3-20", "S4-44", "S4-45"),
    check=check,
    bad=lambda: evidence(
        config=config(regularization={"l2": 10.0}), epochs=curve([2.3, 2.3, 2.3], train_regularization=60.0)
    ),
    good=lambda: evidence(epochs=curve([1.31, 0.42, 0.05], train_regularization=0.6)),
    doc=__doc__ or "",
    thresholds={
        "ratio": Threshold(10.0, "penalty over the loss of the data (S3-20)"),
        "epochs": Threshold(3.0, "epochs running that it is; and before which nothing is judged (S3-20)"),
        "learnt": Threshold(0.5, "share of the way from guessing on the training examples that leaves nothing to say"),
        "shrunk": Threshold(0.5, "size of the weights over that at the start (S1-24)"),
        "nothing": Threshold(
            0.4, "share of the way from guessing that is little, beside weights that shrink (measured)"
        ),
    },
    explains=(
        *LAYERS,
        *NOT_LEARNING,
    ),
)
