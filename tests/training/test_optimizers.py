"""Optimizers: each lowers a loss, the fused kernels agree with the plain ones, a person's own is checked."""

import itertools
import sys

import pytest
import torch
from torch import nn

from logbook.errors import ConfigError
from logbook.training.optimizers import build_optimizer, has_sparse_gradients, needs_closure
from logbook.training.optimizers.line_search import LineSearchDescent
from logbook.training.optimizers.padam import Padam
from logbook_schemas.config.run import RunConfig

KINDS = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "amsgrad", "nadam", "padam"]
SEARCHING = ["lbfgs", "conjugate-gradient", "line-search"]


def a_config(optimizer):
    source = {"source": {"kind": "npz", "path": "x"}}
    return RunConfig.model_validate({"name": "a", "task": "regression", "data": source, "optimizer": optimizer})


def a_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 1))


def losses_of(net, optimizer, *, steps=30):
    inputs = torch.randn(64, 5, generator=torch.Generator().manual_seed(1))
    targets = inputs.sum(1, keepdim=True)

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(inputs), targets)
        loss.backward()
        return loss.detach()

    return [float(optimizer.step(closure)) for _ in range(steps)]


def trained(optimizer, folder, **more):
    net = a_net()
    losses = losses_of(net, build_optimizer(a_config(optimizer), net.parameters(), folder, **more))
    return losses, torch.cat([weight.detach().flatten() for weight in net.parameters()])


@pytest.mark.parametrize("kind", KINDS + SEARCHING)
def test_each_optimizer_lowers_the_loss(kind, tmp_path):
    losses, _ = trained(kind, tmp_path)
    assert losses[-1] < 0.97 * losses[0]


@pytest.mark.parametrize(("kind", "at_most"), [("lbfgs", 1e-3), ("conjugate-gradient", 1e-3), ("line-search", 0.1)])
def test_steps_that_search_go_further_than_those_of_gradient_descent(kind, at_most, tmp_path):
    steps = 30 if kind == "line-search" else 10
    losses, _ = trained(kind, tmp_path)
    assert losses[steps - 1] < at_most < trained("sgd", tmp_path)[0][-1]
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))


@pytest.mark.parametrize("kind", KINDS + SEARCHING)
def test_only_a_search_needs_to_evaluate_the_loss(kind, tmp_path):
    assert needs_closure(build_optimizer(a_config(kind), a_net().parameters(), tmp_path)) == (kind in SEARCHING)


def test_padam_at_one_half_is_torchs_amsgrad():
    losses = losses_of(net := a_net(), Padam(net.parameters(), 0.02, partial=0.5, weight_decay=0.1))
    again = losses_of(net := a_net(), torch.optim.Adam(net.parameters(), 0.02, weight_decay=0.1, amsgrad=True))
    assert losses == pytest.approx(again, rel=1e-5)


@pytest.mark.parametrize("partial", [0.01, 0.125, 0.4])
def test_padam_is_the_papers_formula(partial):
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = Padam([weight], 0.1, partial=partial, betas=(0.8, 0.9), eps=1e-6)
    gradients = [torch.tensor([0.3, -4.0]), torch.tensor([0.1, 0.2]), torch.tensor([-0.5, 0.0])]
    for gradient in gradients:
        weight.grad = gradient
        optimizer.step()
    expected = []
    for place, start in enumerate([1.0, -2.0]):
        mean = squares = largest = 0.0
        for step, gradient in enumerate(gradients, 1):
            g = float(gradient[place])
            mean, squares = 0.8 * mean + 0.2 * g, 0.9 * squares + 0.1 * g * g
            largest = max(largest, squares)
            root = (largest / (1 - 0.9**step)) ** 0.5 + 1e-6
            start -= 0.1 * mean / (1 - 0.8**step) / root ** (2 * partial)
        expected.append(start)
    assert weight.tolist() == pytest.approx(expected, rel=1e-5)


def test_a_line_search_that_finds_nothing_stays_where_it_is():
    weight = nn.Parameter(torch.tensor([3.0]))
    optimizer = LineSearchDescent([weight], 1.0, max_evaluations=3)

    def closure():
        # The gradient says down is to the left, and the loss says otherwise.
        weight.grad = torch.tensor([1.0])
        return -weight.detach().sum()

    optimizer.step(closure)
    assert weight.item() == 3.0


def test_a_line_search_halves_its_step_until_the_loss_falls_enough():
    weight = nn.Parameter(torch.tensor([1.0]))
    optimizer = LineSearchDescent([weight], 8.0)

    def closure():
        optimizer.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        return loss.detach()

    optimizer.step(closure)
    # 8, 4, 2 and 1 lead to -15, -7, -3 and -1, none of them lower; one half leads to the minimum.
    assert weight.item() == 0.0
    assert optimizer.param_groups[0]["last"] == 0.5


