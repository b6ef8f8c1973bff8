"""Rules on what columns say of labels, and on the form of inputs, at their thresholds."""

import pytest

from logbook_schemas.checklist.examples import config, curve, data, end, evidence, start
from logbook_schemas.records.measures import ArrayRecord, ColumnRecord, LayerRecord, SplitRecord
from logbook_schemas.records.rows import (
    PaddingRecord,
    RowScalingRecord,
    SignalRecord,
    SurenessRecord,
    TellingColumn,
)
from tests.schemas.checklist.judging import severity_of

OWN = {"kind": "python", "target": "own:net"}


def noisy(sure=40, middle=48, guess=0.9, agreement=1.0, sure_rows=200, outputs=10, rows=600, is_boolean=False):
    """200 sure rows and 250 in the middle: a bit of noise everywhere, unless said otherwise."""
    found = SurenessRecord(
        sure_rows=sure_rows,
        sure_wrong=sure,
        middle_rows=250,
        middle_wrong=middle,
        guess_wrong=guess,
        agreement=agreement,
    )
    signal = SignalRecord(rows=rows, outputs=outputs, sureness=found, is_boolean=is_boolean)
    return evidence(data=data(signal=signal))


@pytest.mark.parametrize(
    ("known", "severity"),
    [
        (noisy(), "warning"),
        (noisy(sure=20, middle=25), None),  # a tenth: of healthy sets, so many may be
        (noisy(sure=21, middle=25), "warning"),
        (noisy(middle=65), "warning"),
        (noisy(middle=70), None),  # 1.4 times as many, and chance: classes overlap
        (noisy(guess=0.31), "warning"),
        (noisy(guess=0.307), None),  # 0.65 of a guess: hardly anything is predicted
        (noisy(agreement=1.49), "warning"),
        (noisy(agreement=1.5), None),  # one other class most of the time: a border
        (noisy(sure_rows=99), None),
        (noisy(rows=99), None),
        (noisy(sure=0), None),
        (noisy(outputs=2, agreement=None), "note"),
        (noisy(is_boolean=True), None),
    ],
)
def test_wrong_labels_contradict_a_sure_model_as_often_as_an_unsure_one(known, severity):
    assert severity_of("disagreeing-labels", known) == severity


def telling(**fields):
    return evidence(data=data(telling=(TellingColumn(**{"name": "town", "rows": 400, "values": 15, **fields}),)))


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"category_share": 0.21, "jumps": 0.61}, "warning"),
        ({"category_share": 0.2, "jumps": 0.61}, None),
        ({"category_share": 0.21, "jumps": 0.6}, None),
        ({"category_share": 0.9, "jumps": 1.0, "values": 8}, "warning"),
        ({"category_share": 0.9, "jumps": 1.0, "values": 7}, None),
        ({"category_share": 0.9, "jumps": 1.0, "rows": 250}, "warning"),
        ({"category_share": 0.9, "jumps": 1.0, "rows": 249}, None),
        ({"category_share": 0.9, "jumps": 1.0, "values": 41}, None),
    ],
)
def test_numbers_on_which_labels_jump_are_categories(fields, severity):
    assert severity_of("number-coded-category", telling(**fields)) == severity


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"is_label": True}, "warning"),
        ({"is_label": True, "rows": 50}, "warning"),
        ({"is_label": True, "rows": 49}, None),
        ({"numbers_classes": True}, "warning"),
        ({}, None),
    ],
)
def test_a_column_that_is_the_label_is_told(fields, severity):
    assert severity_of("label-among-inputs", telling(**fields)) == severity


def test_truth_tables_may_repeat_an_input():
    known = data(telling=(TellingColumn(name="a", rows=64, is_label=True),), signal=SignalRecord(is_boolean=True))
    assert severity_of("label-among-inputs", evidence(data=known)) is None


@pytest.mark.parametrize(
    ("error", "distance", "severity"),
    [(0.9e-3, 5.1, "warning"), (1.1e-3, 5.1, None), (0.9e-3, 5.0, None)],
)
def test_rows_scaled_for_columns_are_told(error, distance, severity):
    for errors in ({"mean_error": error, "std_error": 0.0}, {"mean_error": 0.0, "std_error": error}):
        known = evidence(data=data(row_scaling=RowScalingRecord(distance=distance, **errors)))
        assert severity_of("row-scaled-inputs", known) == severity


