"""Rules of how model, loss and optimizer are wired, at their thresholds."""

import math

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.records.start import LossRecord, OutputRecord

OWN = {"kind": "python", "target": "net:build"}
OWN_LOSS = {"kind": "python", "target": "net:loss"}
DIABETES = {"source": {"kind": "sklearn", "dataset": "diabetes"}}


def severity_of(name, record, **sections):
    known = config(**{"model": OWN, **sections})
    found = list(find_rule(name).judge(evidence(start=record, config=known, data=None)))
    return found[0].severity if found else None


@pytest.mark.parametrize(
    ("change", "severity"), [(None, None), (0.0, None), (1e-3, None), (1.1e-3, "error"), (math.nan, None)]
)
def test_a_row_may_change_by_rounding_as_others_do(change, severity):
    assert severity_of("mixed-examples", start(behaviour=OutputRecord(mixing=change))) == severity


def test_mixing_by_batch_statistics_is_a_note():
    record = start(behaviour=OutputRecord(mixing=0.5, batch_statistics=True))
    assert severity_of("mixed-examples", record) == "note"


@pytest.mark.parametrize(
    ("optimizer", "doubling", "severity"),
    [
        ({"kind": "sgd", "lr": 0.01}, 2.0, "warning"),
        ({"kind": "sgd", "lr": 0.003}, 2.0, "note"),
        ({"kind": "adam"}, 2.0, "note"),
        ({"kind": "sgd", "lr": 0.01}, 1.94, None),
        ({"kind": "sgd", "lr": 0.01}, 1.0, None),
        ({"kind": "sgd", "lr": 0.01}, math.nan, None),
    ],
)
def test_a_sum_is_a_warning_where_the_steps_are_large(optimizer, doubling, severity):
    record = start(loss=LossRecord(doubling=doubling))
    assert severity_of("summed-loss", record, optimizer=optimizer, loss=OWN_LOSS) == severity


@pytest.mark.parametrize(
    ("called", "alike", "single", "severity"),
    [
        (1.9, 1.1, 1.1, "error"),
        (1.1, 1.1, 1.1, None),
        (1.9, 1.1, 1.9, None),
        (None, 1.1, 1.1, None),
        (math.nan, 1.1, 1.1, None),
    ],
)
def test_broadcasting_is_told_by_single_rows(called, alike, single, severity):
    record = start(loss=LossRecord(as_called=called, in_one_shape=alike, by_example=single))
    assert severity_of("broadcast-loss", record, loss=OWN_LOSS) == severity


@pytest.mark.parametrize(
    ("defect", "layers", "severity"),
    [(1e-5, 2, "warning"), (2e-4, 2, None), (1e-5, 1, None), (math.nan, 2, None)],
)
def test_a_straight_line_needs_layers(defect, layers, severity):
    record = start(behaviour=OutputRecord(affine_defect=defect, weight_layers=layers))
    assert severity_of("affine-network", record) == severity


def test_a_reconstruction_may_be_linear():
    record = start(behaviour=OutputRecord(affine_defect=1e-6, weight_layers=2))
    assert severity_of("affine-network", record, task="reconstruction", loss="mse") == "note"


@pytest.mark.parametrize(
    ("change", "calls", "severity"),
    [(0.5, ("dropout",), "warning"), (0.5, ("randn_like",), "note"), (1e-4, ("dropout",), None)],
)
def test_dropout_in_evaluation_is_worse_than_noise(change, calls, severity):
    record = start(behaviour=OutputRecord(randomness=change, random_calls=calls))
    assert severity_of("random-evaluation", record) == severity


@pytest.mark.parametrize(
    ("rising", "factor", "climbs", "severity"),
    [
        (1.0, -1.0, False, "error"),
        (0.96, None, False, "warning"),
        (0.94, None, False, None),
        (0.0, 1.0, True, "error"),
        (1.0, -1.0, True, None),
    ],
)
def test_a_loss_is_inverted_against_the_optimizers_direction(rising, factor, climbs, severity):
    record = start(loss=LossRecord(rising_share=rising, factor=factor), maximizes=climbs)
    assert severity_of("inverted-loss", record, loss=OWN_LOSS) == severity


