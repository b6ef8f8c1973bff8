"""A learning rate that is too high, measured in the training itself.

What it checks: whether the steps were far too long for the weights. In the newest epoch, either the loss of a step
was more than 5 times what the untrained network or guessing loses, and the weights had grown to more than twice
their size at the start or were moved by more than a tenth of their size a step; or each step moved them by more than
their whole size until a value wasn't finite. Or the weights more than tripled in the first epoch, or in the first 20
steps where an epoch is shorter, and for 3 epochs
nothing was learnt, or the loss jumped by more than half of its size from step to step. Not judged for optimizers that
look for the length of their steps themselves, nor where a single row had a thousand times the usual loss.

Why it matters: the network is thrown across the valley it should walk down. What it lands on is NaN, dead or
saturated units, or one class for everything; no number of epochs repairs that.

Instead: divide the learning rate by ten, or by as much as the finding says. Inputs, targets or initial weights that
are far too large make any rate too high: see to them first.

Source: My Neural Network isn't working! What should I do? (S0-30, S0-32); Troubleshooting Neural Net Training
(S1-14); Practical Advice for Building Deep Neural Networks (S2-34); What to do when a neural network does not learn
(S4-34, S4-42); where the guides contradict each other on the size of an update (C13). Bounds measured on trainings
with rates a hundred and a thousand times too high, and on healthy ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.curves import finite, is_finite, last_phase
from logbook_schemas.checklist.examples import config, curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import (
    guessing_loss,
    has_own_step_length,
    learning_rate,
    other_rate,
    typical_ratio,
    weight_growth,
)
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING, LAYERS, NOT_LEARNING
from logbook_schemas.checklist.words import count, number
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if not epochs or has_own_step_length(evidence):
        return
    measured = _exploded(evidence, epochs[-1], at) or _jumping(evidence, epochs, at)
    if measured is None:
        return
    message, value, factor = measured
    rate = learning_rate(evidence)
    named = f" of {number(rate)}" if rate is not None else ""
    yield Said(
        message=f"The learning rate{named} is too high: {message}.",
        where="optimizer.lr",
        measured=value,
        expected=f"updates of about {number(at.healthy_ratio)} of the weights' size",
        remedy="Lower the learning rate; where inputs or targets are far from 1 in size, scale them first.",
        change=other_rate(evidence, 1 / factor),
        severity="warning" if is_finite(epochs[-1].train_loss) else "error",
    )


def _exploded(evidence: Evidence, epoch: EpochRecord, at: Thresholds) -> tuple[str, float, float] | None:
    """Return what was seen, the number measured, and by how much steps are too long; None where nothing was."""
    broken, growth = epoch.update_ratio, weight_growth(evidence, epoch)
    if (epoch.row_loss_ratio or 0.0) > at.row:  # it was a row that threw the network, not the rate
        return None
    if broken is not None and broken > at.whole_ratio:
        message = f"in epoch {epoch.epoch} a step moved the weights by {number(broken)} times their size"
        return f"{message}, until a value was not finite", broken, broken / at.healthy_ratio
    largest, usual = epoch.largest_step_loss, _usual_loss(evidence)
    if largest is None or usual is None or largest <= at.jump * usual:
        return None
    message = f"in epoch {epoch.epoch} the loss of a step reached {number(largest)}, having begun at {number(usual)}"
    if broken is not None and broken > at.ratio:
        moved = f"each step moved the weights by {number(broken)} times their size"
        return f"{message}, and {moved}", broken, broken / at.healthy_ratio
    ratio = typical_ratio(epoch)
    if growth is not None and growth > at.growth:
        message = f"{message}, and the weights grew to {number(growth)} times their size"
        return message, growth, _step_length(growth, epoch) / at.healthy_ratio
    if ratio is not None and ratio > at.ratio:
        return f"{message}, and a step moved the weights by {number(ratio)} times their size", ratio, ratio / at.ratio
    return None


def _jumping(evidence: Evidence, epochs: Sequence[EpochRecord], at: Thresholds) -> tuple[str, float, float] | None:
    guessing, window = guessing_loss(evidence), epochs[-int(at.epochs) :]
    # An epoch of a handful of rows is a single step: the first few of them are looked at together.
    first = max((epoch for epoch in epochs if epoch.steps <= at.first_steps), default=epochs[0], key=_steps)
    growth = weight_growth(evidence, first)
    if guessing is None or len(window) < at.epochs or growth is None or growth <= at.first_growth:
        return None
    losses = finite(epoch.train_loss for epoch in window)
    if len(losses) < len(window):
        return None
    grew = f"the weights grew to {number(growth)} times their size in the first {count(first.steps, 'step')}"
    factor = _step_length(growth, first) / at.healthy_ratio
    if min(losses) > (1 - at.learnt) * guessing:
        return (
            f"{grew}, and the training loss is {number(losses[-1])}, where guessing loses {number(guessing)}",
            growth,
            factor,
        )
    jumps = finite(epoch.step_fluctuation for epoch in window)
    if len(jumps) == len(window) and min(jumps) > at.fluctuation and min(losses) > at.done * guessing:
        return f"{grew}, and the loss jumps by {number(jumps[-1])} times its size from step to step", growth, factor
    return None


def _steps(epoch: EpochRecord) -> int:
    return epoch.steps


def _usual_loss(evidence: Evidence) -> float | None:
    """Return what the untrained network or guessing loses, whichever is more."""
    initial = evidence.start.initial_loss if evidence.start else None
    return max(finite([initial, guessing_loss(evidence)]), default=None)


def _step_length(growth: float, epoch: EpochRecord) -> float:
    """Return by about how much of their first size the weights moved in a step."""
    return (growth - 1) / max(1, epoch.steps)


RULE = Rule(
    code="L301",
    name="learning-rate-too-high",
    severity="warning",
    moment="epoch",
    title="The learning rate is too high",
    why="The network is thrown across the valley it should walk down, to NaN, dead units or one class for all.",
    source=cite("S0-30", "S0-32", "S1-14", "S2-34", "S4-34", "S4-42", "C13"),
    check=check,
    bad=lambda: evidence(
        config=config(optimizer={"kind": "sgd", "lr": 10.0}),
        epochs=curve([float("inf")], largest_step_loss=3e21, update_ratio=48.0),
    ),
    good=lambda: evidence(epochs=curve([1.31, 0.42, 0.25, 0.18], largest_step_loss=2.41, step_fluctuation=0.2)),
    doc=__doc__ or "",
    thresholds={
        "jump": Threshold(5.0, "loss of a step over that of the untrained network; healthy: at most 1.1 (measured)"),
        "growth": Threshold(
            2.0, "size of the weights over that at the start, beside a jump; faulty: 5 to 1e9 (measured)"
        ),
        "ratio": Threshold(0.1, "size of an update over that of the weights, beside a jump (C13)"),
        "whole_ratio": Threshold(1.0, "the same, before a value that isn't finite, without a jump"),
        "row": Threshold(
            1e3, "loss of a single training row over the median, before a value that isn't finite (S0-32)"
        ),
        "healthy_ratio": Threshold(
            0.01, "the same, where training goes well: 2e-3 to 3e-2 in first epochs (C13, measured)"
        ),
        "first_growth": Threshold(3.0, "growth of the weights in the first epoch; healthy: at most 1.5 (measured)"),
        "first_steps": Threshold(
            20.0, "steps that count as the first epoch where one is shorter; on XOR, healthy: at most 2 (measured)"
        ),
        "epochs": Threshold(3.0, "epochs running in which nothing is learnt or the loss jumps"),
        "learnt": Threshold(0.1, "share of the way from guessing that is something learnt (S0-09)"),
        "fluctuation": Threshold(0.5, "deviation of the loss's changes from step to step over its mean (S2-34)"),
        "done": Threshold(0.1, "share of the loss of guessing below which jumps are those of a loss near 0 (measured)"),
    },
    explains=(*LAYERS, *EXPLODING, *NOT_LEARNING, "corrected-start", "constantly-clipped-gradients"),
)
