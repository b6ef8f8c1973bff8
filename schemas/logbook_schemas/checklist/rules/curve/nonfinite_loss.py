"""A loss that became NaN or infinite.

What it checks: whether the training met a loss or a weight that isn't finite (the step, and the layer where it
first appeared, are looked for), or an epoch's training or validation loss isn't a plain number. Training rows whose
loss or inputs were far beyond the others' before that are named.

Why it matters: from that step on every weight is NaN; nothing after it means anything.

Instead: divide the learning rate by ten; look for outliers, NaN and zero divisions in the data and in your own
code. Clipping gradients is a stopgap.

Source: My Neural Network isn't working! What should I do? (S0-30, S0-32); What to do when a neural network does
not learn (S4-34).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.curves import is_finite
from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING, POOR_VALIDATION
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import EndRecord, EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    end = evidence.end
    if end is not None and (end.nonfinite_step is not None or end.nonfinite_epoch is not None):
        where = f"epoch {end.nonfinite_epoch}" if end.nonfinite_step is None else f"step {end.nonfinite_step}"
        yield _said(evidence, _at_step(end, at), where=where, value=end.nonfinite_value)
        return
    for epoch in evidence.epochs:
        for name, loss in (("training", epoch.train_loss), ("validation", epoch.val_loss)):
            if loss is not None and not is_finite(loss):
                message = f"The {name} loss of epoch {epoch.epoch} is {number(loss)}{_only(epoch)}."
                yield _said(evidence, message, where=f"epoch {epoch.epoch}", value=number(loss))
                return


def _at_step(end: EndRecord, at: Thresholds) -> str:
    value = end.nonfinite_value or "not a finite number"
    if end.nonfinite_what == "validation loss":
        return f"The validation loss of epoch {end.nonfinite_epoch} is {value}."
    step = "" if end.nonfinite_step is None else f" at step {end.nonfinite_step}"
    epoch = "" if end.nonfinite_epoch is None else f" in epoch {end.nonfinite_epoch}"
    layer = f"it first appears in layer {end.nonfinite_layer}" if end.nonfinite_layer else "the layer is unknown"
    return f"The {end.nonfinite_what} became {value}{step}{epoch}; {layer}.{_extreme(end, at)}"


def _extreme(end: EndRecord, at: Thresholds) -> str:
    """Name the training rows that stand out from the others, by their loss before that epoch or their inputs."""
    named = []
    for row in end.extreme_rows:
        if row.loss is None or (end.typical_loss and row.loss > at.times * abs(end.typical_loss)):
            named.append(f"row {row.row} (loss {'not finite' if row.loss is None else number(row.loss)})")
        elif end.typical_input and (row.largest_input is None or row.largest_input > at.times * end.typical_input):
            size = "not finite" if row.largest_input is None else number(row.largest_input)
            named.append(f"row {row.row} (input of {size})")
    return f" Before that, training rows that stand out: {listing(named, limit=3)}." if named else ""


def _only(epoch: EpochRecord) -> str:
    return ", while the training loss is finite" if is_finite(epoch.train_loss) else ""


def _said(evidence: Evidence, message: str, *, where: str, value: str | None) -> Said:
    lr = getattr(evidence.config.optimizer, "lr", None) if evidence.config else None
    change: dict[str, JsonValue] = {"optimizer.lr": float(f"{lr / 10:.6g}")} if lr else {}
    return Said(
        message=message,
        where=where,
        measured=value or "not finite",
        expected="a finite loss",
        remedy="Divide the learning rate by ten, and look for outliers and NaN in the data.",
        change=change,
    )


RULE = Rule(
    code="T101",
    name="nonfinite-loss",
    severity="error",
    moment="end",
    title="The loss became NaN or infinite",
    why="From that step on every weight is lost, and nothing after it means anything.",
    source=cite("S0-30", "S0-32", "S4-34"),
    check=check,
    bad=lambda: evidence(
        epochs=curve([5.1e4]),
        end=end(status="diverged", nonfinite_step=61, nonfinite_epoch=2, nonfinite_value="NaN", nonfinite_layer="0"),
    ),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "times": Threshold(100.0, "times the median row's loss or largest input at which a row stands out (measured)")
    },
    explains=("diverging-loss", "oscillating-loss", "sudden-drop", *NOT_LEARNING, *POOR_VALIDATION),
)
