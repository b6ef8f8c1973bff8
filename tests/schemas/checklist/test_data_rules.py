"""Rules of the data moment, at their thresholds, and on the arrays of real and made-up data sets."""

import pytest

from logbook_schemas.checklist.catalogue import find_rule, judge_moment
from logbook_schemas.checklist.examples import config, data, evidence, regression_data
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.measures import ArrayRecord, DataRecord, NonFinite, SharedRows, SplitRecord
from tests.schemas.checklist.judging import judged_data as judged
from tests.schemas.checklist.judging import severity_of_data as severity_of


def test_every_array_with_nan_is_named_with_its_first_row_and_column():
    nonfinite = (
        NonFinite(split="train", array="inputs", count=1, kind="NaN", row=4, column="hue"),
        NonFinite(split="validation", array="targets", count=2, kind="-Infinity", row=9, column="0"),
    )
    first, second = judged("nonfinite-data", data(nonfinite=nonfinite))
    assert (first.severity, first.where) == ("error", "train inputs")
    assert "1 value that is" in first.message
    for word in ("validation targets", "2 values", "-Infinity", "row 9", "column 0"):
        assert word in second.message


def test_nan_of_a_file_is_named_by_its_line():
    values = {"count": 1, "kind": "NaN", "row": 4, "line": 7}
    nonfinite = (
        NonFinite(split="train", array="inputs", column="hue", **values),
        NonFinite(split="train", array="targets", column="0", **values),
    )
    first, second = judged("nonfinite-data", data(nonfinite=nonfinite))
    assert "NaN in line 7, column hue." in first.message
    assert "NaN in line 7." in second.message
    assert "line 7 of the file" in first.remedy


def test_shared_rows_of_a_file_are_named_by_their_lines():
    (pair,) = shared(0.5).shared
    [found] = judged("shared-rows", data(shared=(pair.model_copy(update={"lines": (9, 12)}),)))
    assert "(lines 9, 12)" in found.message


def shared(share, *, rows=10, distinct=1000):
    pair = SharedRows(
        split="validation", other="train", rows=rows, share=share, distinct_rows=distinct, examples=(3, 5)
    )
    return data(shared=(pair,))


@pytest.mark.parametrize(
    ("share", "rows", "distinct", "severity"),
    [
        (0.01, 10, 1000, None),
        (0.011, 11, 1000, "warning"),
        (0.5, 100, 1000, "warning"),
        (0.51, 102, 1000, "error"),
        (0.6, 60, 299, None),
        (0.6, 60, 300, "error"),
        (1.0, 150, 147, "error"),
        (1.0, 4, 4, None),
        (1.0, 200, 64, None),
    ],
)
def test_shared_rows_are_judged_by_their_share(share, rows, distinct, severity):
    assert severity_of("shared-rows", shared(share, rows=rows, distinct=distinct)) == severity


def test_shared_rows_are_counted_and_shown():
    [found] = judged("shared-rows", shared(0.05, rows=18))
    assert found.message == "18 rows of the validation split, 5 %, also stand in the train split (rows 3, 5)."


def splits(train, validation=(), **fields):
    counts = {"train": train, **({"validation": validation} if validation else {})}
    records = {name: SplitRecord(rows=sum(rows), class_counts=rows) for name, rows in counts.items()}
    return data(classes=("a", "b", "c")[: len(train)], splits=records, **fields)


def test_a_class_in_validation_only_is_an_error():
    [found] = judged("unseen-class", splits((50, 50, 0), (10, 10, 3)))
    assert found.severity == "error"
    assert "3 rows of class c" in found.message


def test_a_split_that_is_stratified_already_is_not_told_to_be():
    counts = splits((50, 50, 0), (10, 10, 3))
    [loose] = judged(
        "unseen-class",
        counts,
        config=config(data={"source": {"kind": "sklearn", "dataset": "digits"}, "split": {"stratify": False}}),
    )
    assert loose.change == {"data.split.stratify": True}
    [strict] = judged("unseen-class", counts)
    assert strict.change == {}
    assert "stratify" not in strict.remedy


def test_a_class_in_training_only_is_no_finding():
    assert severity_of("unseen-class", splits((50, 50, 1), (10, 10, 0))) is None
    assert severity_of("unseen-class", splits((50, 50))) is None


