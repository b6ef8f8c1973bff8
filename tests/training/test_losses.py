"""Losses against formulas written a second time, over every pair of task and loss, and small trainings."""

import math
import re
import sys

import pytest
import torch

from logbook.errors import ConfigError, DataError, LogbookError, UserCodeError
from logbook.training.losses import build_loss, output_size_for, penalized_weights, penalty
from logbook.training.models import build_model
from logbook.training.optimizers import build_optimizer
from logbook_schemas.config.run import RunConfig


def a_config(task, loss, **parts):
    data = {"source": {"kind": "npz", "path": "x.npz"}}
    return RunConfig.model_validate({"name": "a", "task": task, "data": data, "loss": loss, **parts})


def loss_of(task, loss, outputs, targets, **more):
    return build_loss(a_config(task, loss), None, **more)(outputs, targets).item()


OUTPUTS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
CHANCES = OUTPUTS.softmax(1)
CLASSES = torch.tensor([0, 1, 2, 2, 1, 0])
ONE_HOT = torch.eye(3)[CLASSES]


def bce_by_hand(chances, targets):
    return -(targets * chances.log() + (1 - targets) * (1 - chances).log()).mean().item()


BY_HAND = [
    ("cross-entropy", OUTPUTS, lambda: -CHANCES[range(6), CLASSES].log().mean().item()),
    ("nll", CHANCES.log(), lambda: -CHANCES[range(6), CLASSES].log().mean().item()),
    ("bce", CHANCES, lambda: bce_by_hand(CHANCES, ONE_HOT)),
    ("bce-with-logits", OUTPUTS, lambda: bce_by_hand(OUTPUTS.sigmoid(), ONE_HOT)),
    ("mse", OUTPUTS, lambda: (OUTPUTS - ONE_HOT).square().mean().item()),
    ("l1", OUTPUTS, lambda: (OUTPUTS - ONE_HOT).abs().mean().item()),
    ({"kind": "huber", "delta": 0.5}, OUTPUTS, lambda: huber_by_hand(OUTPUTS - ONE_HOT, 0.5)),
    (
        {"kind": "cross-entropy", "label_smoothing": 0.3},
        OUTPUTS,
        lambda: -((0.7 * ONE_HOT + 0.1) * CHANCES.log()).sum(1).mean().item(),
    ),
]


def huber_by_hand(difference, delta):
    size = difference.abs()
    return torch.where(size < delta, size**2 / 2, delta * (size - delta / 2)).mean().item()


@pytest.mark.parametrize(
    ("loss", "outputs", "expected"), BY_HAND, ids=lambda value: "by-hand" if callable(value) else str(value)[:40]
)
def test_each_loss_of_classes_is_its_formula(loss, outputs, expected):
    assert loss_of("classification", loss, outputs, CLASSES, output_size=3) == pytest.approx(expected(), rel=1e-5)


@pytest.mark.parametrize("loss", ["bce-with-logits", "mse", "l1", "huber"])
@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("shape", [(6,), (6, 1)])
@pytest.mark.parametrize("target_shape", [(6,), (6, 1)])
def test_a_row_and_a_column_are_never_broadcast(loss, task, shape, target_shape):
    values, targets = OUTPUTS[:, 0], (CLASSES > 0).float()
    expected = loss_of(task, loss, values, targets)
    assert loss_of(task, loss, values.reshape(shape), targets.reshape(target_shape)) == pytest.approx(expected)


@pytest.mark.parametrize("kind", [torch.int64, torch.uint8, torch.float32])
def test_targets_of_any_number_type_are_taken(kind):
    expected = loss_of("classification", "cross-entropy", OUTPUTS, CLASSES)
    assert loss_of("classification", "cross-entropy", OUTPUTS, CLASSES.to(kind)) == expected
    assert loss_of("classification", "cross-entropy", OUTPUTS, CLASSES.to(kind).reshape(-1, 1)) == expected
    binary = loss_of("binary", "bce-with-logits", OUTPUTS[:, :1], (CLASSES > 0).float())
    assert loss_of("binary", "bce-with-logits", OUTPUTS[:, :1], (CLASSES > 0).to(kind)) == binary


def test_probabilities_as_targets_of_cross_entropy_pass():
    soft = 0.5 * ONE_HOT + 0.5 / 3
    expected = -(soft * CHANCES.log()).sum(1).mean().item()
    assert loss_of("classification", "cross-entropy", OUTPUTS, soft) == pytest.approx(expected, rel=1e-5)


