"""Rules on steps as they were built and on where they lead, at their thresholds."""

from __future__ import annotations

import pytest

from logbook_schemas.checklist.examples import config, curve, data, end, evidence, start
from logbook_schemas.records.measures import LayerRecord
from logbook_schemas.records.start import LossRecord, OptimizerRecord
from tests.schemas.checklist.judging import judged, rows, severity_of

OWN = {"kind": "python", "target": "net:part"}


def layer(order: int = 0, kind: str = "Linear", **fields: object) -> LayerRecord:
    known = {"name": str(order), "kind": kind, "order": order, "fan_in": 64, "parameters": 4160, "weight_norm": 4.0}
    return LayerRecord(**{**known, **fields})


def built(torch_class: str, **numbers: object) -> OptimizerRecord:
    return OptimizerRecord(torch_class=torch_class, **numbers)


def first_step(optimizer: dict[str, object], *layers: LayerRecord, record: OptimizerRecord | None = None, **sections):
    known = start(layers=layers, optimizer=record)
    return severity_of("oversized-steps", evidence(config=config(optimizer=optimizer, **sections), start=known))


@pytest.mark.parametrize(
    ("optimizer", "gradient", "severity"),
    [
        ({"kind": "sgd", "lr": 1.0}, 4.0, None),
        ({"kind": "sgd", "lr": 1.0}, 4.1, "warning"),
        ({"kind": "momentum", "lr": 1.0}, 4.1, "warning"),
        ({"kind": "adam", "lr": 0.062}, 1e9, None),
        ({"kind": "adam", "lr": 0.063}, 1e-9, "warning"),
        ({"kind": "rmsprop", "lr": 0.063}, 1e-9, "warning"),
        ({"kind": "adadelta", "lr": 9.0}, 1e9, None),
        ({**OWN, "kwargs": {"lr": 1.0}}, 4.1, None),
    ],
    ids=str,
)
def test_a_first_step_longer_than_the_weights_is_a_warning(optimizer, gradient, severity):
    assert first_step(optimizer, layer(gradient_norm=gradient)) == severity


def test_a_persons_own_optimizer_is_judged_by_what_it_was_built_as():
    one = layer(gradient_norm=4.1)
    assert first_step(OWN, one, record=built("SGD", lr=1.0)) == "warning"
    assert first_step(OWN, one, record=built("SGD", lr=0.9)) is None
    assert first_step(OWN, one, record=built("Adam", lr=0.063)) == "warning"
    assert first_step(OWN, one, record=built("", lr=9.0)) is None


def test_half_of_the_layers_must_be_thrown_and_small_or_frozen_ones_do_not_count():
    loud, calm = layer(gradient_norm=400.0), layer(1, gradient_norm=0.1)
    sgd = {"kind": "sgd", "lr": 1.0}
    assert first_step(sgd, loud, calm, layer(2, gradient_norm=0.1)) is None
    assert first_step(sgd, loud, layer(1, gradient_norm=0.1, parameters=9)) == "warning"
    assert first_step(sgd, loud, layer(1, gradient_norm=None)) == "warning"
    assert first_step(sgd, layer(gradient_norm=400.0, weight_norm=1e-3)) is None


@pytest.mark.parametrize(
    "sections",
    [
        {"schedule": {"kind": "constant", "warmup": 5}},
        {"schedule": {"kind": "one-cycle"}},
        {"gradients": {"clip": {"kind": "norm", "max_norm": 1.0}}},
    ],
    ids=str,
)
def test_a_first_step_that_is_shorter_than_the_rate_says_is_not_judged(sections):
    assert first_step({"kind": "sgd", "lr": 1.0}, layer(gradient_norm=400.0), **sections) is None


def test_a_rate_of_0_is_an_error_unless_the_config_named_it():
    known = {"start": start(optimizer=built("Adam", lr=0.0))}
    assert severity_of("zero-learning-rate", evidence(config=config(optimizer=OWN), **known)) == "error"
    named = config(optimizer={**OWN, "kwargs": {"lr": 0}})
    assert severity_of("zero-learning-rate", evidence(config=named, **known)) is None
    nameless = start(optimizer=built("", lr=None))
    assert severity_of("zero-learning-rate", evidence(config=config(optimizer=OWN), start=nameless)) is None


def test_lbfgs_is_known_behind_a_function_of_ones_own():
    record = start(optimizer=built("LBFGS", lr=1.0))
    for size, severity in ((32, "warning"), (1440, None), ("all", None)):
        known = evidence(config=config(optimizer=OWN, training={"batch_size": size}), start=record)
        assert severity_of("minibatch-lbfgs", known) == severity
    adam = evidence(config=config(optimizer=OWN), start=start(optimizer=built("Adam", lr=1.0)))
    assert severity_of("minibatch-lbfgs", adam) is None


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (built("SGD", lr=0.0032), "warning"),
        (built("SGD", lr=0.0031), "note"),
        (built("Adam", lr=1.0), "note"),
        (built("", lr=1.0), "note"),
    ],
    ids=str,
)
def test_a_summed_loss_is_a_warning_by_the_descent_that_was_built(record, severity):
    known = start(loss=LossRecord(doubling=2.0), optimizer=record)
    assert severity_of("summed-loss", evidence(config=config(optimizer=OWN), start=known)) == severity


