"""Rules of the epoch and end moments, at their thresholds."""

import math

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, curve, data, end, evidence, regression_data, start
from logbook_schemas.records.measures import LayerRecord, SplitRecord

FLAT = [2.303] * 6


def judged(name, epochs, **known):
    return list(find_rule(name).judge(evidence(epochs=epochs, **known)))


def severity_of(name, epochs, **known):
    found = judged(name, epochs, **known)
    assert len(found) <= 1
    return found[0].severity if found else None


HALF_OVER = config(training={"epochs": 10})


def stuck(losses, vals=(), **known):
    fields = {"metrics": {"accuracy": 0.1}, **known.pop("fields", {})}
    return severity_of("stuck-loss", curve(losses, vals, **fields), **{"config": HALF_OVER, **known})


@pytest.mark.parametrize(
    ("losses", "severity"),
    [
        (FLAT[:4], None),
        (FLAT[:5], "warning"),
        ([2.303, 2.30, 2.30, 2.29, 2.281], "warning"),
        ([2.303, 2.30, 2.30, 2.29, 2.279], None),
        ([9.1, 2.31, 2.303, 2.303, 2.303, 2.302], "warning"),
        ([2.2, 2.08, 2.08, 2.08, 2.08, 2.08], "warning"),
        ([2.2, 2.07, 2.07, 2.07, 2.07, 2.07], None),
        ([1.1, 0.2, 0.2, 0.2, 0.2, 0.2], None),
        ([2.303, 2.303, None, 2.303, 2.303, 2.303], None),
        ([2.303, math.nan, 2.303, 2.303, 2.303], None),
    ],
    ids=str,
)
def test_a_loss_is_stuck_when_five_epochs_bring_less_than_1_percent_and_nothing_was_learnt(losses, severity):
    assert stuck(losses) == severity


def test_validation_better_than_guessing_is_learning_though_dropout_keeps_the_training_loss_up():
    assert stuck([2.25] * 8, [2.0] * 8) is None


def test_few_steps_are_not_enough_to_call_a_loss_stuck():
    wobbly = [0.6932, 0.6931, 0.6930, 0.6931, 0.6930, 0.6929]
    known = {"data": data(classes=("a", "b"), baseline={"val_loss": 0.693})}
    assert stuck(wobbly, fields={"steps": 1}, **known) is None
    assert stuck(wobbly, fields={"steps": 8}, **known) is None
    assert stuck(wobbly, fields={"steps": 9}, **known) == "warning"


def test_a_loss_that_is_the_same_to_the_last_digit_needs_no_steps():
    assert stuck(FLAT, fields={"steps": 1}) == "warning"


def test_a_plateau_in_the_first_half_of_the_plan_is_a_note_unless_no_digit_changes():
    assert stuck([2.303, 2.302, 2.301, 2.302, 2.301], config=config(training={"epochs": 11})) == "note"
    assert stuck([2.303, 2.302, 2.301, 2.302, 2.301], config=config(training={"epochs": 10})) == "warning"
    assert stuck([2.303] * 5, config=config(training={"epochs": 100})) == "warning"


def test_a_plateau_shorter_than_a_tenth_of_the_plan_is_not_said():
    wobbly = [2.303 - 1e-5 * epoch for epoch in range(20)]
    planned = config(training={"epochs": 200})
    assert stuck(wobbly[:19], config=planned) is None
    assert stuck(wobbly, config=planned) == "note"


def test_epochs_of_a_warmup_do_not_count():
    warm = config(schedule={"kind": "constant", "warmup": 90}, training={"epochs": 10})
    assert stuck(FLAT, config=warm) is None
    assert stuck([*FLAT, 2.303], config=warm) == "warning"


def test_a_metric_near_perfect_is_no_stuck_loss():
    assert stuck(FLAT, fields={"metrics": {"accuracy": 0.92}}) is None


def test_without_a_baseline_only_a_loss_that_stood_still_from_the_start_is_stuck():
    unknown = {"data": None, "start": None}
    assert stuck([2.3031, 2.3027, 2.3029, 2.3030, 2.3026, 2.3028], **unknown) == "warning"
    assert stuck([0.80, 0.52, 0.518, 0.519, 0.518, 0.518, 0.519], **unknown) is None
    assert stuck([0.01] * 6, **unknown) is None


def test_dead_units_make_a_stuck_loss_an_error():
    layers = (LayerRecord(name="hidden.0", parameters=100, dead_share=0.51),)
    [found] = judged("stuck-loss", curve(FLAT, layers=layers))
    assert found.severity == "error"
    assert "51 % of the units of layer hidden.0 are dead" in found.message
    layers = (LayerRecord(name="hidden.0", parameters=100, dead_share=0.5),)
    assert stuck(FLAT, fields={"layers": layers}) == "warning"


def test_a_layer_without_gradient_is_named():
    layers = (LayerRecord(name="relu"), LayerRecord(name="0", parameters=9, gradient_norm=0.0))
    [found] = judged("stuck-loss", curve(FLAT, layers=layers))
    assert "layer 0 gets no gradient" in found.message


