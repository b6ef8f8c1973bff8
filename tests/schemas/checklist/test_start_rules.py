"""Rules of the start moment, at their thresholds."""

import math

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, data, evidence, start
from logbook_schemas.records.measures import LayerRecord

OWN = {"kind": "python", "target": "net:build"}


def judged(name, record, **known):
    return list(find_rule(name).judge(evidence(start=record, **known)))


def severity_of(name, record, **known):
    found = judged(name, record, **known)
    return found[0].severity if found else None


@pytest.mark.parametrize(
    ("ratio", "severity"),
    [
        (0.5, None),
        (0.85, None),
        (1.29, None),
        (2.6, None),
        (3.0, None),
        (0.49, "warning"),
        (3.01, "warning"),
        (10.0, "warning"),
        (10.1, "error"),
        (0.1, "warning"),
        (0.09, "error"),
        (math.inf, "error"),
        (math.nan, "error"),
    ],
)
def test_the_initial_loss_is_judged_by_its_ratio_to_guessing(ratio, severity):
    record = start(initial_loss=ratio, expected_loss=1.0)
    assert severity_of("implausible-initial-loss", record) == severity


def test_the_initial_loss_is_judged_only_where_activation_and_loss_fit():
    softmax = config(model={"kind": "mlp", "output_activation": "softmax"})
    assert severity_of("implausible-initial-loss", start(initial_loss=50.0), config=softmax) is None
    assert severity_of("implausible-initial-loss", start(initial_loss=50.0, outputs_sum_to_one=True)) is None


def test_a_persons_own_model_may_be_pretrained():
    own = config(model=OWN)
    assert severity_of("implausible-initial-loss", start(initial_loss=0.05), config=own) == "note"
    assert severity_of("implausible-initial-loss", start(initial_loss=50.0), config=own) == "error"


def test_a_loss_without_a_known_beginning_is_silent():
    assert severity_of("implausible-initial-loss", start(expected_loss=None, initial_loss=90.0)) is None
    assert severity_of("implausible-initial-loss", start(initial_loss=None)) is None


def test_parameters_without_gradient_are_counted_and_named():
    names = tuple(f"blocks.{index}.weight" for index in range(7))
    [found] = judged("parameter-without-gradient", start(no_gradient=names), config=config(model=OWN))
    assert found.severity == "error"
    assert "7 trainable parameters" in found.message
    assert "blocks.0.weight" in found.message
    assert found.message.endswith("and 2 more.")


def test_a_head_that_begins_at_zero_makes_the_missing_gradient_a_warning():
    record = start(no_gradient=("body.weight",), layers=(LayerRecord(name="head", weight_norm=0.0),))
    assert severity_of("parameter-without-gradient", record, config=config(model=OWN)) == "warning"


def test_initial_weights_of_zero_are_named_as_the_cause():
    zeros = config(model={"kind": "mlp", "init": "zeros"})
    record = start(no_gradient=("0.weight",), layers=(LayerRecord(name="0", weight_norm=0.0),))
    [found] = judged("parameter-without-gradient", record, config=zeros)
    assert found.severity == "error"
    assert found.change == {"model.init": "he"}


def test_blocks_that_are_asked_to_begin_silent_need_no_gradient_yet():
    inside = ("stages.0.0.residual.first.weight", "stages.0.0.before.normalization.bias")
    layers = (LayerRecord(name="stages.0.0.residual.second", weight_norm=0.0),)
    for asked, names, expected in ((True, inside, None), (False, inside, "error"), (True, ("stem.weight",), "error")):
        model = config(model={"kind": "residual-cnn", "zero_init_residual": asked})
        record = start(no_gradient=names, layers=layers)
        assert severity_of("parameter-without-gradient", record, config=model) == expected


def test_a_forgotten_parameter_is_named():
    [found] = judged("unoptimized-parameter", start(not_optimized=("head.bias",)))
    assert found.severity == "error"
    assert "1 trainable parameter: head.bias" in found.message


@pytest.mark.parametrize(
    ("sums", "model", "loss", "severity"),
    [
        (True, OWN, "cross-entropy", "error"),
        (False, OWN, "cross-entropy", None),
        (None, OWN, "cross-entropy", None),
        (True, OWN, "mse", None),
        (True, {"kind": "mlp", "output_activation": "softmax"}, "cross-entropy", None),
    ],
)
def test_probabilities_are_an_error_for_own_models_under_cross_entropy(sums, model, loss, severity):
    known = config(model=model, loss=loss)
    record = start(outputs_sum_to_one=sums)
    assert severity_of("probabilities-into-cross-entropy", record, config=known, data=data()) == severity
