"""Rules on how weights move and what holds them back, at their thresholds; torch's own classes read as ours."""

import pytest

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.torch_targets import loss_kind, optimizer_settings
from tests.schemas.checklist.judging import judged, of_config, rows, severity_of

DIABETES = {"source": {"kind": "sklearn", "dataset": "diabetes"}}
TEXT = {"source": "docstrings"}


def own(target, **kwargs):
    return {"kind": "python", "target": target, "kwargs": kwargs}


@pytest.mark.parametrize(
    ("optimizer", "kind", "lr"),
    [
        (own("torch.optim:SGD", lr=10), "sgd", 10.0),
        (own("torch.optim:SGD", lr=0.1, momentum=0.9), "momentum", 0.1),
        (own("torch.optim:SGD", lr=0.1, momentum=0.9, nesterov=True), "nesterov", 0.1),
        (own("torch:optim.Adam"), "adam", None),
        (own("torch.optim.adamw:AdamW", lr=0.01), "adamw", 0.01),
        (own("torch.optim:RMSprop", lr="auto"), "rmsprop", None),
        (own("torch.optim:LBFGS"), "lbfgs", None),
        (own("mine:SGD", lr=3), "python", 3.0),
        (own("torchy.optim:SGD", lr=3), "python", 3.0),
        ("lbfgs", "lbfgs", 1.0),
        ("conjugate-gradient", "conjugate-gradient", None),
    ],
    ids=str,
)
def test_torchs_optimizers_are_known(optimizer, kind, lr):
    batch = {"batch_size": "all"}
    settings = optimizer_settings(config(optimizer=optimizer, training=batch).optimizer)
    assert (settings.kind, settings.lr) == (kind, lr)
    assert settings.path == ("optimizer.kwargs" if isinstance(optimizer, dict) else "optimizer")


def test_the_weight_decay_of_adamw_is_apart_from_the_gradient():
    for optimizer in ("adamw", own("torch.optim:AdamW"), {"kind": "nadam", "decoupled": True, "weight_decay": 0.01}):
        settings = optimizer_settings(config(optimizer=optimizer).optimizer)
        assert (settings.is_decoupled, settings.weight_decay) == (True, 0.01)
    assert not optimizer_settings(config(optimizer=own("torch.optim:Adam", weight_decay=0.01)).optimizer).is_decoupled


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("torch.nn:CrossEntropyLoss", "cross-entropy"),
        ("torch.nn.modules.loss:BCELoss", "bce"),
        ("torch.nn:SmoothL1Loss", "huber"),
        ("torch.nn:KLDivLoss", "python"),
        ("mine:MSELoss", "python"),
    ],
)
def test_torchs_losses_are_known(target, kind):
    assert loss_kind(config(loss=own(target)).loss) == kind


def test_the_pair_of_activation_and_loss_is_judged_for_torchs_losses_too():
    softmax = {"kind": "mlp", "output_activation": "softmax"}
    assert of_config("mismatched-output-activation", model=softmax, loss=own("torch.nn:CrossEntropyLoss")) == "error"
    assert of_config("mismatched-output-activation", loss=own("torch.nn:CrossEntropyLoss")) is None
    assert of_config("mismatched-output-activation", loss=own("torch.nn:NLLLoss")) == "error"
    assert of_config("loss-for-another-task", loss=own("torch.nn:MSELoss")) == "warning"
    assert of_config("loss-for-another-task", data=DIABETES, loss=own("torch.nn:CrossEntropyLoss")) == "error"


def test_a_rate_of_torchs_is_judged_by_its_bounds():
    assert of_config("learning-rate-out-of-bounds", optimizer=own("torch.optim:SGD", lr=0.9, momentum=0.9)) == "note"
    assert of_config("learning-rate-out-of-bounds", optimizer=own("torch.optim:SGD", lr=1.1, momentum=0.9)) == "warning"
    assert of_config("learning-rate-out-of-bounds", optimizer=own("torch.optim:Adamax", lr=2.0)) == "error"


def test_a_config_sets_the_bounds_of_a_family():
    bold = {"thresholds": {"L101": {"adam_high": 0.1, "adam_warn": 0.2}}}
    for lr, severity in ((0.1, None), (0.15, "note"), (0.25, "warning")):
        optimizer = {"kind": "adam", "lr": lr}
        assert of_config("learning-rate-out-of-bounds", optimizer=optimizer, checks=bold) == severity


