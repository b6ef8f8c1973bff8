"""A loss that is a sum over the batch instead of a mean.

What it checks: a person's own loss, called with the outputs of a batch and with the same rows twice over. A mean stays
as it is, a sum doubles. Under plain descent, where learning rate times batch size is large, a warning; else a note:
adam and its like divide the gradient by its size, and a small learning rate may be meant so.

Why it matters: gradients, and with them the steps, grow with the batch size. A learning rate that works for one size
explodes at another, and losses of unequal batches don't compare.

Instead: take the mean over the batch (`reduction="mean"`, `.mean()`), or divide by the number of rows.

Source: What to do when a neural network does not learn (S4-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.torch_targets import built_optimizer
from logbook_schemas.checklist.words import number
from logbook_schemas.records.start import LossRecord

__all__ = ["RULE"]


_PLAIN = ("sgd", "momentum", "nesterov")


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    doubling = start.loss.doubling if start is not None else None
    if doubling is None or not abs(doubling - 2) <= at.tolerance:
        return
    step = _step(evidence)
    yield Said(
        message=f"The loss of a batch twice over is {number(doubling)} times the loss of the batch: it is a sum.",
        where="loss",
        measured=doubling,
        expected="1: a mean over the batch",
        remedy="Take the mean over the batch instead of the sum.",
        severity="warning" if step is not None and step > at.step else "note",
    )


def _step(evidence: Evidence) -> float | None:
    """Return the learning rate that a mean would need for the same steps, where the optimizer is plain descent."""
    config, built = evidence.config, built_optimizer(evidence)
    if config is None or built is None or built.kind not in _PLAIN or built.lr is None:
        return None
    trained = evidence.data.splits.get("train") if evidence.data else None
    size = config.training.batch_size
    rows = (trained.rows if trained else 1) if size == "all" else size
    return built.lr * rows


RULE = Rule(
    code="M206",
    name="summed-loss",
    severity="warning",
    moment="start",
    title="The loss is a sum over the batch",
    why="Steps grow with the batch size, and a learning rate that fits one size explodes at another.",
    source=cite("S4-11"),
    check=check,
    bad=lambda: evidence(
        config=config(loss={"kind": "python", "target": "net:loss"}, optimizer={"kind": "sgd", "lr": 0.1}),
        start=start(loss=LossRecord(doubling=2.0)),
    ),
    good=lambda: evidence(start=start(loss=LossRecord(doubling=1.0))),
    thresholds={
        "tolerance": Threshold(0.05, "how far the ratio may be from 2; a sum gives 2 up to rounding"),
        "step": Threshold(
            0.1,
            "learning rate times batch size under plain descent, where a sum is a warning: descent bears 0.1 to 1 (C3)",
        ),
    },
    version=2,
    explains=(
        "implausible-initial-loss",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
