"""Probes of the untrained model against what is known of models that are made for it, and what they leave behind."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from logbook.training.probes.examples import affine_defect, mixing, randomness
from logbook.training.probes.loss_kind import is_indifferent, loss_kind
from logbook.training.probes.passes import Passes
from logbook.training.probes.reach import TooLargeError, probe_reach
from logbook.training.probes.start import probe_start
from logbook_schemas.checklist.examples import config

INPUTS = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
CLASSES = torch.arange(40) % 3


def net(*last: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3), *last)


@pytest.mark.parametrize(
    ("last", "low", "high"),
    [
        ((), None, None),
        ((nn.ReLU(),), 0, None),
        ((nn.Softplus(),), 0, None),
        ((nn.Sigmoid(),), 0, 1),
        ((nn.Softmax(1),), 0, 1),
        ((nn.LogSoftmax(1),), None, 0),
        ((nn.Tanh(),), -1, 1),
        ((nn.Hardtanh(-2, 3),), -2, 3),
    ],
)
def test_bounds_of_outputs_are_found(last, low, high):
    reach = probe_reach(Passes(net(*last), INPUTS))
    assert reach.low == (low if low is None else pytest.approx(low, abs=1e-3))
    assert reach.high == (high if high is None else pytest.approx(high, abs=1e-3))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "layers",
    [
        (nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1), nn.Sigmoid()),
        (nn.Linear(2, 4), nn.Linear(4, 1), nn.Sigmoid()),
        (nn.Linear(2, 1), nn.Sigmoid()),
    ],
)
def test_bounds_are_found_with_four_rows_and_few_weights(layers, seed):
    torch.manual_seed(seed)
    reach = probe_reach(Passes(nn.Sequential(*layers), torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])))
    assert reach.constant is None
    assert (reach.low, reach.high) == (pytest.approx(0, abs=1e-3), pytest.approx(1, abs=1e-3))


def test_the_weights_are_put_back_even_where_the_model_fails():
    class Picky(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(6, 3))

        def forward(self, x):
            if not bool((self.weight == 1).all()):
                raise ValueError("no other weights")
            return x @ self.weight

    model = Picky()
    with pytest.raises(ValueError, match="no other weights"):
        probe_reach(Passes(model, INPUTS))
    assert bool((model.weight == 1).all())


def test_a_huge_model_is_not_tried():
    with pytest.raises(TooLargeError):
        probe_reach(Passes(nn.Linear(3000, 2000), torch.zeros(2, 3000)))


@pytest.mark.parametrize(
    ("loss", "takes", "like"),
    [
        (functional.cross_entropy, "logits", "cross-entropy"),
        (lambda o, t: 3 * functional.cross_entropy(o, t), "logits", "cross-entropy"),
        (lambda o, t: functional.cross_entropy(o, t, label_smoothing=0.2), "logits", ""),
        (functional.nll_loss, "log-probabilities", "nll"),
        (lambda o, t: functional.nll_loss(o, t, torch.tensor([1.0, 2.0, 5.0])), "log-probabilities", ""),
        (lambda o, t: functional.nll_loss((o + 1e-8).log(), t), "probabilities", "cross-entropy"),
        (lambda o, t: functional.nll_loss(o.clamp_min(1e-7).log(), t), "probabilities", "cross-entropy"),
        (lambda o, t: functional.mse_loss(o, functional.one_hot(t, 3).float()), "values", "mse"),
        (lambda o, t: functional.mse_loss(o.softmax(1), functional.one_hot(t, 3).float()), "logits", ""),
        (
            lambda o, t: functional.binary_cross_entropy_with_logits(o, functional.one_hot(t, 3).float()),
            "logits",
            "bce-with-logits",
        ),
        (functional.multi_margin_loss, "logits", ""),
    ],
)
def test_what_a_loss_on_classes_takes_is_told_from_how_it_behaves(loss, takes, like):
    kind = loss_kind(lambda o, t: float(loss(o, t)), torch.zeros(40, 3), CLASSES)
    assert (kind.takes, kind.like) == (takes, like)


@pytest.mark.parametrize(
    ("loss", "takes"),
    [
        (functional.binary_cross_entropy_with_logits, "logits"),
        (functional.binary_cross_entropy, "probabilities"),
        (functional.mse_loss, "values"),
        (functional.l1_loss, "values"),
    ],
)
def test_what_a_loss_on_yes_and_no_takes(loss, takes):
    def value(outputs, targets):
        try:
            return float(loss(outputs, targets))
        except RuntimeError:
            return None

    assert loss_kind(value, torch.zeros(40, 1), (CLASSES > 0).float().unsqueeze(1)).takes == takes


def test_mixing_is_what_changes_as_other_rows_do():
    class Mean(nn.Module):
        def forward(self, x):
            return x - x.mean(0)

    assert mixing(Passes(net(), INPUTS)) == 0
    change = mixing(Passes(Mean(), INPUTS))
    rows = INPUTS[:8].clone()
    others = INPUTS[32:].clone()
    others[4] = rows[4]
    naive = (Mean()(rows)[4] - Mean()(others)[4]).abs().max() / Mean()(rows).abs().max()
    assert change == pytest.approx(float(naive), rel=1e-5)


def test_a_straight_line_has_no_defect_and_a_bent_one_has():
    assert affine_defect(Passes(nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3)), INPUTS), low=None, high=None) < 1e-5
    assert affine_defect(Passes(net(), INPUTS), low=None, high=None) > 1e-2


def test_what_draws_random_numbers_is_named():
    class Noisy(nn.Module):
        def forward(self, x):
            return functional.dropout(x, 0.5)

    change, calls = randomness(Passes(Noisy(), INPUTS))
    assert change > 0.1
    assert calls == ("dropout",)
    assert randomness(Passes(nn.Dropout(0.5), INPUTS)) == (0, ())


class Counting(nn.Module):
    """Counts its calls in a buffer and in an attribute, and normalizes."""

    def __init__(self):
        super().__init__()
        self.body, self.norm = net(), nn.BatchNorm1d(3)
        self.register_buffer("seen", torch.zeros(()))
        self.calls = 0

    def forward(self, x):
        self.seen += 1
        self.calls += 1
        return self.norm(self.body(x))


def test_everything_is_left_as_found():
    model = Counting().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random_state = torch.get_rng_state()
    record = probe_start(config(), model, functional.cross_entropy, optimizer, (INPUTS, CLASSES), classes=3)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert (model.calls, model.training) == (0, True)
    assert record.skipped == {}
    assert record.initial_loss == pytest.approx(functional.cross_entropy(model.eval()(INPUTS), CLASSES).item())
    assert record.expected_loss == pytest.approx(math.log(3))


def test_a_probe_that_fails_says_so_and_the_others_go_on():
    class Picky(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = net()

        def forward(self, x):
            if len(x) != 40:
                raise ValueError("I take 40 rows")
            return self.body(x)

    model = Picky()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    record = probe_start(config(), model, functional.cross_entropy, optimizer, (INPUTS, CLASSES), classes=3)
    assert record.skipped["mixed examples"] == "I take 40 rows"
    assert record.initial_loss is not None
    assert record.no_gradient == ()


@pytest.mark.parametrize("end", [nn.Sigmoid(), nn.Softmax(1)])
def test_what_probabilities_are_made_of_is_straight_or_bent(end):
    straight = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3), end)
    assert affine_defect(Passes(straight, INPUTS), low=0.0, high=1.0) < 1e-4
    assert affine_defect(Passes(net(end), INPUTS), low=0.0, high=1.0) > 1e-2


def test_a_column_that_is_stretched_over_others_is_seen():
    targets = torch.randn(40, 2)
    kind = loss_kind(lambda o, t: float(((o - t) ** 2).mean()), torch.zeros(40, 1), targets)
    assert (kind.takes, kind.like) == ("values", "mse")
    kind = loss_kind(lambda o, t: float((o[:, :1] - t).abs().mean()), torch.zeros(40, 2), targets[:, :1])
    assert kind.like == ""


def test_softmax_over_a_single_column_leaves_a_loss_indifferent():
    yes = torch.ones(40, 1)
    assert is_indifferent(lambda o, t: float(functional.cross_entropy(o, t)), torch.zeros(40, 1), yes)
    bce = functional.binary_cross_entropy_with_logits
    assert not is_indifferent(lambda o, t: float(bce(o, t)), torch.zeros(40, 1), yes)
