"""A training that ended while it was still getting better.

What it checks: when all planned epochs are done and something is left to learn, whether the validation loss (the
training loss, where nothing is validated) fell by more than 5 % over the last tenth of them; of a single epoch,
whether the loss at its end was that much below its mean. A note; a warning where the network is less than half of the
way from guessing to perfection and the loss still fell by more than 5 % an epoch, or less than four fifths (by the
loss alone, 70 %) and it fell by more than 10 %; or less than half of the way after fewer than 30 steps. Of fewer than
100 steps in all, it is a warning below four fifths of the way. A
language model is never near perfection: there it is a warning below a quarter of the way.

Why it matters: the rest of what the network can learn is a matter of epochs.

Instead: train for more epochs, with early stopping to end it.

Source: Troubleshooting Neural Net Training (S1-10).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import config, curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import falling, guessing_loss, learnt_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count, number, percent
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if evidence.end is None or evidence.end.status != "finished" or not epochs:
        return
    losses, window = _losses(epochs), max(1, math.ceil(at.window * len(epochs)))
    fall = _within(epochs[0], at) if len(epochs) == 1 else falling(losses, window)
    share = learnt_share(evidence, epochs[-1])
    is_short = epochs[-1].steps < at.few_steps and share is not None and share < at.poor
    is_falling = window * fall > at.fall and (share is None or share < at.done)
    if len(losses) < len(epochs) or not (is_falling or is_short):
        return
    course = f" and still falls by {percent(fall)} an epoch" if window * fall > at.fall else ""
    yield Said(
        message=f"After {count(len(epochs), 'epoch')} ({epochs[-1].steps:,} steps) the loss is {number(losses[-1])}"
        f"{course}{_so_far(share)}.",
        where="training.epochs",
        measured=fall,
        expected=f"a loss that fell by less than {percent(at.fall)} over the last {percent(at.window)} of the epochs",
        remedy="Train for more epochs, and let early stopping end it.",
        change=_longer(evidence, len(epochs)),
        severity="warning" if is_short or _is_poor(evidence, losses[-1], fall, share, epochs[-1].steps, at) else "note",
    )


def _losses(epochs: Sequence[EpochRecord]) -> list[float]:
    validated = finite(epoch.val_loss for epoch in epochs)
    return validated if len(validated) == len(epochs) else finite(epoch.train_loss for epoch in epochs)


def _within(epoch: EpochRecord, at: Thresholds) -> float:
    """Return the share by which the loss at the end of the only epoch is below its mean; 0 after many steps."""
    mean, last = epoch.train_loss, epoch.train_loss_eval
    if mean is None or last is None or mean <= 0 or epoch.steps > at.steps:
        return 0.0
    return (mean - last) / mean


def _is_poor(evidence: Evidence, loss: float, fall: float, share: float | None, steps: int, at: Thresholds) -> bool:
    guessing = guessing_loss(evidence)
    if share is None or guessing is None or fall <= at.fall:
        return False
    by_loss = 1 - loss / guessing
    if evidence.config is not None and evidence.config.task == "language-model":
        return by_loss < at.poor_text
    if steps < at.few_updates and share < at.fair:
        return True
    return share < at.poor or (share < at.fair and by_loss < at.fair_loss and fall > at.fast)


def _so_far(share: float | None) -> str:
    return "" if share is None else f"; it has come {percent(max(0.0, share))} of the way from guessing to perfection"


def _longer(evidence: Evidence, epochs: int) -> dict[str, JsonValue]:
    config = evidence.config
    if config is None or config.training.steps is not None or config.training.time_limit is not None:
        return {}
    return {"training.epochs": max(10, 4 * epochs)}


RULE = Rule(
    code="T111",
    name="unfinished-training",
    severity="note",
    moment="end",
    title="The training ended while it was still getting better",
    why="The rest of what the network can learn is a matter of epochs.",
    source=cite("S1-10"),
    check=check,
    bad=lambda: evidence(
        config=config(training={"epochs": 3}), epochs=curve([2.3, 2.1, 1.8], [2.2, 1.9, 1.6]), end=end()
    ),
    good=lambda: evidence(epochs=curve([1.31, 0.42, 0.25, 0.18, 0.15, 0.14], [0.61, 0.33, 0.24, 0.22, 0.21, 0.205])),
    doc=__doc__ or "",
    thresholds={
        "window": Threshold(0.1, "share of the epochs, at the end, that is looked at (S1-10)"),
        "fall": Threshold(0.05, "share by which the loss falls over it; for a warning, an epoch (S1-10)"),
        "poor": Threshold(0.5, "share of the way from guessing to perfection below which it is a warning (measured)"),
        "fair": Threshold(0.8, "the same, where the loss falls fast (measured)"),
        "fair_loss": Threshold(0.7, "the same by the loss alone, which accuracy is ahead of (measured)"),
        "fast": Threshold(0.1, "share by which a loss that falls fast falls an epoch (measured)"),
        "few_updates": Threshold(100.0, "optimizer steps in all, below which less is enough for a warning (C6)"),
        "poor_text": Threshold(
            0.25, "the same of a language model, by its loss: text can't be told to the end (measured)"
        ),
        "done": Threshold(0.95, "the same, from which on nothing is said"),
        "few_steps": Threshold(30.0, "optimizer steps in all, of which little can be expected (S0-26)"),
        "steps": Threshold(1000.0, "steps of a single epoch after which its mean says nothing of its end"),
    },
    version=2,
    explains=("underfitting", "no-better-than-baseline", "chance-level", "ignored-class", "constant-predictions"),
)