@pytest.mark.parametrize(
    ("shape", "channels", "severity"),
    [
        ((28, 28, 1), 28, "warning"),
        ((32, 48, 3), 32, "warning"),
        ((32, 64, 3), 32, None),  # twice as long as high: 32 signals, perhaps
        ((28, 28, 1), 1, None),
        ((28, 28, 2), 28, None),
        ((3, 28, 28), 3, None),
        ((4, 4, 4), 4, None),
    ],
)
def test_channels_that_stand_last_are_told_where_rows_are_taken_for_them(shape, channels, severity):
    layers = (LayerRecord(name="conv1", kind="Conv2d", order=0, fan_in=9 * channels, channels=channels),)
    known = evidence(data=data(input_shape=shape), start=start(layers=layers))
    assert severity_of("channels-last", known) == severity


@pytest.mark.parametrize(
    ("dtype", "model", "deviation", "severity"),
    [
        ("int64", OWN, 10.1, "warning"),
        ("int64", OWN, 10.0, None),
        ("int64", OWN, None, None),
        ("float32", OWN, 90.0, None),
        ("int64", {"kind": "mlp"}, 90.0, None),
    ],
)
def test_whole_numbers_taken_for_amounts_are_told(dtype, model, deviation, severity):
    layers = (LayerRecord(name="fc1", kind="Linear", order=0, fan_in=24, input_std=deviation),)
    inputs = ArrayRecord(dtype=dtype, min=0, max=400)
    known = evidence(config=config(model=model), data=data(inputs=inputs), start=start(layers=layers))
    assert severity_of("unembedded-tokens", known) == severity


@pytest.mark.parametrize(("empty", "severity"), [(0.21, "warning"), (0.2, "note")])
def test_rows_of_padding_alone_are_a_warning(empty, severity):
    known = evidence(data=data(padding=PaddingRecord(share=0.6, padded_rows=0.9, empty_rows=empty)))
    assert severity_of("padded-sequences", known) == severity


@pytest.mark.parametrize(
    ("heap", "gap", "rows", "severity"),
    [
        (0.06, 3.0, 400, "warning"),
        (0.05, 3.0, 400, None),
        (0.5, 3.0, 400, "warning"),
        (0.51, 3.0, 400, None),
        (0.06, 2.9, 400, None),
        (0.06, 3.0, 19, None),
    ],
)
def test_a_code_for_missing_values_in_many_rows_is_told(heap, gap, rows, severity):
    column = ColumnRecord(name="age", rows=rows, distinct=90, heap=heap, heap_gap=gap)
    assert severity_of("outliers", evidence(data=data(columns=(column,)))) == severity


@pytest.mark.parametrize(
    ("distances", "severity"),
    [((20.1,) * 3, "warning"), ((19.9,) * 3, None), ((20.1, 20.1, 0.0), "warning"), ((20.1, 0.0, 0.0), None)],
)
def test_columns_far_from_zero_for_what_they_vary_are_told(distances, severity):
    inputs = ArrayRecord(
        mean=4.0,
        std=2.0,
        min=-0.8,
        max=8.2,
        quantile_995=8.0,
        columns=("a", "b", "c"),
        column_means=tuple(distance * 0.2 for distance in distances),
        column_stds=(0.2,) * 3,
        column_mins=tuple(distance * 0.2 - 0.8 for distance in distances),
        column_maxs=tuple(distance * 0.2 + 0.8 for distance in distances),
    )
    assert severity_of("unscaled-inputs", evidence(data=data(inputs=inputs))) == severity


def test_pictures_that_were_never_filled_are_constant():
    for low, severity in ((0.0, "warning"), (-1.0, None)):
        raw = ArrayRecord(min=low, max=0.0, column_stds=(0.0,))
        known = data(input_shape=(1, 8, 8), splits={"train": SplitRecord(rows=80)}, raw_inputs=raw)
        assert severity_of("constant-feature", evidence(data=known)) == severity


@pytest.mark.parametrize(
    ("train", "validation", "trained", "learnt", "severity"),
    [
        (99, 30, 0.8, 0.4, "warning"),
        (100, 30, 0.8, 0.4, "note"),
        (99, 29, 0.8, 0.4, "note"),
        (99, 30, 0.69, 0.4, "note"),
        (99, 30, 0.8, 0.51, "note"),
    ],
)
def test_few_rows_for_each_class_are_a_warning_where_they_are_too_few(train, validation, trained, learnt, severity):
    def accuracy(share):
        return {"accuracy": 0.1 + 0.9 * share}

    known = evidence(
        data=data(splits={"train": SplitRecord(rows=train), "validation": SplitRecord(rows=validation)}),
        epochs=curve([2.2, 2.1, 2.0], [2.3, 2.3, 2.3], metrics=accuracy(learnt), train_metrics=accuracy(trained)),
        end=end(),
    )
    assert severity_of("memorized-training-set", known) == severity
