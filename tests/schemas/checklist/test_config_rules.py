"""Rules of the config moment, at their thresholds."""

import pytest

from logbook_schemas.checklist.examples import config, evidence, past, regression_data
from logbook_schemas.config.identity import freeze
from logbook_schemas.records.measures import ArrayRecord
from logbook_schemas.records.runs import HistoryRecord, PastRun
from tests.schemas.checklist.judging import judged, severity_of

DIABETES = {"source": {"kind": "sklearn", "dataset": "diabetes"}}
BREAST_CANCER = {"source": {"kind": "sklearn", "dataset": "breast_cancer"}}


def of_config(name, **sections):
    return severity_of(name, evidence(config=config(**sections), data=None))


@pytest.mark.parametrize(
    ("optimizer", "severity"),
    [
        ({"kind": "adam"}, None),
        ({"kind": "adam", "lr": 0}, "error"),
        ({"kind": "adam", "lr": 0.01}, None),
        ({"kind": "adam", "lr": 0.0101}, "note"),
        ({"kind": "adam", "lr": 1}, "warning"),
        ({"kind": "adam", "lr": 1.01}, "error"),
        ({"kind": "adam", "lr": 1e-5}, None),
        ({"kind": "adam", "lr": 9e-6}, "warning"),
        ({"kind": "adamw", "lr": 0.3}, "warning"),
        ({"kind": "amsgrad", "lr": 0.29}, "note"),
        ({"kind": "nadam"}, None),
        ({"kind": "rmsprop", "lr": 0.3}, "warning"),
        ({"kind": "rmsprop", "lr": 2e-6}, None),
        ({"kind": "sgd"}, None),
        ({"kind": "sgd", "lr": 0.1}, None),
        ({"kind": "sgd", "lr": 0.11}, "note"),
        ({"kind": "sgd", "lr": 9.9}, "note"),
        ({"kind": "sgd", "lr": 10}, "warning"),
        ({"kind": "sgd", "lr": 100}, "warning"),
        ({"kind": "sgd", "lr": 101}, "error"),
        ({"kind": "sgd", "lr": 1e-6}, None),
        ({"kind": "sgd", "lr": 9e-7}, "warning"),
        ({"kind": "momentum"}, None),
        ({"kind": "nesterov", "lr": 0.1}, None),
        ({"kind": "momentum", "lr": 0.99}, "note"),
        ({"kind": "momentum", "lr": 1.0}, "warning"),
        ({"kind": "momentum", "lr": 0.11, "momentum": 0.99}, "warning"),
        ({"kind": "momentum", "lr": 0.09, "momentum": 0.99}, None),
        ({"kind": "adagrad", "lr": 0.1}, None),
        ({"kind": "adagrad", "lr": 1}, "note"),
        ({"kind": "adadelta"}, None),
        ({"kind": "adadelta", "lr": 10}, None),
        ({"kind": "adadelta", "lr": 11}, "warning"),
        ({"kind": "adadelta", "lr": 5e-5}, "warning"),
        ({"kind": "python", "target": "mine:Lion", "kwargs": {"lr": 40.0}}, None),
        ({"kind": "python", "target": "mine:Lion", "kwargs": {"lr": 0}}, "error"),
        ({"kind": "python", "target": "mine:Lion", "kwargs": {"lr": "auto"}}, None),
        ({"kind": "python", "target": "mine:Lion", "kwargs": {"lr": True}}, None),
        ({"kind": "python", "target": "mine:Lion"}, None),
        ({"kind": "python", "target": "torch.optim:Adam", "kwargs": {"lr": 0.5}}, "warning"),
    ],
    ids=str,
)
def test_learning_rates_are_judged_by_their_optimizer(optimizer, severity):
    assert of_config("learning-rate-out-of-bounds", optimizer=optimizer) == severity