@pytest.mark.parametrize(
    ("optimizer", "severity"),
    [
        ("sgd", "note"),
        (own("torch.optim:SGD", lr=0.1), "note"),
        (own("torch.optim:SGD", lr=0.1, momentum=0.5), None),
        ("momentum", None),
        ("adam", None),
        (own("mine:Lion"), None),
    ],
    ids=str,
)
def test_plain_descent_is_a_note(optimizer, severity):
    assert of_config("plain-descent", optimizer=optimizer) == severity
    assert of_config("plain-descent", optimizer=optimizer, training={"batch_size": "all"}) is None


@pytest.mark.parametrize(
    ("schedule", "severity"),
    [
        ("constant", None),
        ("cosine", None),
        ("one-cycle", None),
        ("plateau", None),
        ("final-drop", None),
        ({"kind": "step", "step_size": 6}, None),  # 0.1 from 30 %, 0.01 from 60 %, not below
        ({"kind": "step", "step_size": 3}, "warning"),  # below 0.01 from 45 %
        ({"kind": "step", "step_size": 4}, "note"),  # from 60 %
        ({"kind": "multi-step", "milestones": [10, 15], "by": "epochs"}, None),
        ({"kind": "geometric", "gamma": 0.995}, None),  # 0.01 after 919 of 900 steps
        ({"kind": "geometric", "gamma": 0.9935}, "note"),  # after 706, 78 %
        ({"kind": "geometric", "gamma": 0.9925}, "note"),  # after 612, 68 %
        ({"kind": "geometric", "gamma": 0.98}, "warning"),  # after 228, 25 %
        ({"kind": "inverse-time", "decay": 1.0}, "warning"),  # after 99
        ({"kind": "constant", "warmup": 400}, None),
    ],
    ids=str,
)
def test_decay_is_judged_by_when_it_has_faded(schedule, severity):
    assert of_config("early-decay", schedule=schedule, training={"epochs": 20}) == severity


def test_a_faded_rate_says_what_is_left_at_the_end():
    known = config(schedule={"kind": "geometric", "gamma": 0.98}, training={"epochs": 20})
    [found] = judged("early-decay", evidence(config=known))
    assert "of 900" in found.message
    assert found.measured == pytest.approx(228 / 900, abs=0.01)


@pytest.mark.parametrize(
    ("schedule", "severity"),
    [
        ({"kind": "step", "step_size": 5, "gamma": 1.2}, None),  # 1.2 to the third
        ({"kind": "step", "step_size": 5, "gamma": 1.3}, "warning"),
        ({"kind": "geometric", "gamma": 1.01}, "warning"),
        ({"kind": "final-drop", "gamma": 10.0}, "warning"),
        ({"kind": "step", "step_size": 50, "gamma": 10.0}, None),
        ({"kind": "step", "step_size": 5}, None),
        ("one-cycle", None),
    ],
    ids=str,
)
def test_a_rate_that_grows_is_found(schedule, severity):
    assert of_config("growing-learning-rate", schedule=schedule, training={"epochs": 20}) == severity


@pytest.mark.parametrize(("size", "severity"), [(32, "warning"), (1440, None), ("all", None)])
def test_lbfgs_wants_all_rows(size, severity):
    parts = {"optimizer": own("torch.optim:LBFGS"), "training": {"batch_size": size}}
    assert of_config("minibatch-lbfgs", **parts) == severity


@pytest.mark.parametrize(
    ("batches", "optimizer", "severity"),
    [(1, "adam", None), (2, "adam", "note"), (2, {"kind": "adam", "lr": 0.002}, None), (2, "conjugate-gradient", None)],
    ids=str,
)
def test_several_batches_a_step_bear_a_higher_rate(batches, optimizer, severity):
    size = "all" if optimizer == "conjugate-gradient" else 32
    gradients = {"accumulation": 1 if size == "all" else batches}
    parts = {"optimizer": optimizer, "gradients": gradients, "training": {"batch_size": size}}
    assert of_config("unscaled-accumulation", **parts) == severity


@pytest.mark.parametrize(
    ("gradients", "severity"),
    [
        ({}, "note"),
        ({"clip": "norm"}, None),
        ({"clip": {"kind": "norm", "max_norm": 0.01}}, None),
        ({"clip": {"kind": "norm", "max_norm": 0.009}}, "note"),
        ({"clip": "value"}, None),
        ({"renormalize": "layer"}, None),
    ],
    ids=str,
)
def test_a_recurrent_network_bounds_its_gradients(gradients, severity):
    known = evidence(config=config(data=TEXT, model="rnn", gradients=gradients))
    assert severity_of("unclipped-recurrence", known) == severity
    assert of_config("unclipped-recurrence", gradients=gradients) is None


