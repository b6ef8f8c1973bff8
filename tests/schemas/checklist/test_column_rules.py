"""Rules on columns at their thresholds, on hand-written records."""

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, data, evidence, regression_data
from logbook_schemas.records.measures import ArrayRecord, ColumnRecord, ShiftRecord, SplitRecord


def severity(name, record, **known):
    found = list(find_rule(name).judge(evidence(data=record, **known)))
    return found[0].severity if found else None


def column(**fields):
    return data(columns=(ColumnRecord(**{"name": "a", "rows": 400, "distinct": 390, **fields}),))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"skew": 5.0}, None),
        ({"skew": 5.1}, "note"),
        ({"skew": -5.1}, "note"),
        ({"skew": 2.1, "tail": 1001.0}, "note"),
        ({"skew": 1.9, "tail": 1001.0}, None),
        ({"skew": 2.1, "tail": 999.0}, None),
        ({"skew": 9.0, "distinct": 10}, None),
        ({"skew": 9.0, "most_common": 0.51}, None),
        ({"skew": 9.0, "rows": 49}, None),
    ],
)
def test_tails(fields, expected):
    assert severity("heavy-tailed-feature", column(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"z": 11.0, "outliers": 2, "gap": 3.1, "squeezed": 0.3}, None),
        ({"z": 11.0, "outliers": 2, "gap": 3.3, "squeezed": 0.3}, "note"),
        ({"z": 9.9, "outliers": 2, "gap": 9.0, "squeezed": 0.01}, None),
        ({"z": 900.0, "outliers": 1, "gap": 99.0, "squeezed": 0.04}, "note"),
        ({"z": 900.0, "outliers": 1, "gap": 101.0, "squeezed": 0.04}, "warning"),
        ({"z": 900.0, "outliers": 4, "gap": 3.3, "squeezed": 0.04}, "warning"),
        ({"z": 900.0, "outliers": 4, "gap": 3.3, "squeezed": 0.06}, "note"),
        ({"z": 300.0, "outliers": 0, "very_far": 0.006, "lesser_side": 0.21, "squeezed": 0.1}, "warning"),
        ({"z": 300.0, "outliers": 0, "very_far": 0.006, "lesser_side": 0.19, "squeezed": 0.1}, None),
        ({"z": 300.0, "outliers": 0, "very_far": 0.004, "lesser_side": 0.5, "squeezed": 0.1}, None),
        ({"z": 300.0, "outliers": 0, "very_far": 0.06, "lesser_side": 0.5, "squeezed": 0.1}, None),
        ({"z": 120.0, "outliers": 8, "gap": 30.0, "nearest": 90.0, "very_far": 0.02, "squeezed": 0.07}, "note"),
        ({"z": 300.0, "outliers": 8, "gap": 30.0, "nearest": 90.0, "very_far": 0.02, "squeezed": 0.07}, "warning"),
        ({"z": 300.0, "outliers": 8, "gap": 9.0, "squeezed": 0.2, "filler": -999.0}, "warning"),
        ({"z": 9e9, "outliers": 1, "gap": 9e9, "squeezed": 0.0, "rows": 19}, None),
    ],
)
def test_outliers(fields, expected):
    assert severity("outliers", column(**fields)) == expected


@pytest.mark.parametrize(
    ("loss", "weight", "expected"), [("mse", 0.91, "warning"), ("mse", 0.89, "note"), ("huber", 0.99, None)]
)
def test_outlying_targets(loss, weight, expected):
    far = ColumnRecord(name="0", rows=400, z=900.0, outliers=3, gap=50.0, outlier_weight=weight, example=1e5, row=3)
    settings = config(task="regression", data={"source": {"kind": "sklearn", "dataset": "diabetes"}}, loss=loss)
    assert severity("outliers", regression_data(target_columns=(far,)), config=settings) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"max": 2, "counts": (90, 110, 105)}, "note"),
        ({"max": 1, "counts": (200, 200)}, None),
        ({"max": 3, "counts": (200, 100, 60, 40)}, None),
        ({"max": 4, "counts": (150, 20, 150, 40, 40)}, "note"),
        ({"min": 2, "max": 4, "counts": (90, 110, 105)}, None),
        ({"max": 5, "counts": (90, 110, 105)}, None),
        ({"max": 2, "counts": (4, 4, 4)}, None),
        ({"distinct": 400, "min": 1000.0, "max": 1500.0}, "note"),
        ({"distinct": 400, "min": 1000.0, "max": 9500.0}, None),
        ({"distinct": 400, "max": 500.0, "is_whole": False}, None),
    ],
)
def test_codes_and_ids(fields, expected):
    assert severity("number-coded-category", column(**{"is_whole": True, **fields})) == expected