def test_outputs_of_the_wrong_width_are_named_with_what_is_needed():
    said = r"outputs of shape \(32, 5\), but cross-entropy over 10 classes needs \(32, 10\)"
    with pytest.raises(UserCodeError, match=said):
        loss_of(
            "classification", "cross-entropy", torch.zeros(32, 5), torch.zeros(32, dtype=torch.int64), output_size=10
        )


@pytest.mark.parametrize("loss", ["cross-entropy", "nll", "bce", "bce-with-logits", "mse", "l1", "huber"])
@pytest.mark.parametrize("task", ["classification", "binary", "multilabel", "regression"])
@pytest.mark.parametrize("shape", [(), (5, 3), (6, 3, 3), (6, 0)])
def test_outputs_that_fit_no_target_are_told_plainly(task, loss, shape):
    targets = {"classification": CLASSES, "binary": CLASSES[:, None].clamp(max=1).float()}.get(task, ONE_HOT)
    with pytest.raises(LogbookError, match=rf"{re.escape(str(shape))}|task is '{task}'|has 0 outputs"):
        loss_of(task, loss, torch.full(shape, 0.5), targets)


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("wrong", [3, -1])
def test_a_class_out_of_range_is_named(loss, wrong):
    with pytest.raises(DataError, match=f"class {wrong}, but the model has 3 outputs"):
        loss_of("classification", loss, OUTPUTS, torch.tensor([0, 1, wrong, 0, 0, 0]))


def test_bce_of_logits_says_what_is_needed():
    with pytest.raises(UserCodeError, match=r"probabilities between 0 and 1, .* reach from -.*bce-with-logits"):
        loss_of("classification", "bce", OUTPUTS * 5, CLASSES)


def test_bce_of_nan_is_nan_and_no_error():
    assert math.isnan(loss_of("binary", "bce", torch.tensor([math.nan, 0.5]), torch.tensor([0.0, 1.0])))


def test_bce_runs_under_bfloat16():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss_of("classification", "bce", CHANCES.bfloat16(), CLASSES)
    assert value == pytest.approx(bce_by_hand(CHANCES, ONE_HOT), rel=0.02)


@pytest.mark.parametrize(
    ("task", "loss"), [("regression", "cross-entropy"), ("regression", "nll"), ("multilabel", "nll")]
)
def test_a_loss_over_classes_is_refused_where_there_are_none(task, loss):
    with pytest.raises(ConfigError, match=f"loss.kind is '{loss}', .* task is '{task}'"):
        build_loss(a_config(task, loss), None)


@pytest.mark.parametrize(
    ("task", "loss", "classes", "width", "size"),
    [
        ("classification", "cross-entropy", "abc", 1, 3),
        ("classification", "mse", "abc", 1, 3),
        ("binary", "bce-with-logits", "ab", 1, 1),
        ("binary", "cross-entropy", "ab", 1, 2),
        ("multilabel", "bce-with-logits", "abcd", 4, 4),
        ("regression", "mse", "", 2, 2),
    ],
)
def test_the_network_gets_as_many_outputs_as_task_and_loss_need(task, loss, classes, width, size):
    assert output_size_for(a_config(task, loss), tuple(classes), width) == size


def a_net():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.LayerNorm((8,)),
        torch.nn.Linear(8, 3),
    )  # fmt: skip


def test_the_penalty_is_over_weights_alone():
    net = a_net()
    weights = torch.cat([net[0].weight.flatten(), net[4].weight.flatten()])
    expected = 0.5 * weights.abs().sum() + 0.25 / 2 * weights.square().sum()
    assert penalty(net, 0.5, 0.25).item() == pytest.approx(expected.item(), rel=1e-5)
    assert len(penalized_weights(net)) == 2


def test_the_gradient_of_l2_is_the_weight_itself():
    net = a_net()
    penalty(net, 0.0, 0.1).backward()
    assert torch.allclose(net[4].weight.grad, 0.1 * net[4].weight)
    assert net[4].bias.grad is None


def test_no_regularization_is_a_constant_zero():
    nothing = penalty(a_net(), 0.0, 0.0)
    assert (nothing.item(), nothing.requires_grad) == (0.0, False)


def test_a_shared_weight_is_penalized_once():
    layer = torch.nn.Linear(2, 2)
    net = torch.nn.ModuleList([layer, torch.nn.Linear(2, 2)])
    net[1].weight = layer.weight
    assert len(penalized_weights(net)) == 1