REFERENCES = {
    "sgd": lambda p: torch.optim.SGD(p, 0.02, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, 0.02, 0.8, 0.2, weight_decay=0.1),
    "nesterov": lambda p: torch.optim.SGD(p, 0.02, 0.8, weight_decay=0.1, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, 0.02, 0.1, 0.1, 0.3, eps=1e-5),
    "adadelta": lambda p: torch.optim.Adadelta(p, 0.02, rho=0.7, eps=1e-5, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(
        p, 0.02, alpha=0.7, momentum=0.3, eps=1e-5, weight_decay=0.1, centered=True
    ),
    "adam": lambda p: torch.optim.Adam(p, 0.02, (0.8, 0.95), 1e-5, 0.1),
    "adamw": lambda p: torch.optim.AdamW(p, 0.02, (0.8, 0.95), 1e-5, 0.1, amsgrad=True),
    "amsgrad": lambda p: torch.optim.Adam(p, 0.02, (0.8, 0.95), 1e-5, 0.1, amsgrad=True),
    "nadam": lambda p: torch.optim.NAdam(p, 0.02, (0.8, 0.95), 1e-5, 0.1, 0.01, decoupled_weight_decay=True),
    "padam": lambda p: Padam(p, 0.02, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.1, partial=0.3),
}
VALUES = {
    "lr": 0.02,
    "weight_decay": 0.1,
    "eps": 1e-5,
    "rho": 0.7,
    "alpha": 0.7,
    "beta1": 0.8,
    "beta2": 0.95,
    "dampening": 0.2,
    "lr_decay": 0.1,
    "initial_accumulator": 0.3,
    "centered": True,
    "amsgrad": True,
    "momentum_decay": 0.01,
    "decoupled": True,
    "partial": 0.3,
}
MOMENTUM = {"momentum": 0.8, "nesterov": 0.8, "rmsprop": 0.3}


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_reaches_torch_and_fused_kernels_agree_with_plain_ones(kind, tmp_path):
    fields = type(a_config(kind).optimizer).model_fields
    section = {name: value for name, value in VALUES.items() if name in fields}
    if kind in MOMENTUM:
        section["momentum"] = MOMENTUM[kind]
    assert set(section) == set(fields) - {"kind"}
    net = a_net()
    expected = losses_of(net, REFERENCES[kind](net.parameters()))
    losses, _ = trained({"kind": kind, **section}, tmp_path)
    assert losses == pytest.approx(expected, rel=1e-3)
    assert len(set(losses)) > 1


@pytest.mark.parametrize("kind", KINDS + SEARCHING)
def test_the_same_steps_end_at_the_same_bits(kind, tmp_path):
    assert torch.equal(trained(kind, tmp_path)[1], trained(kind, tmp_path)[1])


@pytest.mark.parametrize("kind", KINDS + SEARCHING)
def test_a_resumed_optimizer_continues_to_the_same_bits(kind, tmp_path):
    net = a_net()
    optimizer = build_optimizer(a_config(kind), net.parameters(), tmp_path)
    losses_of(net, optimizer, steps=5)
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "stored.pt")
    expected = losses_of(net, optimizer, steps=5)

    again = a_net()
    resumed = build_optimizer(a_config(kind), again.parameters(), tmp_path)
    state = torch.load(tmp_path / "stored.pt", weights_only=True)
    again.load_state_dict(state["net"])
    resumed.load_state_dict(state["optimizer"])
    assert losses_of(again, resumed, steps=5) == expected


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("kind", ["sgd", "adagrad"])
def test_sparse_gradients_get_kernels_that_take_them(kind, tmp_path):
    embedding = nn.Embedding(10, 3, sparse=True)
    assert has_sparse_gradients(nn.Sequential(embedding))
    assert not has_sparse_gradients(nn.Sequential(nn.Embedding(10, 3)))
    optimizer = build_optimizer(a_config(kind), embedding.parameters(), tmp_path, sparse_gradients=True)
    before = embedding.weight.detach().clone()
    embedding(torch.tensor([4])).sum().backward()
    optimizer.step()
    assert (embedding.weight != before).any(1).nonzero().flatten().tolist() == [4]


def test_weights_of_another_precision_train_too(tmp_path):
    net = a_net().double()
    optimizer = build_optimizer(a_config("adam"), net.parameters(), tmp_path)
    net(torch.randn(4, 5).double()).sum().backward()
    optimizer.step()
    assert all(weight.isfinite().all() for weight in net.parameters())


def test_nothing_to_train_is_refused(tmp_path):
    for model in (nn.ReLU(), a_net().requires_grad_(False)):
        with pytest.raises(ConfigError, match="no parameters to train"):
            build_optimizer(a_config("adam"), model.parameters(), tmp_path)


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own_steps.py").write_text(
        "import torch\n"
        "def sgd(parameters, rate=0.01): return torch.optim.SGD(parameters, lr=rate)\n"
        "def nothing(parameters): return 3\n"
    )
    yield tmp_path
    sys.modules.pop("own_steps", None)


def test_a_persons_optimizer_gets_the_parameters_and_its_kwargs(own):
    section = {"kind": "python", "target": "own_steps:sgd", "kwargs": {"rate": 0.05}}
    losses, _ = trained(section, own)
    assert losses[-1] < 0.5 * losses[0]


def test_anything_but_an_optimizer_is_refused(own):
    with pytest.raises(ConfigError, match=r"own_steps:nothing returned an object of type int.*torch\.optim\.Optimizer"):
        trained({"kind": "python", "target": "own_steps:nothing"}, own)


def test_an_argument_that_a_persons_optimizer_does_not_take_is_named(own):
    with pytest.raises(ConfigError, match="rat"):
        trained({"kind": "python", "target": "own_steps:sgd", "kwargs": {"rat": 1}}, own)