def test_a_summed_loss_of_one_batch_of_all_rows_counts_them():
    known = start(loss=LossRecord(doubling=2.0), optimizer=built("SGD", lr=1e-4))
    whole = config(optimizer=OWN, training={"batch_size": "all"})
    assert severity_of("summed-loss", evidence(config=whole, start=known)) == "warning"
    assert severity_of("summed-loss", evidence(config=whole, start=known, data=data(splits=rows(100)))) == "note"


def test_gradients_that_are_kept_are_an_error():
    assert severity_of("accumulated-gradients", evidence(epochs=curve([1.0], kept_gradients=True))) == "error"
    assert severity_of("accumulated-gradients", evidence()) is None


@pytest.mark.parametrize(
    ("fields", "loud", "is_said"),
    [
        ({"weight_abs_mean": 0.5, "weight_std": 0.29}, True, True),
        ({"weight_abs_mean": 0.5, "weight_std": 0.29}, False, False),
        ({"weight_abs_mean": 0.35, "weight_std": 0.29}, True, True),
        ({"weight_abs_mean": 0.34, "weight_std": 0.29}, True, False),
        ({"weight_abs_mean": 0.5, "weight_std": 0.29, "fan_in": 3}, True, False),
    ],
    ids=str,
)
def test_weights_of_one_sign_are_unscaled_where_the_outputs_are_loud(fields, loud, is_said):
    drawn = layer(gradient_norm=1.0, weight_variance_ratio=1.0, **fields)
    known = start(layers=(drawn, layer(1, weight_norm=1.0)), initial_loss=7.0 if loud else 2.4)
    found = judged("unscaled-initial-weights", evidence(start=known))
    assert bool(found) == is_said
    assert all("one sign" in one.message for one in found)


def test_large_weights_show_in_saturated_units_too():
    def of(share: float, ratio: float = 4.0) -> str | None:
        drawn = layer(gradient_norm=1.0, weight_std=0.5, weight_variance_ratio=ratio)
        tanh = LayerRecord(name="act", kind="Tanh", order=1, saturated_share=share)
        known = start(layers=(drawn, tanh, layer(2, weight_norm=1.0)))
        return severity_of("unscaled-initial-weights", evidence(start=known))

    assert of(0.51) == "warning"
    assert of(0.5) is None
    assert of(0.51, ratio=3.0) is None


def test_a_state_that_grows_along_a_sequence_is_a_growing_signal():
    def of(**fields: object) -> str | None:
        recurrent = layer(kind="RNN", **{"unit_std": 20.0, **fields})
        return severity_of("growing-signal", evidence(start=start(layers=(recurrent, layer(1, unit_std=1.0)))))

    assert of(time_growth=101.0) == "warning"
    assert of(time_growth=100.0) is None
    assert of(time_growth=1e9, unit_std=9.0) is None
    assert of() is None


def test_so_is_one_that_a_layer_gives_which_is_called_again_and_again():
    def of(*stds: float) -> str | None:
        calls = tuple(
            LayerRecord(name=f"again#{call}", order=call, unit_std=std) for call, std in enumerate(stds, start=1)
        )
        first = calls[0].model_copy(update={"name": "again", "fan_in": 8})
        return severity_of("growing-signal", evidence(start=start(layers=(first, *calls[1:]))))

    assert of(0.0, 0.1, 1.0, 11.0) == "warning"
    assert of(0.0, 0.2, 1.0, 11.0) is None
    assert of(0.01, 9.0, 9.9) is None
    assert of(0.1, 11.0) is None


def died(share: float, before: float, losses: tuple[float, float], *, epochs: int = 20) -> str | None:
    def layers(dead: float) -> tuple[LayerRecord, ...]:
        return (layer(0), LayerRecord(name="act", kind="ReLU", order=1, dead_share=dead), layer(2))

    known = config(training={"epochs": epochs})
    trained = curve(losses, losses, layers=layers(share))
    return severity_of(
        "dead-units", evidence(config=known, start=start(layers=layers(before)), epochs=trained, end=None)
    )


def test_dead_units_are_a_note_until_half_of_the_plan_is_over():
    assert died(0.7, 0.6, (2.31, 2.3)) == "note"
    assert died(0.7, 0.44, (2.31, 2.3)) == "note"
    assert died(0.7, 0.6, (2.31, 2.3), epochs=4) == "warning"
    assert died(0.91, 0.91, (2.31, 2.3)) == "error"


def test_units_that_died_are_a_note_where_much_is_learnt():
    assert died(0.9, 0.1, (1.9, 1.62), epochs=4) == "warning"
    assert died(0.9, 0.1, (1.9, 1.62), epochs=5) == "note"
    assert died(0.9, 0.1, (1.9, 1.61), epochs=4) == "note"


