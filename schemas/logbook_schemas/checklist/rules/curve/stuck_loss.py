"""A training loss that doesn't move.

What it checks: whether the last stretch of training (5 epochs, or as many as take 50 steps, or a tenth of the
planned epochs if that is more) improved the training loss by less than 1 %, although nothing was learnt yet: the
losses are less than 10 % better than those of a constant prediction, and no metric is near perfect. Where no
baseline was measured, the loss must have stood still from the start. Epochs of a warm-up don't count. A note in the
first half of the planned epochs, unless it is the same to the last digit, since some losses break late, as that of
XOR; an error where a layer passes no gradient at all or most of its units are dead.

Why it matters: the network isn't learning, and more epochs won't change that.

Instead: try ten times the learning rate and a tenth of it, and plain gradient descent where an adaptive optimizer
stands still; look at the loss and the output activation, at the
scale of the inputs, at dead units; see whether the network can learn a single batch by heart.

Source: My Neural Network isn't working! What should I do? (S0-40, S0-42); Troubleshooting Neural Net
Training (S1-14, S1-16); Debugging Neural Networks: A Checklist (S3-17, S3-28); What to do when a neural network does
not learn (S4-41).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from logbook_schemas.checklist.curves import finite, last_phase, planned_share
from logbook_schemas.checklist.examples import config, curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import at_every_call
from logbook_schemas.checklist.learnt import guessing_loss, metric_gains
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import EpochRecord, LayerRecord

__all__ = ["RULE"]

_CONSTANT = 1e-6
"""Losses within this of each other are the same: float32 has seven digits."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = _after_warmup(evidence)
    window = _window(evidence, epochs, at)
    if window is None or _has_learnt(evidence, epochs, at):
        return
    losses = finite(epoch.train_loss for epoch in window)
    dead = _dead_layer(window[-1].layers, at)
    because = f"; {dead}" if dead else ""
    yield Said(
        message=f"The training loss went from {number(losses[0])} to {number(losses[-1])} in {len(window)} epochs"
        f" (until epoch {window[-1].epoch}){_beside_baseline(evidence)}{because}.",
        where="train_loss",
        measured=losses[-1],
        expected="at least 1 % better in 5 epochs",
        remedy="Try ten times the learning rate and a tenth of it; then see whether one batch can be learnt by heart.",
        change=_other_rate(evidence),
        severity="error" if dead else "warning" if _is_late(evidence, window, at) else "note",
    )


def _is_late(evidence: Evidence, window: Sequence[EpochRecord], at: Thresholds) -> bool:
    return _spread(window) < _CONSTANT or window[-1].epoch >= planned_share(evidence, at.late)


def _after_warmup(evidence: Evidence) -> tuple[EpochRecord, ...]:
    warmup = evidence.config.schedule.warmup if evidence.config else 0
    return tuple(epoch for epoch in last_phase(evidence) if not 0 < epoch.steps <= warmup)


def _window(evidence: Evidence, epochs: Sequence[EpochRecord], at: Thresholds) -> Sequence[EpochRecord] | None:
    """Return the stretch at the end in which the loss stood still, or None.

    A loss that is the same to the last digit needs no 50 steps to be judged.
    """
    fewest = int(at.epochs)
    if len(epochs) < fewest:
        return None
    if _improvement(epochs[-fewest:]) < _CONSTANT and _spread(epochs[-fewest:]) < _CONSTANT:
        return epochs[-fewest:]
    steps_per_epoch = epochs[-1].steps / epochs[-1].epoch if epochs[-1].steps else at.steps
    length = max(fewest, math.ceil(at.steps / steps_per_epoch), planned_share(evidence, at.plan_share))
    window = epochs[-length:]
    return window if len(window) == length and _improvement(window) < at.improvement else None


def _improvement(window: Sequence[EpochRecord]) -> float:
    """Return by which share of its size the loss fell from the first epoch to the best; infinite where unknown."""
    losses = [epoch.train_loss for epoch in window]
    known = finite(losses)
    if len(known) < len(losses):
        return math.inf
    return (known[0] - min(known)) / abs(known[0]) if known[0] else 0.0


