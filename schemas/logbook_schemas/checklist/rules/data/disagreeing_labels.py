"""Labels that contradict those of the rows around them.

What it checks: on a sample of the training rows of a classification, how many are of another class than eight or more
of their ten nearest neighbours. Above 6 % is a note, where neighbours do name the class of most rows.

Why it matters: some labels are probably wrong. A network learns them by heart in the end, and the validation loss rises
from then on.

Instead: look at such rows; stop early; label smoothing (`loss.label_smoothing`) bears some wrong labels. Classes that
overlap look much the same, so this is no more than a hint.

Source: What to do when a neural network does not learn (S4-13). Measured: at most 3.3 % on healthy sets of digits,
wine, iris, tumours, spirals, xor and blobs; 6 % to 11 % on the digits with 10 % to 40 % of the labels drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.rows import SignalRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    signal = evidence.data.signal if evidence.data else None
    if signal is None or signal.disagreeing_share is None or signal.rows < at.rows or signal.is_boolean:
        return
    if signal.disagreeing_share > at.share and _gain(signal) > at.gain:
        yield Said(
            message=f"{percent(signal.disagreeing_share)} of the training rows are of another class than at least eight"
            " of their ten nearest neighbours: some labels may be wrong.",
            where="train",
            measured=signal.disagreeing_share,
            expected=f"at most {percent(at.share)}",
            remedy="Look at such rows beside their labels; label smoothing and early stopping bear a few wrong ones.",
        )


def _gain(signal: SignalRecord) -> float:
    """Return how much of the way from chance to all right the neighbours' majority goes."""
    if signal.accuracy is None or signal.chance_accuracy is None or signal.chance_accuracy >= 1:
        return 0.0
    return (signal.accuracy - signal.chance_accuracy) / (1 - signal.chance_accuracy)


def _signal(share: float) -> SignalRecord:
    return SignalRecord(rows=1440, outputs=10, accuracy=0.8, chance_accuracy=0.1, disagreeing_share=share)


RULE = Rule(
    code="D139",
    name="disagreeing-labels",
    severity="note",
    moment="data",
    title="Labels contradict those of their neighbours",
    why="Wrong labels are learnt by heart, and what is learnt so holds for nothing else.",
    source=cite("S4-13"),
    check=check,
    bad=lambda: evidence(data=data(signal=_signal(0.1))),
    good=lambda: evidence(data=data(signal=_signal(0.03))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.06, "rows whose ten nearest neighbours are nearly all of one other class; measured"),
        "gain": Threshold(0.5, "part of the way from chance to 100 % that the neighbours' majority must go"),
        "rows": Threshold(100, "rows of the sample, from which it can be told"),
    },
    explains=POOR_VALIDATION,
)
