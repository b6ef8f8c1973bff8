"""Rules on rows and labels, at their thresholds."""

import pytest

from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.examples import config, data, evidence, regression_data
from logbook_schemas.records.measures import ArrayRecord, SplitRecord
from logbook_schemas.records.rows import (
    LabelDrift,
    LabelOrder,
    NearRows,
    PaddingRecord,
    ProbeScore,
    RepeatedRows,
    SignalRecord,
)
from tests.schemas.checklist.judging import judged_data as judged
from tests.schemas.checklist.judging import severity_of_data as severity_of

DIGITS = {"kind": "sklearn", "dataset": "digits"}


def split_by(**split):
    source = {"kind": "npz", "path": "a.npz"} if "by" in split else DIGITS
    return config(task="classification", data={"source": source, "split": split})


def drift(distance=0.3, probability=1e-9, **fields):
    found = LabelDrift(split="validation", other="train", distance=distance, probability=probability, **fields)
    return data(label_drift=(found,))


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (drift(0.15), None),
        (drift(0.151), "warning"),
        (drift(0.5, 1e-4), None),
        (drift(0.5, 0.99e-4), "warning"),
        (drift(is_evened_out=True), "note"),
    ],
    ids=str,
)
def test_labels_drift_by_effect_and_certainty(record, severity):
    assert severity_of("drifting-labels", record) == severity


def test_days_and_patients_may_differ():
    assert severity_of("drifting-labels", drift(), config=split_by(kind="ordered")) == "note"
    assert severity_of("drifting-labels", drift(), config=split_by(kind="group", by="patient")) == "note"
    assert severity_of("drifting-labels", drift(), config=split_by(kind="k-fold", by="patient")) == "note"
    assert severity_of("drifting-labels", drift(), config=split_by(kind="k-fold")) == "warning"


def test_drift_names_the_class_that_differs_most():
    splits = {
        "train": SplitRecord(rows=100, class_counts=(80, 20)),
        "validation": SplitRecord(rows=50, class_counts=(10, 40)),
    }
    [found] = judged("drifting-labels", drift().model_copy(update={"splits": splits, "classes": ("cat", "dog")}))
    assert "class cat is 20 % of the rows there and 80 % here" in found.message


def test_a_class_that_training_lacks_is_one_finding():
    splits = {
        "train": SplitRecord(rows=100, class_counts=(100, 0)),
        "validation": SplitRecord(rows=50, class_counts=(0, 50)),
    }
    assert judged("drifting-labels", drift().model_copy(update={"splits": splits})) == []


def near(share, expected, rows=1000):
    return data(
        near=(
            NearRows(
                split="validation",
                other="train",
                rows=rows,
                share=share,
                expected_rows=1000,
                expected_share=expected,
                examples=(3,),
            ),
        )
    )


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (near(0.051, 0.0), "warning"),
        (near(0.049, 0.0), None),
        (near(0.3, 0.1), None),  # three times as many, and not more
        (near(0.31, 0.1), "warning"),
        (near(0.9, 0.85), None),
        (near(0.1, 0.0, rows=20), "warning"),
        (near(0.1, 0.02, rows=20), None),  # two rows: chance
    ],
    ids=str,
)
def test_near_rows_are_judged_against_the_training_rows_own(record, severity):
    assert severity_of("near-shared-rows", record) == severity


def repeated(of_rows=1000, distinct=900, repeats=100, conflicting=0, split="train", **fields):
    return data(
        repeated=(
            RepeatedRows(
                split=split,
                of_rows=of_rows,
                distinct_rows=distinct,
                repeated=repeats,
                conflicting=conflicting,
                **fields,
            ),
        )
    )


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (repeated(repeats=50), None),
        (repeated(repeats=51), "note"),
        (repeated(distinct=299, repeats=701), None),
        (repeated(split="validation"), None),
    ],
    ids=str,
)
def test_repeats_are_a_note(record, severity):
    assert severity_of("repeated-rows", record) == severity


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (repeated(conflicting=10), None),
        (repeated(conflicting=11), "note"),
        (repeated(conflicting=50, conflict_rate=1.0), "note"),
        (repeated(conflicting=51, conflict_rate=0.47, chance_conflict_rate=0.5), "note"),  # cases of a kind
        (repeated(conflicting=51, conflict_rate=0.48, chance_conflict_rate=0.5), "warning"),
        (repeated(conflicting=51, conflict_rate=0.5, chance_conflict_rate=0.5, chance_share=0.01), "note"),
        (repeated(of_rows=350, distinct=299, repeats=51, conflicting=100, conflict_rate=1.0), None),
    ],
    ids=str,
)
def test_conflicts_are_grave_where_equal_rows_say_nothing_of_each_other(record, severity):
    assert severity_of("conflicting-labels", record) == severity


def test_repeats_of_a_file_are_told_by_their_lines():
    record = repeated(
        conflicting=150, examples=(8, 9), lines=(10, 11), conflicting_examples=(1,), conflicting_lines=(3,)
    )
    assert "lines 10, 11" in judged("repeated-rows", record)[0].message
    assert "lines 3" in judged("conflicting-labels", record)[0].message


def score(deviations, name="nearest neighbours"):
    return ProbeScore(name=name, score=0.01 * deviations, chance=0.0, spread=0.01)