def _spread(window: Sequence[EpochRecord]) -> float:
    losses = finite(epoch.train_loss for epoch in window)
    return (max(losses) - min(losses)) / (max(map(abs, losses)) or 1.0)


def _has_learnt(evidence: Evidence, epochs: Sequence[EpochRecord], at: Thresholds) -> bool:
    if _has_metric_near_perfection(evidence, epochs[-1], at):
        return True
    best = min(finite([*(e.train_loss for e in epochs), *(e.val_loss for e in epochs)]), default=math.inf)
    nothing_learnt = guessing_loss(evidence)
    if nothing_learnt is not None:
        return best <= (1 - at.learnt) * nothing_learnt
    losses = finite(epoch.train_loss for epoch in epochs)
    is_classes = evidence.config is not None and evidence.config.loss.kind not in ("mse", "l1", "huber", "python")
    fell = max(losses) - min(losses) > at.stood_still * abs(max(losses))
    return fell or (is_classes and best < at.small_loss)


def _has_metric_near_perfection(evidence: Evidence, epoch: EpochRecord, at: Thresholds) -> bool:
    return any(share >= at.near_perfect for share in metric_gains(evidence, epoch.metrics))


def _beside_baseline(evidence: Evidence) -> str:
    guessing = guessing_loss(evidence)
    return f"; guessing loses {number(guessing)}" if guessing is not None else ""


def _dead_layer(layers: Sequence[LayerRecord], at: Thresholds) -> str:
    for layer in at_every_call(layers):
        if layer.dead_share is not None and layer.dead_share > at.dead:
            return f"{percent(layer.dead_share)} of the units of layer {layer.name} are dead"
    for layer in layers:
        if layer.parameters and (layer.gradient_norm == 0 or layer.gradient_zero_share == 1):
            return f"layer {layer.name} gets no gradient"
    return ""


def _other_rate(evidence: Evidence) -> dict[str, JsonValue]:
    optimizer = evidence.config.optimizer if evidence.config else None
    lr = getattr(optimizer, "lr", None)
    usual = getattr(type(optimizer)(), "lr", None) if lr is not None and optimizer is not None else None
    if not lr or usual is None:
        return {}
    factor = 10 if lr < usual else 0.1
    return {"optimizer.lr": float(f"{lr * factor:.6g}")}


RULE = Rule(
    code="T102",
    name="stuck-loss",
    severity="warning",
    moment="epoch",
    title="The training loss doesn't move",
    why="The network isn't learning, and more epochs of the same won't change that.",
    source=cite("S0-40", "S0-42", "S1-14", "S1-16", "S3-17", "S3-28", "S4-41"),
    check=check,
    bad=lambda: evidence(
        config=config(training={"epochs": 10}), epochs=curve([2.31, 2.304, 2.303, 2.303, 2.302, 2.303], [2.303] * 6)
    ),
    good=lambda: evidence(epochs=curve([0.9, 0.31, 0.3, 0.3, 0.299, 0.299, 0.3], [0.33] * 7)),
    doc=__doc__ or "",
    thresholds={
        "improvement": Threshold(0.01, "share by which the loss must fall over the window (S3-17)"),
        "epochs": Threshold(5.0, "fewest epochs of the window (S3-17)"),
        "steps": Threshold(50.0, "fewest optimizer steps of the window (measured on small batches of data)"),
        "plan_share": Threshold(0.1, "fewest of the planned epochs in the window: some losses break late (measured)"),
        "late": Threshold(0.5, "share of the planned epochs from which on it is a warning (measured on toy problems)"),
        "learnt": Threshold(0.1, "share of the way from guessing at which something has been learnt (S0-09)"),
        "near_perfect": Threshold(0.9, "share of a metric's way to perfection at which the loss may stand still"),
        "stood_still": Threshold(1e-3, "share of the largest loss within which it stood still, without a baseline"),
        "small_loss": Threshold(0.1, "loss over classes that is nearly 0, without a baseline"),
        "dead": Threshold(0.5, "share of a layer's units that are dead, beside a standstill (S0-40, C22)"),
    },
    version=2,
    explains=tuple(name for name in NOT_LEARNING if name != "stuck-loss"),
)