OWN = """
import torch
def weighted(weights): return torch.nn.CrossEntropyLoss(weight=torch.tensor(weights))
def each(): return lambda outputs, targets: (outputs - 1).square()
def number(): return lambda outputs, targets: 0.5
def broken(): return lambda outputs, targets: outputs.no_such_thing()
def detached(): return lambda outputs, targets: outputs.detach().mean()
def nothing(): pass
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own_losses.py").write_text(OWN)

    def build(name, **kwargs):
        section = {"kind": "python", "target": f"own_losses:{name}", "kwargs": kwargs}
        return build_loss(a_config("classification", section), tmp_path)

    yield build
    sys.modules.pop("own_losses", None)


def test_a_persons_loss_that_is_a_module_moves_and_is_stored_with_its_weights(own):
    loss = own("weighted", weights=[1.0, 2.0, 3.0])
    expected = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0]))(OUTPUTS, CLASSES)
    assert loss(OUTPUTS, CLASSES) == expected
    assert [value.tolist() for value in loss.state_dict().values()] == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("each", r"own_losses:each returned a tensor of shape \(6, 3\), but a loss must be"),
        ("number", "own_losses:number returned 0.5, but a loss must be"),
        ("broken", r"own_losses:broken raised AttributeError.*own_losses\.py"),
    ],
)
def test_a_persons_loss_that_is_none_is_told_as_theirs(own, name, said):
    with pytest.raises(UserCodeError, match=said):
        own(name)(OUTPUTS, CLASSES)


def test_a_persons_loss_without_a_way_back_is_told_as_theirs(own):
    outputs = OUTPUTS.clone().requires_grad_()
    with pytest.raises(UserCodeError, match="own_losses:detached returned a tensor that sends no gradient back"):
        own("detached")(outputs, CLASSES)
    with torch.no_grad():
        assert own("detached")(outputs, CLASSES) == OUTPUTS.mean()


def test_a_persons_loss_that_cannot_be_called_is_refused(own):
    with pytest.raises(ConfigError, match="object of type NoneType"):
        own("nothing")


def blobs(*, classes, as_images):
    """Clouds of points round their centres, as rows of 16 or as images of 4 x 4."""
    generator = torch.Generator().manual_seed(0)
    targets = torch.arange(120) % classes
    inputs = torch.randn(classes, 16, generator=generator)[targets] + 0.3 * torch.randn(120, 16, generator=generator)
    return inputs.reshape(120, 1, 4, 4) if as_images else inputs, targets


TRAININGS = [
    ("classification", "cross-entropy", "none", 0.05),
    ("classification", "nll", "log-softmax", 0.05),
    ("classification", "bce", "sigmoid", 0.05),
    ("classification", "bce-with-logits", "none", 0.05),
    ("classification", "mse", "none", 0.01),
    ("classification", "l1", "none", 0.1),
    ("classification", "huber", "none", 0.01),
    ("binary", "bce-with-logits", "none", 0.05),
    ("binary", "bce", "sigmoid", 0.05),
    ("binary", "cross-entropy", "none", 0.05),
    ("multilabel", "bce-with-logits", "none", 0.05),
    ("regression", "mse", "none", 0.02),
    ("regression", "l1", "none", 0.1),
    ("regression", "huber", "none", 0.02),
]


def targets_for(config, classes):
    match config.task:
        case "classification":
            return classes
        case "multilabel":
            return torch.stack([classes == 0, classes != 1], dim=1).float()
        case _:
            return classes[:, None].float()


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
@pytest.mark.parametrize(("task", "loss", "last", "reached"), TRAININGS)
def test_a_small_network_learns_under_each_loss(kind, task, loss, last, reached, tmp_path):
    section = {"kind": kind, "hidden": [32], "output_activation": last}
    section |= {"channels": [8]} if kind == "cnn" else {}
    config = a_config(task, loss, model=section, optimizer={"kind": "adam", "lr": 0.01})
    inputs, classes = blobs(classes=2 if task == "binary" else 3, as_images=kind == "cnn")
    targets = targets_for(config, classes)
    size = output_size_for(config, "ab" if task == "binary" else "abc", targets.shape[-1])
    model = build_model(
        config, input_shape=tuple(inputs.shape[1:]), output_size=size, folder=tmp_path, generator_seed=0
    )
    optimizer = build_optimizer(config, model.parameters(), tmp_path)
    criterion = build_loss(config, tmp_path, output_size=size)
    for _ in range(150):
        optimizer.zero_grad()
        value = criterion(model(inputs), targets)
        value.backward()
        optimizer.step()
    assert value.item() < reached
