"""Labels that contradict those of the rows around them.

What it checks: on a sample of the training rows of a classification, whether labels contradict a model of all other
rows as often where it is surest as elsewhere. Where classes overlap, they don't: a model that is sure is right. A
warning, from three classes on, where more than a tenth of the surest third are of another class, hardly fewer than in
the rows after them, and of any other class about alike. Otherwise a note where more than 6 % of the rows are of another
class than eight or more of their ten nearest neighbours, while neighbours do name the class of most rows.

Why it matters: some labels are wrong. A network learns them by heart in the end, and the validation loss rises from
then on; no network scores better than the labels are.

Instead: look at such rows; stop early; label smoothing (`loss.label_smoothing`) bears some wrong labels. Of two classes
it is a note: outcomes that chance decides, such as who survives, look much the same.

Source: What to do when a neural network does not learn (S4-13). Measured: of neighbours, at most 3.3 % disagree on
healthy sets of digits, wine, iris, tumours, spirals, xor and blobs; 6 % to 11 % on the digits with 10 % to 40 % of the
labels drawn anew. A sure model: on 44 healthy sets of three classes and more, most of them hard (blobs that overlap,
ordered grades with noise, clusters in 20 dimensions), none is told; of these sets with 20 % to 50 % of the labels drawn
anew 37 of 100 are, those that a simple model predicts well. Groups of rows whose class chance decides may be told, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, sqrt

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING, POOR_VALIDATION
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.rows import SignalRecord, SurenessRecord

__all__ = ["RULE"]

_REMEDY = "Look at such rows beside their labels; label smoothing and early stopping bear a few wrong ones."


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    signal = evidence.data.signal if evidence.data else None
    if signal is None or signal.rows < at.rows or signal.is_boolean:
        return
    if signal.sureness is not None and _is_contradicted_alike(signal.sureness, at):
        yield _of_sure_rows(signal.sureness, is_certain=signal.outputs > 2)
    elif (signal.disagreeing_share or 0.0) > at.share and _gain(signal) > at.gain:
        yield Said(
            message=f"{percent(signal.disagreeing_share or 0.0)} of the training rows are of another class than at"
            " least eight of their ten nearest neighbours: some labels may be wrong.",
            where="train",
            measured=signal.disagreeing_share,
            expected=f"at most {percent(at.share)}",
            remedy=_REMEDY,
        )


def _is_contradicted_alike(found: SurenessRecord, at: Thresholds) -> bool:
    """Say whether a model is contradicted as often where it is sure, and by any other class.

    How much oftener it may be elsewhere depends on how well the labels are predicted: on labels that follow from the
    inputs by chance alone, it is contradicted everywhere alike, too.
    """
    if found.sure_rows < at.sure_rows or not found.sure_wrong or not found.middle_wrong or not found.guess_wrong:
        return False
    sure, middle = found.sure_wrong / found.sure_rows, found.middle_wrong / found.middle_rows
    beside_guess = sure / found.guess_wrong
    spread = sqrt((1 - sure) / found.sure_wrong + (1 - middle) / found.middle_wrong)
    bound = 1 + at.growth * (1 - beside_guess)
    is_alike = middle / sure * exp(spread) < bound
    is_even = found.agreement is None or found.agreement < at.agreement
    return sure > at.sure_share and beside_guess < at.beside_guess and is_alike and is_even


def _of_sure_rows(found: SurenessRecord, *, is_certain: bool) -> Said:
    sure, middle = found.sure_wrong / found.sure_rows, found.middle_wrong / found.middle_rows
    return Said(
        message=f"{percent(sure)} of the training rows that a simple model of all others is surest of are of another"
        f" class, and {percent(middle)} of the rows after them: about so many labels"
        f" {'are wrong' if is_certain else 'are wrong, or decided by chance'}.",
        where="train",
        measured=sure,
        expected="labels that contradict a model the seldomer, the surer it is",
        remedy=_REMEDY,
        severity="warning" if is_certain else "note",
        explains=(*NOT_LEARNING, *POOR_VALIDATION) if is_certain else POOR_VALIDATION,
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
        "sure_rows": Threshold(100, "rows that a model is surest of, from which it can be told how often it is wrong"),
        "sure_share": Threshold(0.1, "share of these that are of another class: of healthy sets that a model predicts"),
        "beside_guess": Threshold(0.65, "the same share over that of a guess; above, labels are hardly predicted"),
        "growth": Threshold(
            0.75, "how much oftener less sure rows may be of another class, times how much better than a guess it is"
        ),
        "agreement": Threshold(1.5, "how often these agree on the other class, over what chance does; measured"),
    },
    explains=POOR_VALIDATION,
    version=2,
)