@pytest.mark.parametrize(
    ("train", "severity"),
    [
        ((100, 10), None),
        ((101, 10), "warning"),
        ((1000, 10), "warning"),
        ((1001, 10), "warning"),
        ((12, 1), None),  # chance makes such pairs among many small classes
        ((13, 1), "warning"),
        ((50, 50), None),
        ((50,), None),
        ((), None),
    ],
)
def test_classes_are_judged_by_largest_over_smallest(train, severity):
    assert severity_of("imbalanced-classes", splits(train)) == severity


def test_labels_that_may_hold_together_are_not_compared():
    assert severity_of("imbalanced-classes", splits((5000, 10), task="multilabel")) is None


def test_a_class_without_any_row_is_named():
    [found] = judged("imbalanced-classes", splits((50, 50, 0), (10, 10, 0)))
    assert found.severity == "warning"
    assert found.message == "No row is of class c."


@pytest.mark.parametrize(
    ("mean", "std", "severity"),
    [
        (0.0, 1.0, None),
        (0.0, 10.0, None),
        (0.0, 10.1, "warning"),
        (0.0, 0.1, None),
        (0.0, 0.09, "note"),
        (0.0, 0.0099, "warning"),
        (3.0, 1.0, None),
        (-3.1, 1.0, "warning"),
        (1.9, 0.5, "note"),
        (5.0, 0.0, "warning"),
        (None, 200.0, None),
    ],
)
def test_targets_are_judged_by_mean_and_deviation(mean, std, severity):
    assert severity_of("unscaled-targets", regression_data(targets=ArrayRecord(mean=mean, std=std))) == severity


def test_class_numbers_are_no_regression_targets():
    assert severity_of("unscaled-targets", data(targets=ArrayRecord(mean=50.0, std=29.0))) is None


def test_an_empty_record_is_silent_at_the_data_moment():
    assert judge_moment(Evidence(data=DataRecord()), "data") == ()


@pytest.mark.parametrize(
    "split", [{"kind": "group", "by": "who"}, {"kind": "k-fold", "by": "who"}, {"kind": "ordered"}]
)
def test_nobody_is_told_to_stratify_what_cannot_be(split):
    own = config(
        data={"source": {"kind": "csv", "path": "a.csv", "target": "y"}, "split": split}, task="classification"
    )
    [found] = judged("unseen-class", splits((50, 50, 0), (10, 10, 3)), config=own)
    assert found.change == {}
    assert "stratify" not in found.remedy


def test_classes_that_are_weighed_may_be_unequal():
    weighed = config(data={"source": {"kind": "sklearn", "dataset": "digits"}, "balance": "class-weights"})
    assert severity_of("imbalanced-classes", splits((950, 5)), config=weighed) is None
    [found] = judged("imbalanced-classes", splits((950, 50)))
    assert found.change["data.balance"] == {"kind": "undersample"}
    [found] = judged("imbalanced-classes", splits((950, 5)))  # 10 rows would be left to train on
    assert found.change["data.balance"] == {"kind": "class-weights"}


def classified(rows, names=None, **fields):
    names = names or tuple(str(7 * index) for index in range(len(rows)))
    splits = {
        "train": SplitRecord(rows=sum(rows), class_counts=tuple(rows)),
        "validation": SplitRecord(rows=0, class_counts=(0,) * len(rows)),
    }
    return data(classes=tuple(names), splits=splits, **fields)


@pytest.mark.parametrize(
    ("known", "severity"),
    [
        (classified([1, 3] * 10), "error"),
        (classified([1, 3] * 9), None),
        (classified([1, 3, 3] * 10), None),
        (classified([2] * 200), "error"),
        (classified([3] * 200), None),
        (classified([1, 2] * 50 + [0] * 300), "error"),
        (classified([2] * 30, names=map(str, range(-3, 27))), "warning"),
        (classified([2] * 30, names=[f"person {index}" for index in range(30)]), "warning"),
        (classified([2] * 30, task="binary"), None),
        (classified([], names=()), None),
    ],
)
def test_classes_of_a_row_or_two_are_no_classes(known, severity):
    assert severity_of("regression-as-classification", known) == severity


def test_rows_of_a_class_are_counted_over_all_splits():
    half = {name: SplitRecord(rows=60, class_counts=(2,) * 30) for name in ("train", "validation")}
    names = tuple(str(3 * index) for index in range(30))
    assert severity_of("regression-as-classification", data(classes=names, splits=half)) is None


