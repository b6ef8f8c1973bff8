"""When a run is suggested as a dead end, and when nothing is said of it."""

from __future__ import annotations

import pytest

from logbook.history.dead_ends import suggested_outcome
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EpochRecord, SplitRecord
from logbook_schemas.records.verdicts import Verdict, standing_verdict

RATE = Finding(
    code="L101", name="learning-rate-out-of-bounds", severity="warning", moment="config", message="far too high."
)
ERROR = Finding(code="T102", name="stuck-loss", severity="error", moment="epoch", message="It stands still.")
DATA = DataRecord(
    splits={"validation": SplitRecord(rows=100)},
    baseline={"val_loss": 2.3, "accuracy": 0.1},
    baseline_name="majority class",
    metric_modes={"accuracy": "max"},
)


def curve(*pairs: tuple[float, float], phase: str = "train") -> list[EpochRecord]:
    return [
        EpochRecord(epoch=place, phase=phase, val_loss=loss, metrics={"accuracy": accuracy})
        for place, (loss, accuracy) in enumerate(pairs, start=1)
    ]


AT_CHANCE = curve((2.31, 0.1), (2.305, 0.12), (2.4, 0.09))


def test_a_run_that_diverged_is_one_with_its_most_probable_cause():
    told = suggested_outcome("diverged", reason="loss was nan at step 4", findings=[RATE])
    assert told is not None
    assert (told.kind, told.text, told.author) == ("suggestion", "dead-end", "logbook")
    assert told.reason == (
        "diverged: loss was nan at step 4; most likely cause: L101 learning-rate-out-of-bounds: far too high"
    )


@pytest.mark.parametrize("status", ["finished", "early-stopped"])
def test_a_run_that_never_beat_the_constant_answer_is_one(status):
    told = suggested_outcome(status, data=DATA, epochs=AT_CHANCE)
    assert told is not None
    assert told.reason == (
        "never better than always giving the same answer (majority class): best val_loss 2.305 against 2.3, best"
        " accuracy 0.12 against 0.1"
    )


@pytest.mark.parametrize(
    "epochs",
    [
        curve((2.31, 0.1), (2.29, 0.1), (2.4, 0.1)),  # one epoch's loss was better
        curve((2.31, 0.1), (2.31, 0.17), (2.4, 0.1)),  # one epoch's accuracy, by more than two standard errors
        AT_CHANCE[:2],  # too short to tell
        curve((2.31, 0.1), (2.31, 0.1), (2.4, 0.1), phase="pretrain"),  # no training yet
    ],
)
def test_a_run_that_beat_it_or_was_too_short_is_none(epochs):
    assert suggested_outcome("finished", data=DATA, epochs=epochs) is None


def test_nothing_is_suggested_where_there_is_nothing_to_beat():
    assert suggested_outcome("finished", data=DataRecord(), epochs=AT_CHANCE) is None
    assert suggested_outcome("finished", epochs=AT_CHANCE) is None


def test_nothing_is_suggested_where_the_person_waved_the_finding_through():
    ignored = RATE.model_copy(
        update={"name": "no-better-than-baseline", "code": "E101", "ignored": "noise, on purpose"}
    )
    assert suggested_outcome("finished", data=DATA, epochs=AT_CHANCE, findings=[ignored]) is None


def test_an_error_that_stopped_a_run_makes_it_one_and_a_warning_does_not():
    told = suggested_outcome("failed", findings=[ERROR], stopper=ERROR)
    assert told is not None
    assert told.reason == "stopped by T102 stuck-loss: It stands still"
    assert suggested_outcome("failed", findings=[RATE], stopper=RATE) is None


@pytest.mark.parametrize("status", ["interrupted", "crashed", "failed", "running"])
def test_a_run_that_did_not_end_by_itself_is_none(status):
    assert suggested_outcome(status, data=DATA, epochs=AT_CHANCE, findings=[ERROR, RATE]) is None


def test_what_a_person_says_stands_over_any_suggestion():
    suggested, said = ("suggestion", "dead-end", "diverged"), ("outcome", "promising", "nearly")
    assert standing_verdict([]) == Verdict()
    assert standing_verdict([("note", "x", ""), suggested]) == Verdict("dead-end", "diverged", "logbook")
    assert standing_verdict([suggested, said]) == standing_verdict([said, suggested])
    assert standing_verdict([said, suggested]) == Verdict("promising", "nearly", "person")
    assert standing_verdict([said, ("outcome", "done", "y")]) == Verdict("done", "y", "person")