@pytest.mark.parametrize(
    ("takes", "share", "stuck", "severity"),
    [
        ("logits", 0.11, 0.0, "error"),
        ("logits", 0.1, 0.0, None),
        ("values", 0.5, 0.0, "note"),
        ("values", 0.5, 0.3, "warning"),
    ],
)
def test_outputs_that_are_cut_off(takes, share, stuck, severity):
    behaviour = OutputRecord(low=0.0, share_at_bound=share, columns_at_bound=stuck)
    assert severity_of("clipped-outputs", start(loss=LossRecord(takes=takes), behaviour=behaviour)) == severity


@pytest.mark.parametrize(
    ("outside", "takes", "severity"),
    [(0.02, "values", "error"), (0.02, "", "warning"), (0.01, "values", None), (0.02, "probabilities", None)],
)
def test_targets_that_cannot_be_reached(outside, takes, severity):
    behaviour = OutputRecord(low=-1.0, high=1.0, target_low=-2.0, target_high=2.0, targets_outside=outside)
    record = start(output_shape=(1,), loss=LossRecord(takes=takes), behaviour=behaviour)
    assert severity_of("unreachable-targets", record, data=DIABETES) == severity


@pytest.mark.parametrize(("reach", "severity"), [(1.0, "error"), (2.0, "error"), (2.5, None), (30.0, None)])
def test_bounds_of_raw_outputs_are_judged_by_what_the_loss_can_fall_to(reach, severity):
    behaviour = OutputRecord(low=-reach, high=reach)
    record = start(output_shape=(10,), class_targets=10, loss=LossRecord(takes="logits"), behaviour=behaviour)
    assert severity_of("unreachable-targets", record) == severity


@pytest.mark.parametrize(("beyond", "severity"), [(1.0, None), (10.0, None), (23.0, "note"), (101.0, "warning")])
def test_far_targets(beyond, severity):
    record = start(behaviour=OutputRecord(beyond=beyond))
    assert severity_of("targets-beyond-outputs", record, data=DIABETES) == severity


def test_parameters_behind_zeros_that_will_wake_are_a_note():
    record = start(no_gradient=("body.weight",), waking=("body.weight",), zero_weights=("head.weight",))
    assert severity_of("parameter-without-gradient", record) == "note"
    stuck = start(no_gradient=("a.weight", "b.weight"), waking=("a.weight",), zero_weights=("b.weight",))
    assert severity_of("parameter-without-gradient", stuck) == "error"


def test_one_unused_layer_is_one_finding():
    record = start(no_gradient=("spare.weight", "spare.bias"), unused=("spare",))
    assert severity_of("parameter-without-gradient", record) is None
    assert severity_of("unused-module", record) == "warning"


def test_foreign_tensors_beside_all_of_the_models_are_a_note():
    assert severity_of("foreign-parameters", start(foreign=1)) == "note"
    assert severity_of("foreign-parameters", start(foreign=1, not_optimized=("a",))) == "error"


def test_a_frozen_network():
    assert severity_of("frozen-network", start(trainable=0)) == "error"
    assert severity_of("frozen-network", start(optimized=0)) == "error"
    assert severity_of("frozen-network", start(optimized=1)) is None
    assert severity_of("frozen-network", start(optimized=0, foreign=3, not_optimized=("a",))) is None


def test_a_last_bias_at_the_frequencies_of_the_classes_begins_low():
    from logbook_schemas.checklist.examples import data

    rare = data(classes=("no", "yes"), baseline={"val_loss": 0.2, "accuracy": 0.95})
    rule = find_rule("implausible-initial-loss")
    begun = start(initial_loss=0.2, expected_loss=math.log(2))
    assert list(rule.judge(evidence(start=begun, data=rare))) == []
    assert list(rule.judge(evidence(start=start(initial_loss=0.05, expected_loss=math.log(2)), data=rare)))