def test_a_unit_of_a_layer_called_again_is_dead_where_it_is_so_at_each_call():
    def of(*shares: float) -> str | None:
        calls = tuple(
            LayerRecord(name=f"act#{call}" if call > 1 else "act", kind="ReLU", order=call, dead_share=share)
            for call, share in enumerate(shares, start=1)
        )
        epochs = curve([2.31, 2.3], layers=(layer(0), *calls, layer(9)))
        return severity_of("dead-units", evidence(epochs=epochs, end=None))

    assert of(1.0, 0.1, 1.0) is None
    assert of(1.0, 0.95, 1.0) == "error"


@pytest.mark.parametrize(
    ("steps", "losses", "severity"),
    [
        (33, [0.9, 0.75, 0.7], "note"),
        (34, [0.9, 0.75, 0.7], "note"),
        (33, [1.3, 0.85, 0.79], "warning"),
        (34, [1.3, 0.85, 0.79], "note"),
        (33, [0.9, 0.55, 0.4], "note"),
    ],
    ids=str,
)
def test_of_few_steps_less_is_enough_to_call_a_training_unfinished(steps, losses, severity):
    known = data(baseline={"val_loss": 2.3 if losses[-1] > 0.75 else 3.6})
    epochs = curve([2.0, 1.0, 0.9], losses, steps=steps)
    assert severity_of("unfinished-training", evidence(data=known, epochs=epochs, end=end())) == severity


def stopped(epochs: int = 3, *, losses=(2.3, 2.0, 1.8), status="early-stopped", **stopping: object) -> str | None:
    known = config(training={"epochs": 2 * epochs, "early_stopping": {"patience": 2, **stopping}})
    return severity_of(
        "premature-stopping", evidence(config=known, epochs=curve(losses, losses), end=end(status=status))
    )


def test_a_training_is_stopped_too_soon_by_a_hasty_early_stopping():
    assert stopped() == "warning"
    assert stopped(patience=3) is None
    assert stopped(patience=3, min_delta=0.02) == "warning"
    assert stopped(patience=3, min_delta=0.01) is None


def test_it_is_not_where_training_stood_still_or_was_nearly_done():
    assert stopped(losses=(2.0, 1.99, 1.98)) is None
    assert stopped(losses=(1.9, 0.8, 0.45)) is None
    assert stopped(2) is None
    assert stopped(status="finished") is None


@pytest.mark.parametrize(("memory", "loss", "severity"), [(9e-8, 2.3, "warning"), (1e-7, 2.3, None), (0.0, 1.9, None)])
def test_a_forgotten_beginning_matters_where_nothing_is_learnt(memory, loss, severity):
    known = evidence(start=start(memory=memory), epochs=curve([loss] * 3, [loss] * 3, metrics={"accuracy": 0.1}))
    assert severity_of("forgotten-beginning", known) == severity


def test_updates_on_one_batch_are_a_warning_from_ten_on():
    for updates, severity in ((1, None), (2, "note"), (9, "note"), (10, "warning")):
        known = evidence(config=config(training={"updates_per_batch": updates}))
        assert severity_of("repeated-batch", known) == severity


def test_selu_with_a_normalization_behind_weights_is_one_too_many():
    def of(*kinds: str) -> str | None:
        layers = tuple(
            layer(order, kind) if kind == "Linear" else LayerRecord(name=str(order), kind=kind, order=order)
            for order, kind in enumerate(kinds)
        )
        return severity_of("normalized-selu", evidence(config=config(model=OWN), start=start(layers=layers)))

    assert of("Linear", "BatchNorm1d", "SELU", "Linear") == "warning"
    assert of("Linear", "SELU", "LayerNorm", "Linear") == "warning"
    assert of("BatchNorm1d", "Linear", "SELU", "Linear") is None
    assert of("Linear", "BatchNorm1d", "ReLU", "Linear") is None


def test_targets_that_are_the_inputs_may_vary_as_they_do():
    from logbook_schemas.checklist.examples import regression_data
    from logbook_schemas.records.measures import ArrayRecord

    pixels = ArrayRecord(mean=0.3, std=0.3, min=0.0, max=1.0, column_means=(0.1, 0.5), column_stds=(0.01, 0.4))
    known = regression_data(targets=pixels)
    assert severity_of("unequal-target-scales", evidence(data=known)) == "warning"
    assert severity_of("unequal-target-scales", evidence(data=known.model_copy(update={"inputs": pixels}))) is None


def test_weights_that_tripled_in_the_first_steps_tell_a_rate_too_high_where_an_epoch_is_one_step():
    def of(steps: int) -> str | None:
        untrained = (layer(weight_norm=1.0),)
        epochs = curve([2.4, 2.4, 2.4, 2.4], steps=steps, layers=(layer(weight_norm=1.5),))
        grown = tuple(
            epoch.model_copy(update={"layers": (layer(weight_norm=4.0),)}) if epoch.epoch >= 3 else epoch
            for epoch in epochs
        )
        return severity_of("learning-rate-too-high", evidence(start=start(layers=untrained), epochs=grown, end=None))

    assert of(5) == "warning"
    assert of(10) is None
