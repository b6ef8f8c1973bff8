"""Labels on which the inputs say nothing, as after one of the two was shuffled without the other.

What it checks: on a sample of the training rows, whether any simple model (nearest neighbours, a linear model, the best
single column, the best pair of columns; also on the brightness and the frequencies of a row) predicts rows that it
wasn't fitted on better than it predicts the same labels in shuffled order. None does by 3 standard deviations: a
warning, from 100 rows and 5 rows a class on. Where training rows are predicted well, the validation labels must be
predicted by the same models too: if not, the validation labels are out of order, or mean something else.

Silent for tokens, for truth tables (up to 64 inputs of two values each: no simple model learns a parity), and on
validation splits of other groups or later days.

Why it matters: a network can then learn the training rows by heart and nothing else. The training loss falls, and the
validation loss stays where it is, or rises.

Instead: look at a few rows beside their labels; join by a key, then shuffle both with one permutation. Check that the
columns that matter are among the inputs.

Source: What to do when a neural network does not learn (S4-13). Measured: on 25 kinds of healthy data of 100 rows
and more the best model lay at least 4.9 standard deviations above shuffled labels, nearly always above 10; with the
labels shuffled it lay below 3 in 157 of 162 cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.rows import ProbeScore, SignalRecord

__all__ = ["RULE"]

_TRANSFER_ROWS = 2000
"""So many rows at most fit the models that are tried on validation rows."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    signal = evidence.data.signal if evidence.data else None
    if signal is None or not signal.probes:
        return
    is_enough = signal.rows >= max(at.rows, at.rows_an_output * signal.outputs)
    if is_enough and not signal.is_boolean and all(abs(probe.deviations) < at.deviations for probe in signal.probes):
        yield _nothing(signal)
    elif _fails_elsewhere(signal, at) and not _keeps_rows_together(evidence):
        yield _elsewhere(signal)


def _fails_elsewhere(signal: SignalRecord, at: Thresholds) -> bool:
    """Say whether models that must do well on validation rows, from how they do on training rows, don't."""
    if not signal.transfer or signal.transfer_rows < at.transfer_rows:
        return False
    names = {probe.name for probe in signal.transfer}
    best = max((probe.deviations for probe in signal.probes if probe.name in names), default=0.0)
    # The same signal counts by the square root of the rows.
    expected = best * sqrt(signal.transfer_rows / min(max(1, signal.rows), _TRANSFER_ROWS))
    return expected > at.expected_deviations and all(probe.deviations < at.deviations for probe in signal.transfer)


def _keeps_rows_together(evidence: Evidence) -> bool:
    split = evidence.config.data.split if evidence.config else None
    return split is not None and (split.kind in ("ordered", "group") or split.column is not None)


def _nothing(signal: SignalRecord) -> Said:
    best = max(signal.probes, key=lambda probe: probe.deviations)
    return Said(
        message=f"The inputs say nothing of the training labels: on {signal.rows:,} rows, {_result(signal, best)}.",
        where="train",
        measured=best.deviations,
        expected="labels that a simple model predicts better than shuffled ones",
        remedy="Look at rows beside their labels; join the two by a key, and shuffle both with one permutation.",
    )


def _result(signal: SignalRecord, best: ProbeScore) -> str:
    if signal.accuracy is not None and signal.chance_accuracy is not None:
        return (
            f"nearest neighbours name {percent(signal.accuracy)} right, {percent(signal.chance_accuracy)} with shuffled"
            " labels, and no other simple model does better"
        )
    return f"no simple model predicts them better than shuffled ones (best: {best.name}, correlation {best.score:.2f})"


def _elsewhere(signal: SignalRecord) -> Said:
    best = max(signal.transfer, key=lambda probe: probe.deviations)
    is_reversed = all(probe.deviations < -3 for probe in signal.transfer)
    how = "predicts the opposite of" if is_reversed else "says nothing of"
    return Said(
        message=f"What the inputs say of the training labels {how} the validation labels"
        f" (correlation {best.score:.2f} on {signal.transfer_rows:,} validation rows).",
        where="validation",
        measured=best.deviations,
        expected="validation labels that follow from the inputs as the training labels do",
        remedy="Look at validation rows beside their labels: classes must have the same numbers there, and"
        " inputs and labels the same order.",
    )


def _signal(deviations: float) -> SignalRecord:
    score = ProbeScore(name="nearest neighbours", score=0.02 * deviations, chance=0.0, spread=0.02)
    return SignalRecord(rows=1440, outputs=10, probes=(score,), accuracy=0.1 + 0.01 * deviations, chance_accuracy=0.1)


RULE = Rule(
    code="D134",
    name="uninformative-inputs",
    severity="warning",
    moment="data",
    title="The inputs say nothing of the labels",
    why="Training rows can then be learnt by heart, and nothing that holds for others.",
    source=cite("S4-13"),
    check=check,
    bad=lambda: evidence(data=data(signal=_signal(0.5))),
    good=lambda: evidence(data=data(signal=_signal(40.0))),
    doc=__doc__ or "",
    thresholds={
        "deviations": Threshold(
            3.0, "standard deviations above the score on shuffled labels, from which a model has learnt something"
        ),
        "rows": Threshold(100, "rows of the sample, from which the lack of a signal can be told"),
        "rows_an_output": Threshold(5, "the same, as rows for each class or target column"),
        "transfer_rows": Threshold(50, "validation rows, from which it can be told of their labels"),
        "expected_deviations": Threshold(
            8.0, "standard deviations that the validation rows must promise from how training rows are predicted"
        ),
    },
    explains=(
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