def signal(*deviations, rows=1000, outputs=10, **fields):
    return data(signal=SignalRecord(rows=rows, outputs=outputs, probes=tuple(map(score, deviations)), **fields))


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (signal(2.9, -2.9, 0.0), "warning"),
        (signal(2.9, 3.1), None),
        (signal(0.0, -3.1), None),  # far worse than chance is a signal too: parity
        (signal(0.0, rows=99), None),
        (signal(0.0, rows=100), "warning"),
        (signal(0.0, rows=499, outputs=100), None),
        (signal(0.0, rows=500, outputs=100), "warning"),
        (signal(0.0, is_boolean=True), None),
        (signal(), None),
    ],
    ids=str,
)
def test_labels_are_uninformed_where_no_model_beats_shuffled_ones(record, severity):
    assert severity_of("uninformative-inputs", record) == severity


def moved(*there, here=40.0, rows=400, **known):
    scores = tuple(score(deviations) for deviations in there)
    return severity_of("uninformative-inputs", signal(here, transfer=scores, transfer_rows=rows), **known)


def test_what_was_learnt_must_hold_for_validation():
    assert moved(2.9, 1.0) == "warning"
    assert moved(2.9, 3.0) is None
    assert moved(-20.0, -15.0) == "warning"
    assert moved(0.0, 0.0, rows=49) is None
    assert moved(0.0, 0.0, here=12.0) is None  # 400 of 1,000 rows promise too little
    assert moved(0.0, 0.0, config=split_by(kind="ordered")) is None
    assert moved(0.0, 0.0, config=split_by(kind="group", by="patient")) is None


def test_swapped_classes_are_told_from_shuffled_ones():
    [found] = judged("uninformative-inputs", signal(40.0, transfer=(score(-20.0),), transfer_rows=400))
    assert "opposite" in found.message
    assert found.where == "validation"


def order(runs, *, chance=800.0, classes=10, goes_on=True, rows=1000):
    return data(label_order=LabelOrder(rows=rows, runs=runs, chance_runs=chance, classes=classes, goes_on=goes_on))


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (order(10), "warning"),
        (order(12), "warning"),
        (order(13), None),
        (order(10, goes_on=False), None),
        (order(10, chance=30.0), None),
        (order(10, rows=19), None),
        (order(1, classes=0), "warning"),
        (order(8, classes=0), "warning"),
        (order(9, classes=0), None),
    ],
    ids=str,
)
def test_sorted_rows_are_judged_by_their_stretches(record, severity):
    assert severity_of("sorted-data", record) == severity


def test_an_order_that_was_asked_for_is_a_note():
    assert severity_of("sorted-data", order(10), config=split_by(kind="ordered", by="day")) == "note"
    [found] = judged("sorted-data", order(10), config=split_by(kind="ordered"))
    assert found.severity == "warning"
    config(data={"source": DIGITS, "split": found.change["data.split"]})


def test_sorted_data_come_before_the_class_that_they_hide():
    splits = {
        "train": SplitRecord(rows=100, class_counts=(100, 0)),
        "validation": SplitRecord(rows=50, class_counts=(0, 50)),
    }
    record = order(1, classes=1).model_copy(update={"splits": splits})
    found = judge_moment(evidence(data=record), "data")
    assert found[0].name in ("sorted-data", "single-class")
    assert {one.name for one in found if one.severity != "note"} == {"sorted-data", "single-class", "unseen-class"}


def test_one_class_is_an_error_and_one_number_a_warning():
    def counts(*rows):
        return data(splits={"train": SplitRecord(rows=sum(rows), class_counts=rows)})

    assert severity_of("single-class", counts(0, 50)) == "error"
    assert severity_of("single-class", counts(0, 1)) is None
    assert severity_of("single-class", counts(1, 50)) is None
    same = ArrayRecord(mean=3.0, std=0.0, column_means=(3.0,), column_stds=(0.0,))
    assert severity_of("single-class", regression_data(raw_targets=same)) == "warning"
    assert severity_of("single-class", regression_data(raw_targets=ArrayRecord(column_stds=(0.0, 1.0)))) is None


@pytest.mark.parametrize(
    ("train", "validation", "severity"),
    [(100, 20, None), (100, 19, "note"), (999, 1, "note"), (1000, 9, "warning"), (1000, 10, "note"), (4, 1, "note")],
)
def test_tiny_validation_splits_are_judged_by_what_there_is(train, validation, severity):
    splits = {"train": SplitRecord(rows=train), "validation": SplitRecord(rows=validation)}
    assert severity_of("tiny-validation-split", data(splits=splits)) == severity


def test_padding_and_disagreement_are_notes():
    assert severity_of("padded-sequences", data(padding=PaddingRecord(share=0.51))) == "note"
    assert severity_of("padded-sequences", data(padding=PaddingRecord(share=0.5))) is None
    known = {"accuracy": 0.6, "chance_accuracy": 0.1}
    assert severity_of("disagreeing-labels", signal(40.0, disagreeing_share=0.061, **known)) == "note"
    assert severity_of("disagreeing-labels", signal(40.0, disagreeing_share=0.06, **known)) is None
    # Neighbours that name hardly anything right say nothing of single labels.
    worse = {"accuracy": 0.54, "chance_accuracy": 0.1}
    assert severity_of("disagreeing-labels", signal(40.0, disagreeing_share=0.3, **worse)) is None
