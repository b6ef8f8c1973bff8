"""A training loss that grows.

What it checks: whether the training loss rose in each of the first 3 steps from epoch to epoch, by more than 5 %
in all (an error); whether it is more than 1,000 times what it began at (an error); or whether it was more than
twice its best in each of the last 3 epochs, by a quarter of its first value (a warning). A rise of less than 5 % of the
first loss doesn't count: a loss near 0 that doubles is still near 0.

Why it matters: each step makes things worse: the steps are too long, or go uphill because the loss has the wrong
sign.

Instead: divide the learning rate by ten. If the loss still rises from the start, look at its sign.

Source: What to do when a neural network does not learn (S4-10, S4-34).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import JsonValue

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING, POOR_VALIDATION
from logbook_schemas.checklist.words import number
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    losses = finite(epoch.train_loss for epoch in last_phase(evidence))
    if not losses:
        return
    initial = evidence.start.initial_loss if evidence.start else None
    first = finite([initial, losses[0]])[0]
    if losses[-1] > at.times_first * abs(first) > 0:
        yield _said(evidence, f"is {number(losses[-1])}, having begun at {number(first)}", losses[-1], "error")
    elif _rises_from_the_start(losses, at):
        course = " → ".join(number(loss) for loss in losses[: int(at.epochs) + 1])
        yield _said(evidence, f"rises from the first epoch on: {course}", losses[-1], "error")
    elif _is_above_its_best(losses, first, at):
        best = f"more than {number(at.times_best)} times its best of {number(min(losses))}"
        message = f"is {number(losses[-1])}, {best}, for {int(at.epochs)} epochs"
        yield _said(evidence, message, losses[-1], "warning")


def _rises_from_the_start(losses: Sequence[float], at: Thresholds) -> bool:
    begin = losses[: int(at.epochs) + 1]
    rises = len(begin) > at.epochs and all(later > earlier for earlier, later in pairwise(begin))
    # A loss that recovered is no longer diverging, though a record judged again still holds its beginning.
    return rises and min(begin[-1], losses[-1]) - begin[0] > at.noise * abs(begin[0])


def _is_above_its_best(losses: Sequence[float], first: float, at: Thresholds) -> bool:
    best = min(losses[: -int(at.epochs)], default=None)
    if best is None:
        return False
    limit = max(best + (at.times_best - 1) * abs(best), best + at.far * abs(first))
    return all(loss > limit for loss in losses[-int(at.epochs) :])


def _said(evidence: Evidence, course: str, loss: float, severity: Severity) -> Said:
    lr = getattr(evidence.config.optimizer, "lr", None) if evidence.config else None
    change: dict[str, JsonValue] = {"optimizer.lr": float(f"{lr / 10:.6g}")} if lr else {}
    return Said(
        message=f"The training loss {course}.",
        where="train_loss",
        measured=loss,
        expected="a loss that falls",
        remedy="Divide the learning rate by ten; if it still rises, look at the sign of the loss.",
        change=change,
        severity=severity,
    )


RULE = Rule(
    code="T105",
    name="diverging-loss",
    severity="error",
    moment="epoch",
    title="The training loss grows",
    why="Each step makes things worse: the steps are too long, or go uphill.",
    source=cite("S4-10", "S4-34"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.4, 3.1, 4.8, 9.7])),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "epochs": Threshold(3.0, "epochs running that it must rise, or stay above its best (S4-10)"),
        "times_best": Threshold(2.0, "times its best that the training loss is (S4-34, TheDeepChecker's bound)"),
        "times_first": Threshold(1e3, "times its first value at which any loss has exploded (S4-34)"),
        "far": Threshold(
            0.25, "share of the first loss by which it must be above its best: recurrent nets get over less (measured)"
        ),
        "noise": Threshold(0.05, "share of the first loss that a rise must exceed: near 0, double is nothing"),
    },
    version=2,
    explains=("oscillating-loss", "sudden-drop", *NOT_LEARNING, *POOR_VALIDATION),
)