@pytest.mark.parametrize(("model", "severity"), [("cnn", "note"), ("residual-cnn", "note"), ("mlp", None)])
def test_convolutions_rarely_need_clipping(model, severity):
    assert of_config("clipped-convolutions", model=model, gradients={"clip": "norm"}) == severity
    assert of_config("clipped-convolutions", model=model) is None


@pytest.mark.parametrize(
    ("optimizer", "severity"),
    [
        ({"kind": "adam", "weight_decay": 0.01}, None),
        ({"kind": "adam", "weight_decay": 0.011}, "note"),
        ({"kind": "adam", "weight_decay": 0.099}, "note"),
        ({"kind": "adam", "weight_decay": 0.1}, "warning"),
        ({"kind": "sgd", "lr": 0.1, "weight_decay": 1.0}, "warning"),
        ({"kind": "sgd", "lr": 0.1, "weight_decay": 20.0}, "error"),
        ({"kind": "adamw", "weight_decay": 0.3}, None),
        ({"kind": "adamw", "weight_decay": 0.31}, "note"),
        ({"kind": "adamw", "weight_decay": 9.9}, "note"),
        ({"kind": "adamw", "weight_decay": 10.0}, "warning"),
        (own("torch.optim:SGD", lr=0.01, weight_decay=0.5), "warning"),
        (own("torch.optim:AdamW"), None),
    ],
    ids=str,
)
def test_weight_decay_is_judged_as_it_is_applied(optimizer, severity):
    assert of_config("excessive-weight-decay", optimizer=optimizer) == severity


@pytest.mark.parametrize(
    ("penalty", "severity"),
    [
        ({"l2": 0.01}, None),
        ({"l2": 0.02}, "note"),
        ({"l2": 0.1}, "warning"),
        ({"l1": 0.001}, None),
        ({"l1": 0.002}, "note"),
        ({"l1": 0.01}, "warning"),
    ],
    ids=str,
)
def test_penalties_are_judged(penalty, severity):
    assert of_config("excessive-weight-decay", regularization=penalty) == severity


def test_every_change_of_a_decay_is_silent():
    known = config(optimizer={"kind": "adam", "weight_decay": 1.0}, regularization={"l1": 1.0, "l2": 1.0})
    found = judged("excessive-weight-decay", evidence(config=known))
    changes = {path: value for one in found for path, value in one.change.items()}
    assert set(changes) == {"optimizer.weight_decay", "regularization.l1", "regularization.l2"}
    assert all(value <= 1e-4 for value in changes.values())


@pytest.mark.parametrize(
    ("parts", "severity"),
    [
        ({"model": {"kind": "mlp", "hidden": [], "dropout": 0.1}}, "warning"),
        ({"model": {"kind": "mlp", "hidden": [], "input_dropout": 0.1}}, None),
        ({"model": {"kind": "mlp", "dropout_form": "alpha"}}, "note"),
        ({"model": {"kind": "mlp", "dropout_form": "alpha", "dropout": 0.1}}, None),
        ({"training": {"epochs": 10, "early_stopping": {"patience": 10}}}, "note"),
        ({"training": {"epochs": 10, "early_stopping": {"patience": 9}}}, None),
    ],
    ids=str,
)
def test_regularization_that_cannot_act_is_found(parts, severity):
    assert of_config("ineffective-regularization", **parts) == severity


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ({"dropout": 0.1, "normalization": "batch"}, "note"),
        ({"dropout": 0.1, "normalization": "batch", "hidden": [64]}, None),
        ({"dropout": 0.1}, None),
        ({"normalization": "batch"}, None),
        ({"dropout": 0.1, "normalization": "layer"}, None),
    ],
    ids=str,
)
def test_dropout_before_a_normalization_is_noted(options, severity):
    assert of_config("dropout-before-normalization", model={"kind": "mlp", "hidden": [64, 64], **options}) == severity


def test_what_needs_the_rows_is_silent_without_them():
    known = config(schedule={"kind": "geometric", "gamma": 0.5}, optimizer=own("torch.optim:LBFGS"))
    for name in ("early-decay", "growing-learning-rate", "minibatch-lbfgs", "few-updates", "large-batch"):
        assert severity_of(name, evidence(config=known, data=None)) is None
        assert severity_of(name, evidence(config=known, data=data(splits={"validation": rows(9)["train"]}))) is None