@pytest.mark.parametrize(
    ("values", "rows", "task"),
    [
        ((0, 1), 40, "binary"),
        ((0, 1), 39, None),
        ((1, 2, 3, 4, 5), 100, "classification"),
        (tuple(range(10)), 1000, "classification"),
        (tuple(range(11)), 1000, None),
        ((0, 10, 20), 1000, None),
        ((3,), 1000, None),
        ((), 1000, None),
    ],
)
def test_a_few_whole_numbers_may_be_classes(values, rows, task):
    known = regression_data(target_values=values, splits={"train": SplitRecord(rows=rows)})
    found = judged("classification-as-regression", known)
    assert [(one.severity, one.change) for one in found] == ([("note", {"task": task})] if task else [])


def test_classes_are_no_regression():
    assert severity_of("classification-as-regression", data(target_values=(0, 1))) is None
    two_outputs = regression_data(target_values=(0, 1), output_size=2)
    assert severity_of("classification-as-regression", two_outputs) is None


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs", "warmup", "shorter"),
    [
        (100, 10, 3, 29, None),
        (100, 10, 3, 30, 3),
        (102, 10, 3, 32, None),
        (102, 10, 3, 33, 3),
        (101, 10, 3, 30, 3),
        (100, 100, 1, 1, 0),
        (100, 100, 1, 0, None),
        (0, 10, 3, 0, None),
    ],
)
def test_a_warmup_ends_before_the_training_does(rows, batch_size, epochs, warmup, shorter):
    schedule = {"kind": "cosine", "warmup": warmup}
    told = config(schedule=schedule, training={"epochs": epochs, "batch_size": batch_size})
    known = evidence(config=told, data=data(splits={"train": SplitRecord(rows=rows)}))
    found = list(find_rule("unfinished-warmup").judge(known))
    wanted = [] if shorter is None else [("warning", {"schedule.warmup": shorter})]
    assert [(one.severity, one.change) for one in found] == wanted


def test_how_far_a_warmup_gets_is_told():
    told = config(schedule={"kind": "constant", "warmup": 59}, training={"epochs": 1, "batch_size": 10})
    known = evidence(config=told, data=data(splits={"train": SplitRecord(rows=300)}))
    [found] = find_rule("unfinished-warmup").judge(known)
    assert "59 steps and the whole training 30 steps (1 epoch)" in found.message
    assert "gets to 50 % of" in found.message
    assert found.remedy == "Warm up for at most 3 steps, or train for more epochs."


@pytest.mark.parametrize(
    ("mean", "std", "severity"),
    [
        (0.5, 1.0, None),
        (0.51, 1.0, "warning"),
        (0.0, 0.5, None),
        (0.0, 0.49, "warning"),
        (0.0, 2.0, None),
        (0.0, 2.1, "warning"),
    ],
)
def test_gaussian_visible_units_want_standardized_inputs(mean, std, severity):
    record = data(inputs=ArrayRecord(dtype="float32", mean=mean, std=std, min=-3.0, max=3.0))
    machine = config(task="reconstruction", model={"kind": "rbm", "visible": "gaussian"})
    layers = {"kind": "mlp", "hidden": [8], "activation": "sigmoid"}
    deep = config(model=layers, training={"pretraining": {"visible": "gaussian"}})
    binary = config(task="reconstruction", model="rbm")
    assert severity_of("unstandardized-gaussian-units", record, config=machine) == severity
    assert severity_of("unstandardized-gaussian-units", record, config=deep) == severity
    assert severity_of("unstandardized-gaussian-units", record, config=binary) is None


@pytest.mark.parametrize(
    ("output", "inputs", "problem"),
    [
        ("sigmoid", ["standardize"], "error"),
        ("sigmoid", [{"kind": "min-max"}], None),
        ("tanh", [{"kind": "min-max", "low": -1.0}], None),
        ("tanh", [{"kind": "scale-bytes", "low": -1}], None),
        ("none", ["standardize"], None),
    ],
)
def test_a_reconstructions_last_activation_must_reach_the_inputs(output, inputs, problem):
    source = {"kind": "sklearn", "dataset": "digits"}
    model = {"kind": "autoencoder", "output_activation": output}
    judged_config = config(task="reconstruction", data={"source": source, "inputs": inputs}, model=model)
    found = judge_moment(Evidence(config=judged_config), "config")
    assert next((one.severity for one in found if one.name == "mismatched-output-activation"), None) == problem
