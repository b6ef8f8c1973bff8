"""Early stopping that ends a training at the first bad epoch, or by a number that says nothing of new rows.

What it checks: a patience below 3 epochs; a `min_delta` so large that hardly any epoch improves by it, above 0.1 of a
loss or of an accuracy; and a monitored train loss. Notes.

Why it matters: the validation loss goes up and down from epoch to epoch. A patience of one ends a training that had
just begun. A train loss falls while the network overfits, so stopping by it comes too late.

Instead: a patience of 5 to 10 epochs by the validation loss.

Source: Troubleshooting Neural Net Training (S1-10, S1-11, S1-30).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import count, number

__all__ = ["RULE"]

_PATIENCE, _DELTA = "training.early_stopping.patience", "training.early_stopping.min_delta"


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    stopping = known.training.early_stopping if known else None
    if known is None or stopping is None:
        return
    metric = known.monitor.metric
    if stopping.patience < at.patience:
        message = f"Training stops after {count(stopping.patience, 'epoch')} without a better {metric}."
        yield _said(message, _PATIENCE, stopping.patience, "5 to 10 epochs", {_PATIENCE: 10}, NOT_LEARNING)
    if stopping.min_delta > at.min_delta and (metric.endswith("_loss") or metric == "accuracy"):
        message = f"An epoch counts as better only where {metric} improves by {number(stopping.min_delta)}."
        yield _said(message, _DELTA, stopping.min_delta, "0, or a small part of it", {_DELTA: 0.0}, NOT_LEARNING)
    if metric in ("train_loss", "train_loss_eval"):
        message = f"Training stops by {metric}, which falls while the network overfits."
        yield _said(message, "monitor.metric", metric, "a number measured on validation rows", {}, ())


def _said(
    message: str,
    where: str,
    measured: JsonValue,
    expected: str,
    change: dict[str, JsonValue],
    explains: tuple[str, ...],
) -> Said:
    return Said(
        message=message,
        where=where,
        measured=measured,
        expected=expected,
        remedy="Wait 5 to 10 epochs, by the validation loss.",
        change=change,
        explains=explains,
    )


RULE = Rule(
    code="B110",
    name="impatient-stopping",
    severity="note",
    moment="config",
    title="Early stopping ends a training too soon, or by the wrong number",
    why="The validation loss goes up and down; a patience of one ends a training that had just begun.",
    source=cite("S1-10", "S1-11", "S1-30"),
    check=check,
    bad=lambda: evidence(config=config(training={"early_stopping": {"patience": 1}})),
    good=lambda: evidence(config=config(training={"early_stopping": {"patience": 5}})),
    doc=__doc__ or "",
    thresholds={
        "patience": Threshold(3.0, "epochs without improvement below which it is noted (S1-11)"),
        "min_delta": Threshold(0.1, "improvement of a loss or accuracy above which it is noted; our own"),
    },
    explains=NOT_LEARNING,
)