def test_the_remedy_for_a_learning_rate_is_a_config_change_that_is_silent():
    bad = config(optimizer={"kind": "momentum", "lr": 3.0})
    [found] = judged("learning-rate-out-of-bounds", evidence(config=bad))
    assert found.change == {"optimizer.lr": 0.01}
    assert "3" in found.message
    assert of_config("learning-rate-out-of-bounds", optimizer={"kind": "momentum", "lr": 0.01}) is None


def test_the_rate_in_kwargs_is_named_by_its_own_path():
    own = {"kind": "python", "target": "torch.optim:SGD", "kwargs": {"lr": 50}}
    [found] = judged("learning-rate-out-of-bounds", evidence(config=config(optimizer=own)))
    assert found.where == "optimizer.kwargs.lr"


ACTIVATIONS = ("none", "sigmoid", "softmax", "log-softmax", "tanh", "relu", "softplus")
ACCEPTED_ON_CLASSES = {("none", "cross-entropy"), ("log-softmax", "nll")}
ACCEPTED_ON_TWO_CLASSES = {("sigmoid", "bce"), ("none", "bce-with-logits")}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", ["cross-entropy", "nll"])
def test_on_classes_just_the_accepted_pairs_are_silent(activation, loss):
    severity = of_config(
        "mismatched-output-activation", model={"kind": "mlp", "output_activation": activation}, loss=loss
    )
    is_harmless = (activation, loss) == ("log-softmax", "cross-entropy")
    expected = None if (activation, loss) in ACCEPTED_ON_CLASSES else "warning" if is_harmless else "error"
    assert severity == expected


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", ["bce", "bce-with-logits"])
def test_on_yes_or_no_just_the_accepted_pairs_are_silent(activation, loss):
    model = {"kind": "mlp", "output_activation": activation}
    severity = of_config("mismatched-output-activation", data=BREAST_CANCER, model=model, loss=loss)
    assert severity == (None if (activation, loss) in ACCEPTED_ON_TWO_CLASSES else "error")


@pytest.mark.parametrize(
    ("activation", "targets", "severity"),
    [
        ("none", [], None),
        ("tanh", [], "note"),
        ("sigmoid", [], "note"),
        ("relu", [], "warning"),
        ("softplus", [], None),
        ("softmax", [], "error"),
        ("log-softmax", [], "note"),
        ("tanh", ["standardize"], "error"),
        ("relu", ["standardize"], "error"),
        ("softplus", ["center"], "error"),
        ("tanh", [{"kind": "min-max", "low": -1.0}], None),
        ("tanh", [{"kind": "min-max", "low": -1.1}], "error"),
        ("sigmoid", ["min-max"], None),
        ("sigmoid", [{"kind": "min-max", "high": 2.0}], "error"),
        ("relu", ["min-max"], "warning"),
        ("none", ["standardize"], None),
    ],
    ids=str,
)
@pytest.mark.parametrize("loss", ["mse", "l1", "huber"])
def test_on_numbers_the_range_of_the_targets_decides(activation, targets, severity, loss):
    data = {**DIABETES, "targets": [{"kind": t} if isinstance(t, str) else t for t in targets]}
    model = {"kind": "mlp", "output_activation": activation}
    assert of_config("mismatched-output-activation", data=data, model=model, loss=loss) == severity


@pytest.mark.parametrize("kind", ["linear", "mlp", "cnn", "residual-cnn"])
@pytest.mark.parametrize(
    ("scale", "targets", "severity"),
    [(3.0, [{"kind": "min-max", "low": -3.0, "high": 3.0}], None), (0.9, [{"kind": "min-max", "low": -1.0}], "error")],
)
def test_the_output_scale_widens_what_the_activation_reaches(kind, scale, targets, severity):
    model = {"kind": kind, "output_activation": "tanh", "output_scale": scale}
    found = of_config("mismatched-output-activation", data={**DIABETES, "targets": targets}, model=model)
    assert found == severity