@pytest.mark.parametrize(("lr", "other"), [(1e-5, 1e-4), (1e-2, 1e-3)])
def test_the_remedy_for_a_stuck_loss_goes_towards_the_usual_rate(lr, other):
    [found] = judged("stuck-loss", curve(FLAT), config=config(optimizer={"kind": "adam", "lr": lr}))
    assert found.change == {"optimizer.lr": other}


def test_a_stuck_loss_is_said_with_the_same_where_after_every_epoch():
    places = {judged("stuck-loss", curve([2.303] * length))[0].where for length in (5, 6, 9)}
    assert places == {"train_loss"}


def predicted(*epochs, steps=45, **known):
    record = known.pop(
        "data", data(classes=("a", "b"), splits={"validation": SplitRecord(rows=100, class_counts=(60, 40))})
    )
    rows = tuple(
        epoch.model_copy(update={"predicted_counts": counts})
        for epoch, counts in zip(curve([0.69] * len(epochs), steps=steps), epochs, strict=True)
    )
    return severity_of("one-class-predictions", rows, data=record, **known)


def test_predictions_of_one_class_are_said_from_the_third_epoch_running():
    assert predicted((100, 0), (100, 0)) is None
    assert predicted(*[(100, 0)] * 3) == "warning"
    assert predicted((100, 0), (0, 100), (100, 0)) is None
    assert predicted((50, 50), (100, 0), (100, 0)) is None


def test_predictions_of_one_class_are_judged_above_95_percent():
    assert predicted(*[(95, 5)] * 3) is None
    assert predicted(*[(96, 4)] * 3) == "warning"


@pytest.mark.parametrize(("large", "severity"), [(79, "warning"), (80, None)])
def test_a_class_that_is_large_in_truth_may_be_predicted_always(large, severity):
    split = SplitRecord(rows=100, class_counts=(large, 100 - large))
    assert predicted(*[(100, 0)] * 3, data=data(splits={"validation": split})) == severity


def test_the_first_steps_and_the_first_tenth_of_the_plan_are_too_early():
    assert predicted(*[(100, 0)] * 4, steps=24) is None
    assert predicted(*[(100, 0)] * 4, steps=25) == "warning"
    assert predicted(*[(100, 0)] * 9, config=config(training={"epochs": 100})) is None
    assert predicted(*[(100, 0)] * 10, config=config(training={"epochs": 100})) == "warning"


def test_a_handful_of_predictions_is_not_judged():
    assert predicted(*[(19, 0)] * 3) is None
    assert predicted(*[(20, 0)] * 3) == "warning"
    assert predicted((), (), ()) is None
    assert predicted(*[(100, 0)] * 3, data=data(splits={})) is None


def rising(train, val, **known):
    return severity_of("rising-validation-loss", curve(train, val), **known)


FALLING = [1.0, 0.8, 0.6, 0.4, 0.2]


@pytest.mark.parametrize(
    ("train", "val", "severity"),
    [
        (FALLING, [1.0, 0.9, 1.02, 1.1, 1.2], "note"),
        (FALLING, [1.0, 0.9, 1.02, 1.1, 1.4], "warning"),
        (FALLING, [1.0, 0.9, 1.01, 1.1, 1.2], None),
        (FALLING, [1.0, 0.9, 1.02, 1.01, 1.2], None),
        (FALLING[:4], [1.0, 1.2, 1.2, 1.2], "note"),
        (FALLING[:3], [1.0, 1.2, 1.2], None),
        ([1.0, 0.8, 0.8, 0.8, 0.8], [1.0, 0.9, 1.1, 1.1, 1.2], None),
        (FALLING, [0.02, 0.01, 0.12, 0.12, 0.12], None),
        (FALLING, [0.02, 0.01, 0.13, 0.13, 0.13], "warning"),
        (FALLING, [None] * 5, None),
    ],
    ids=str,
)
def test_validation_must_be_10_percent_above_its_best_for_3_epochs_while_training_falls(train, val, severity):
    assert rising(train, val) == severity


def test_with_early_stopping_a_rising_validation_loss_is_a_note():
    stopping = config(training={"early_stopping": {"patience": 5}})
    assert rising(FALLING, [1.0, 0.9, 1.1, 1.1, 1.2], config=stopping) == "note"


@pytest.mark.parametrize(("rows", "severity"), [(60, "note"), (2000, "warning")])
def test_a_rise_in_which_few_rows_are_said_wrongly_is_a_note(rows, severity):
    epochs = [
        epoch.model_copy(update={"metrics": {"accuracy": accuracy}})
        for epoch, accuracy in zip(
            curve(FALLING, [0.5, 0.1, 0.4, 0.4, 0.4]), [0.9, 0.98, 0.93, 0.92, 0.92], strict=True
        )
    ]
    known = data(baseline={"val_loss": 0.69, "accuracy": 0.5}, splits={"validation": SplitRecord(rows=rows)})
    assert severity_of("rising-validation-loss", epochs, data=known) == severity


