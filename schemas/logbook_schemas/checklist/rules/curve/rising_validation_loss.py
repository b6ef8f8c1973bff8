"""A validation loss that rises while the training loss falls.

What it checks: whether the validation loss was more than 10 % above its best in each of the last 3 epochs, while
the training loss fell since that best epoch. A rise of less than 5 % of what guessing loses doesn't count: near
zero, 10 % is noise (measured: healthy runs on the wine data rise by 3 %).
A gap between the two losses alone is no finding. A note while it is less than half above its best, where early
stopping is configured, where a few validation rows may show as much by chance, in the loss or in the accuracy, and
where the metrics have lost less than 5 % of the way from guessing to perfection: a network that grows surer of what it
says loses more by each mistake, and may be right as often.

Why it matters: the network learns the training examples by heart and gets worse at new ones.

Instead: stop early (the best epoch's checkpoint is kept), add dropout, weight decay or noise, get more data, or
take a smaller network.

Source: Troubleshooting Neural Net Training (S1-10, S1-11).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.curves import finite, is_finite, last_phase
from logbook_schemas.checklist.examples import config, curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import learnt_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = [epoch for epoch in last_phase(evidence) if is_finite(epoch.val_loss) and is_finite(epoch.train_loss)]
    window = int(at.epochs)
    if len(epochs) <= window:
        return
    best = min(epochs[:-window], key=lambda epoch: epoch.val_loss or 0.0)
    if not _is_rising(evidence, best, epochs[-window:], at):
        return
    last = epochs[-1]
    stops_early = evidence.config is not None and evidence.config.training.early_stopping is not None
    is_little = _is_mild(best, last, at) or _lost(evidence, best, last) <= at.lost
    is_harmless = stops_early or is_little or _may_be_chance(evidence, best, last, at)
    yield Said(
        message=f"The validation loss rose from {number(best.val_loss or 0)} (epoch {best.epoch}) to"
        f" {number(last.val_loss or 0)} (epoch {last.epoch}) while the training loss fell from"
        f" {number(best.train_loss or 0)} to {number(last.train_loss or 0)}.",
        where="val_loss",
        measured=last.val_loss,
        expected=f"at most {percent(at.rise)} above the best, {number(best.val_loss or 0)}",
        remedy="Stop early, or regularize: dropout, weight decay, noise on the inputs, or a smaller network.",
        change={} if stops_early else {"training.early_stopping": {"patience": 10}},
        severity="note" if is_harmless else "warning",
    )


def _is_rising(evidence: Evidence, best: EpochRecord, recent: Sequence[EpochRecord], at: Thresholds) -> bool:
    bottom = best.val_loss or 0.0
    limit = bottom + max(at.rise * abs(bottom), at.noise * _guessing(evidence))
    is_above = all(epoch.val_loss is not None and epoch.val_loss > limit for epoch in recent)
    return is_above and (recent[-1].train_loss or 0.0) < (best.train_loss or 0.0)


def _lost(evidence: Evidence, best: EpochRecord, last: EpochRecord) -> float:
    """Return how much of the way from guessing to perfection was lost since the best epoch: by the metrics, which say
    what a person gets; by the loss where there are none."""
    if not last.metrics or not best.metrics:
        guessing = _guessing(evidence)
        return ((last.val_loss or 0.0) - (best.val_loss or 0.0)) / guessing if guessing else 1.0
    before, after = (
        learnt_share(evidence, epoch.model_copy(update={"val_loss": None, "train_loss": None}))
        for epoch in (best, last)
    )
    return before - after if before is not None and after is not None else 1.0


def _may_be_chance(evidence: Evidence, best: EpochRecord, last: EpochRecord, at: Thresholds) -> bool:
    """Say whether the rise is one that few rows may show by chance: losses of single rows vary about as much as their
    mean, so that the mean of n rows is uncertain by its share 1 / sqrt(n)."""
    split = evidence.data.splits.get("validation") if evidence.data else None
    if split is None or not split.rows or not best.val_loss:
        return False
    is_small = (last.val_loss or 0.0) - best.val_loss < at.deviations * abs(best.val_loss) / math.sqrt(split.rows)
    return is_small or _are_few_mistakes(best, last, split.rows, at)


def _are_few_mistakes(best: EpochRecord, last: EpochRecord, rows: int, at: Thresholds) -> bool:
    """Say whether the accuracy fell by no more than what the two shares of so many rows vary by."""
    before, after = best.metrics.get("accuracy"), last.metrics.get("accuracy")
    if before is None or after is None:
        return False
    deviation = math.sqrt((before * (1 - before) + after * (1 - after)) / rows)
    return before - after < at.deviations * deviation


def _is_mild(best: EpochRecord, last: EpochRecord, at: Thresholds) -> bool:
    bottom = best.val_loss or 0.0
    return (last.val_loss or 0.0) - bottom < at.much * abs(bottom)


def _guessing(evidence: Evidence) -> float:
    """Return what knowing nothing loses, 0 where that isn't known."""
    baseline = evidence.data.baseline.get("val_loss") if evidence.data else None
    expected = evidence.start.expected_loss if evidence.start else None
    return next(iter(finite([baseline, expected])), 0.0)


RULE = Rule(
    code="T104",
    name="rising-validation-loss",
    severity="warning",
    moment="epoch",
    title="The validation loss rises while the training loss falls",
    why="The network learns the training examples by heart and gets worse at new ones.",
    source=cite("S1-10", "S1-11"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "mlp", "dropout": 0.2}),
        epochs=curve([1.2, 0.7, 0.4, 0.2, 0.1, 0.05], [1.1, 0.8, 0.75, 0.9, 1.0, 1.2]),
    ),
    good=evidence,
    doc=__doc__ or "",
    version=3,
    thresholds={
        "rise": Threshold(0.1, "share by which the validation loss is above its best (S1-10)"),
        "epochs": Threshold(3.0, "epochs running that it is (S1-10)"),
        "lost": Threshold(
            0.05, "way from guessing to perfection, by the metrics, whose loss makes it a warning (measured)"
        ),
        "deviations": Threshold(2.0, "deviations of a mean over the validation rows that a warning's rise exceeds"),
        "much": Threshold(
            0.5,
            "share by which it is above its best whose excess makes it a warning; the best checkpoint is kept, and"
            " healthy runs with the defaults reached 0.25 (measured on diabetes)",
        ),
        "noise": Threshold(0.05, "share of the loss of guessing that a rise must exceed (measured on healthy runs)"),
    },
    explains=("memorized-training-set",),
)