@pytest.mark.parametrize(
    ("last", "loss", "severity"),
    [("none", "cross-entropy", None), ("log-softmax", "nll", "error")],
)
def test_raw_outputs_may_be_scaled_and_probabilities_may_not(last, loss, severity):
    model = {"kind": "mlp", "output_activation": last, "output_scale": 2.0}
    known = evidence(config=config(model=model, loss=loss), data=None)
    found = judged("mismatched-output-activation", known)
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all(one.change == {"model.output_scale": 1.0} for one in found)


def test_measured_targets_count_more_than_their_preparation():
    model = {"kind": "mlp", "output_activation": "tanh"}
    known = config(data={**DIABETES, "targets": []}, model=model)
    inside = regression_data(targets=ArrayRecord(min=-0.9, max=1.0))
    outside = regression_data(targets=ArrayRecord(min=-0.9, max=1.1))
    assert severity_of("mismatched-output-activation", evidence(config=known, data=inside)) is None
    assert severity_of("mismatched-output-activation", evidence(config=known, data=outside)) == "error"


@pytest.mark.parametrize(("activation", "severity"), [("softmax", None), ("sigmoid", None), ("log-softmax", "error")])
def test_squared_error_on_classes_meets_targets_of_0_and_1(activation, severity):
    model = {"kind": "mlp", "output_activation": activation}
    assert of_config("mismatched-output-activation", model=model, loss="mse") == severity


def test_softmax_over_one_output_is_an_error_under_any_loss():
    model = {"kind": "mlp", "output_activation": "softmax"}
    for loss in ("mse", "bce"):
        [found] = judged(
            "mismatched-output-activation",
            evidence(config=config(data=BREAST_CANCER, model=model, loss=loss), data=None),
        )
        assert found.severity == "error"
        assert "always 1" in found.message


def test_a_persons_own_model_or_loss_is_not_judged_by_the_pair():
    own = {"kind": "python", "target": "net:build"}
    assert of_config("mismatched-output-activation", model=own) is None
    softmax = {"kind": "mlp", "output_activation": "softmax"}
    assert of_config("mismatched-output-activation", model=softmax, loss={**own, "target": "net:loss"}) is None