def test_a_gap_between_the_losses_alone_is_no_finding():
    assert rising([1.0, 0.5, 0.1, 0.01, 0.001], [1.2, 1.1, 1.1, 1.1, 1.1]) is None


@pytest.mark.parametrize(
    ("losses", "severity"),
    [
        ([2.3, 2.32, 2.36, 2.42], "error"),
        ([2.3, 2.31, 2.32, 2.33], None),
        ([2.3, 2.4, 2.5], None),
        ([2.3, 2.4, 2.5, 2.6, 2.0], None),
        ([2.3, 1.0, 2.1, 2.1, 2.1], "warning"),
        ([2.3, 1.0, 2.0, 2.1, 2.1], None),
        ([2.3, 1.0, 2.1, 2.1, 0.9], None),
        ([2.3, 1e-5, 1e-3, 1e-3, 1e-3], None),
        ([2.3, 0.01, 0.61, 0.61, 0.62], None),
        ([2.3, 0.01, 0.62, 0.62, 0.62], "warning"),
        ([2500.0], "error"),
        ([2400.0], None),
        ([], None),
    ],
    ids=str,
)
def test_a_loss_diverges_when_it_rises_from_the_start_or_doubles_its_best(losses, severity):
    assert severity_of("diverging-loss", curve(losses)) == severity


def test_a_negative_loss_that_falls_does_not_diverge():
    assert severity_of("diverging-loss", curve([-1.0, -2.0, -3.0, -4.0, -5.0]), start=None) is None


def test_a_nonfinite_loss_is_said_with_its_step_and_layer():
    ended = end(status="diverged", nonfinite_step=61, nonfinite_epoch=2, nonfinite_value="NaN", nonfinite_layer="conv1")
    [found] = judged("nonfinite-loss", curve([1.0]), end=ended)
    for word in ("NaN", "step 61", "epoch 2", "conv1"):
        assert word in found.message
    assert found.change == {"optimizer.lr": 0.0001}


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_an_epoch_that_is_not_finite_is_enough(loss):
    [found] = judged("nonfinite-loss", curve([1.0, loss, loss]))
    assert found.severity == "error"
    assert found.where == "epoch 2"


def test_a_validation_loss_that_alone_is_nan_is_told_apart():
    [found] = judged("nonfinite-loss", curve([1.0, 0.9], [1.1, math.nan]))
    assert "validation loss of epoch 2 is NaN, while the training loss is finite" in found.message


def worth(val, *, epochs=4, known_data=None, best=None, **metrics):
    record = data() if known_data is None else known_data
    return severity_of(
        "no-better-than-baseline",
        curve([2.0] * epochs, [val] * epochs, metrics=metrics),
        data=record,
        end=end(best_epoch=best),
    )


@pytest.mark.parametrize(
    ("val", "accuracy", "severity"),
    [
        (2.30, 0.10, "warning"),
        (2.10, 0.19, "warning"),
        (2.05, 0.10, None),
        (2.30, 0.20, None),
        (9.99, 0.20, None),
        (math.nan, math.nan, "warning"),
    ],
)
def test_a_network_must_cover_a_tenth_of_the_way_in_loss_or_metric(val, accuracy, severity):
    assert worth(val, accuracy=accuracy) == severity


def test_three_epochs_are_needed_to_compare_with_the_baseline():
    assert worth(2.30, accuracy=0.1, epochs=2) is None
    assert worth(2.30, accuracy=0.1, epochs=3) == "warning"


def test_accuracy_within_two_standard_errors_of_chance_is_not_better():
    baseline = {"baseline": {"val_loss": 0.69, "accuracy": 0.5}, "classes": ("a", "b")}
    few = data(**baseline, splits={"validation": SplitRecord(rows=25)})
    many = data(**baseline, splits={"validation": SplitRecord(rows=2500)})
    assert worth(0.68, accuracy=0.6, known_data=few) == "warning"
    assert worth(0.68, accuracy=0.6, known_data=many) is None


def test_errors_in_original_units_are_better_when_smaller():
    assert worth(1.01, known_data=regression_data(), mae=60.0) == "warning"
    assert worth(1.01, known_data=regression_data(), mae=59.0) is None


def test_the_best_epoch_counts_and_not_the_last():
    epochs = curve([2.0] * 4, [2.3, 1.2, 2.4, 2.5])
    assert severity_of("no-better-than-baseline", epochs, end=end()) is None
    assert severity_of("no-better-than-baseline", epochs, end=end(best_epoch=4)) == "warning"


def test_a_baseline_that_is_perfect_already_leaves_nothing_to_gain():
    assert worth(0.0, known_data=data(baseline={"accuracy": 1.0}), accuracy=1.0) is None


def test_without_a_baseline_nothing_is_compared():
    assert worth(2.3, known_data=data(baseline={}), accuracy=0.1) is None
    assert severity_of("no-better-than-baseline", curve(FLAT), start=start(), data=None) is None