@pytest.mark.parametrize(
    ("low", "high", "edge", "expected"),
    [
        (0.5, 359.0, 0.09, "note"),
        (-179.0, 179.5, 0.09, "note"),
        (0.01, 6.28, 0.09, "note"),
        (0.5, 359.0, 0.02, None),
        (0.5, 361.0, 0.09, None),
        (9.0, 359.0, 0.09, None),
        (0.0, 1.0, 0.09, None),
    ],
)
def test_angles(low, high, edge, expected):
    assert severity("wrapped-angle", column(min=low, max=high, edge_share=edge)) == expected


@pytest.mark.parametrize(
    ("distance", "chance", "given", "expected"),
    [
        (0.2, 0.1, True, None),
        (0.21, 0.1, True, "note"),
        (0.21, 0.22, True, None),
        (0.51, 0.1, True, "warning"),
        (0.51, 0.52, True, None),
        (0.9, 0.1, False, None),
    ],
)
def test_drift(distance, chance, given, expected):
    shift = ShiftRecord(split="validation", rows=90, given=given, columns=("a",), distances=(distance,), chance=chance)
    assert severity("drifting-inputs", data(shifts=(shift,))) == expected


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ((10.1, 11.0, 1.0), "error"),
        ((0.09, 0.09, 1.0), "error"),
        ((9.9, 9.9, 9.9), "warning"),
        ((9.9, 9.9, 1.0), None),
        ((2.1, 2.1, 0.4), None),
        ((0.49, 0.4, 0.3), "warning"),
        ((1.9, 1.9, 1.9), None),
        ((4.0,), None),
    ],
)
def test_scales_of_splits(ratios, expected):
    known = {"split": "validation", "rows": 90, "columns": tuple("abc"), "shifts": (0.1,) * len(ratios)}
    assert (
        severity("validation-scaled-apart", data(shifts=(ShiftRecord(given=True, ratios=ratios, **known),))) == expected
    )
    assert severity("validation-scaled-apart", data(shifts=(ShiftRecord(given=False, ratios=ratios, **known),))) is None


@pytest.mark.parametrize(
    ("std", "mean", "is_whole", "prepared", "largest", "expected"),
    [
        (0.0, 3.0, False, 0.0, 0.0, "note"),
        (1e-7, 0.2, False, 1e-7, 0.2, "note"),
        (1e-7, 0.2, False, 1.0, 3.0, "warning"),
        (1e-7, 0.2, False, 1.0, 1e7, "error"),
        (1e-7, 0.05, False, 1.0, 3.0, None),
        (900.0, 1.7e9, True, 1.0, 3.0, None),
        (1e-9, 1e-9, False, 1.0, 3.0, None),
    ],
)
def test_constants(std, mean, is_whole, prepared, largest, expected):
    names = ("a", "b")
    known = data(
        input_shape=(2,),
        splits={"train": SplitRecord(rows=90)},
        raw_inputs=ArrayRecord(columns=names, column_means=(mean, 0.0), column_stds=(std, 1.0)),
        inputs=ArrayRecord(columns=names, column_means=(0.0, 0.0), column_stds=(prepared, 1.0)),
        columns=(ColumnRecord(name="a", is_whole=is_whole),),
        shifts=(ShiftRecord(split="validation", columns=names, largest=(largest, 1.0)),),
    )
    assert severity("constant-feature", known) == expected


@pytest.mark.parametrize(("ratio", "expected"), [(9.9, None), (10.1, "warning")])
def test_sizes_of_targets(ratio, expected):
    targets = ArrayRecord(mean=0.0, std=1.0, column_means=(0.0, 0.0, 1.0), column_stds=(1.0, ratio, 0.0))
    assert severity("unequal-target-scales", regression_data(targets=targets)) == expected


def test_outliers_come_before_the_large_inputs_that_they_are():
    far = ColumnRecord(name="a", rows=400, z=900.0, far=0.01, outliers=4, gap=30.0, squeezed=0.01, example=1e3, row=1)
    inputs = ArrayRecord(
        dtype="float32",
        mean=4.0,
        std=70.0,
        min=-3.0,
        max=1e3,
        columns=("a", "b"),
        column_means=(8.0, 0.0),
        column_stds=(100.0, 1.0),
        column_mins=(-3.0, -3.0),
        column_maxs=(1e3, 3.0),
    )
    [said] = find_rule("outliers").judge(evidence(data=data(columns=(far,), inputs=inputs)))
    assert "unscaled-inputs" in said.explains
    large = inputs.model_copy(update={"column_maxs": (1e3, 5e3)})
    [said] = find_rule("outliers").judge(evidence(data=data(columns=(far,), inputs=large)))
    assert "unscaled-inputs" not in said.explains