@pytest.mark.parametrize("loss", ["cross-entropy", "nll", "bce", "bce-with-logits", "mse"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_change_of_a_mismatch_is_a_pair_that_fits(activation, loss):
    model = {"kind": "mlp", "output_activation": activation}
    data = BREAST_CANCER if loss.startswith("bce") else {"source": {"kind": "sklearn", "dataset": "digits"}}
    for found in judged("mismatched-output-activation", evidence(config=config(data=data, model=model, loss=loss))):
        assert found.change
        changed = {**model, "output_activation": found.change.get("model.output_activation", activation)}
        loss_then = found.change.get("loss", loss)
        assert of_config("mismatched-output-activation", data=data, model=changed, loss=loss_then) is None


@pytest.mark.parametrize(
    ("task", "loss", "severity"),
    [
        ("classification", "cross-entropy", None),
        ("classification", "nll", None),
        ("classification", "bce", "warning"),
        ("classification", "mse", "warning"),
        ("classification", "l1", "warning"),
        ("binary", "bce-with-logits", None),
        ("binary", "cross-entropy", None),
        ("binary", "mse", "warning"),
        ("multilabel", "bce-with-logits", None),
        ("multilabel", "cross-entropy", "error"),
        ("regression", "mse", None),
        ("regression", "huber", None),
        ("regression", "cross-entropy", "error"),
        ("regression", "nll", "error"),
        ("regression", "bce-with-logits", "error"),
    ],
)
def test_losses_are_judged_by_the_task(task, loss, severity):
    assert of_config("loss-for-another-task", task=task, loss=loss) == severity


def test_squared_error_on_classes_accounts_for_no_symptom():
    [found] = judged("loss-for-another-task", evidence(config=config(loss="mse")))
    assert found.explains == ()


@pytest.mark.parametrize(
    ("dropout", "severity"), [(0.0, None), (0.5, None), (0.51, "warning"), (0.74, "warning"), (0.75, "error")]
)
def test_dropout_is_judged_at_a_half_and_at_three_quarters(dropout, severity):
    assert of_config("dropout-like-retention", model={"kind": "cnn", "dropout": dropout}) == severity


@pytest.mark.parametrize(
    ("model", "where"),
    [
        ({"kind": "linear", "input_dropout": 0.8}, "model.input_dropout"),
        ({"kind": "mlp", "dropconnect": 0.8}, "model.dropconnect"),
        ({"kind": "residual-cnn", "dropout": 0.8}, "model.dropout"),
    ],
    ids=str,
)
def test_every_probability_of_dropping_is_asked_about(model, where):
    [found] = judged("dropout-like-retention", evidence(config=config(model=model)))
    assert found.where == where
    assert found.change == {where: 0.2}


def test_dropout_that_looks_like_retention_suggests_the_rest():
    [found] = judged("dropout-like-retention", evidence(config=config(model={"kind": "mlp", "dropout": 0.9})))
    assert found.change == {"model.dropout": 0.1}


def test_a_dead_end_stops_a_repetition_with_its_reason():
    [found] = judged("repeated-dead-end", evidence(history=past(7, outcome="dead-end", outcome_reason="exploded.")))
    assert found.severity == "error"
    assert "r7" in found.message
    assert found.message.endswith("exploded.")


@pytest.mark.parametrize("changed", ["same_code", "same_data"])
def test_a_dead_end_of_other_code_or_data_is_a_warning(changed):
    history = past(outcome="dead-end", **{changed: False})
    assert severity_of("repeated-dead-end", evidence(history=history)) == "warning"


def test_a_dead_end_that_is_only_suggested_is_a_warning():
    suggested = past(7, outcome="dead-end", outcome_reason="diverged", outcome_by="logbook")
    [found] = judged("repeated-dead-end", evidence(history=suggested))
    assert found.severity == "warning"
    assert found.message == "The same recipe ran as r7 and looks like a dead end: diverged."
    assert "logbook outcome r7 confirms or overrules it" in found.remedy
    assert severity_of("repeated-run", evidence(history=suggested)) is None


@pytest.mark.parametrize("outcome", [None, "promising", "baseline", "done", "inconclusive"])
def test_other_outcomes_are_no_dead_end(outcome):
    known = evidence(history=past(outcome=outcome))
    assert severity_of("repeated-dead-end", known) is None
    assert severity_of("repeated-run", known) == "note"


def test_a_repetition_says_which_runs_and_how_they_ended():
    runs = past(9, seed=1, best_value=0.125).same_recipe + past(8, status="diverged", best_value=None).same_recipe
    [found] = judged("repeated-run", evidence(history=HistoryRecord(same_recipe=runs)))
    assert "2 times" in found.message
    assert "r9 (finished, best val_loss 0.125, seed 1)" in found.message
    assert "r8 (diverged)" in found.message


def test_another_fold_is_no_repetition():
    other, same = past(8, fold=2, same_fold=False), past(9, fold=1, same_seed=True)
    assert severity_of("repeated-run", evidence(history=other)) is None
    [found] = judged("repeated-run", evidence(history=same))
    assert "r9 (finished, best val_loss 0.21, same seed, fold 1)" in found.message


def test_a_dead_end_is_not_said_twice():
    assert severity_of("repeated-run", evidence(history=past(outcome="dead-end"))) is None


def test_a_first_run_of_a_recipe_is_silent():
    for name in ("repeated-run", "repeated-dead-end"):
        assert severity_of(name, evidence(history=HistoryRecord())) is None


def test_the_example_config_is_one_that_freezes():
    assert PastRun.model_validate(past().same_recipe[0].model_dump())
    assert len(freeze(config()).recipe_hash) == 64
