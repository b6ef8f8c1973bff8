"""How networks are put together, as passes show it, against what is known of networks that are made for it."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from logbook.training.probes.passes import Passes
from logbook.training.probes.structure import probe_structure

INPUTS = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))


class Whole(nn.Module):
    """A network of a few parts and a forward of its own."""

    def __init__(self, forward, **parts):
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)
        self.own = forward

    def forward(self, x):
        return self.own(self, x)


def found(model, inputs=INPUTS):
    passes = Passes(model, inputs)
    record = probe_structure(passes)
    assert not passes.skipped
    return record


@pytest.mark.parametrize(
    ("forward", "narrow"),
    [
        (lambda net, x: net.last(net.waist(net.first(x)).tanh()), {"waist": 2}),
        (lambda net, x: net.last(net.waist(net.first(x)).tanh()) + net.beside(x), {}),
        (lambda net, x: net.beside(x) * net.last(net.waist(net.first(x))).sigmoid(), {}),
        (lambda net, x: net.beside(x), {}),
    ],
)
def test_a_layer_is_narrow_where_no_way_leads_round_it(forward, narrow):
    torch.manual_seed(0)
    parts = {"last": nn.Linear(2, 3), "waist": nn.Linear(16, 2), "first": nn.Linear(6, 16), "beside": nn.Linear(6, 3)}
    assert found(Whole(forward, **parts)).narrow == narrow


def test_a_narrow_layer_is_found_where_its_units_are_dead():
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1), nn.ReLU(), nn.Linear(1, 3))
    nn.init.constant_(model[2].bias, -100.0)
    assert found(model).narrow == {"2": 1}
    assert model[2].bias.tolist() == [-100.0]


def test_weights_of_attention_are_no_narrow_layer():
    def attend(net, x):
        return net.last((x * net.score(x).softmax(1)).sum(1))

    model = Whole(attend, score=nn.Linear(6, 1), last=nn.Linear(6, 2))
    assert found(model, torch.randn(20, 5, 6)).narrow == {}


@pytest.mark.parametrize(
    ("layers", "share"),
    [
        ([nn.Linear(6, 50), nn.Dropout(0.3)], 0.3),
        ([nn.Linear(6, 50), nn.ReLU(), nn.Dropout(0.3), nn.Linear(50, 20)], 0.0),
        ([nn.Linear(6, 50), nn.ReLU()], None),
    ],
)
def test_outputs_that_are_dropped_are_counted(layers, share):
    dropped = found(nn.Sequential(*layers)).dropped_outputs
    assert dropped == (None if share is None else pytest.approx(share, abs=0.05))


@pytest.mark.parametrize(
    ("forward", "into"),
    [
        (lambda net, x: net.norm(net.drop(net.first(x))), {"norm": 0.5}),
        (lambda net, x: net.norm(F.relu(net.drop(net.first(x)))), {"norm": 0.5}),
        (lambda net, x: net.norm(net.act(net.drop(net.first(x)))), {"norm": 0.5}),
        (lambda net, x: net.drop(net.act(net.norm(net.first(x)))), {}),
        (lambda net, x: net.norm(net.second(net.drop(net.first(x)))), {}),
        (lambda net, x: net.norm(x + net.drop(net.first(x))), {}),
    ],
)
def test_what_a_normalization_is_given_is_followed_back_to_dropout(forward, into):
    parts = {"first": nn.Linear(6, 6), "drop": nn.Dropout(0.5), "act": nn.ReLU(), "second": nn.Linear(6, 6)}
    record = found(Whole(forward, **parts, norm=nn.BatchNorm1d(6)))
    assert record.dropped_normalizations == into
    assert record.normalized_by_rows == ("norm",)


def test_a_convolution_normalizes_over_places_too():
    model = nn.Sequential(nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4), nn.Flatten())
    assert found(model, torch.randn(8, 2, 9)).normalized_by_rows == ()


@pytest.mark.parametrize(
    ("model", "unbiased"),
    [
        (nn.Sequential(nn.Linear(6, 8, bias=False), nn.ReLU(), nn.Linear(8, 1, bias=False)), True),
        (nn.Sequential(nn.Linear(6, 8, bias=False), nn.ReLU(), nn.Linear(8, 1)), False),
        (nn.Sequential(nn.Linear(6, 8, bias=False), nn.LayerNorm(8), nn.Linear(8, 1, bias=False)), None),
        (nn.Linear(6, 1, bias=False), True),
        (nn.ReLU(), None),
    ],
)
def test_biases_are_looked_for_in_all_layers(model, unbiased):
    assert found(model).unbiased is unbiased


@pytest.mark.parametrize(
    ("turn", "reshaped"),
    [
        (lambda x: x.view(-1, 3, 5, 4), (3, 5, 4)),
        (lambda x: x.reshape(-1, 3, 5, 4).contiguous(), (3, 5, 4)),
        (lambda x: x.permute(0, 3, 1, 2), ()),
        (lambda x: x.permute(0, 3, 1, 2).contiguous(), ()),
    ],
)
def test_axes_that_are_cut_anew_are_told_from_turned_ones(turn, reshaped):
    model = Whole(lambda net, x: net.conv(turn(x)).mean((2, 3)), conv=nn.Conv2d(3, 2, 3))
    assert found(model, torch.randn(6, 5, 4, 3)).reshaped == reshaped


def test_nothing_is_left_behind():
    model = nn.Sequential(nn.Linear(6, 4), nn.Dropout(0.5), nn.BatchNorm1d(4), nn.Linear(4, 2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    probe_structure(Passes(model, INPUTS))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_softmax_between_layers_is_seen_and_one_at_the_end_or_in_attention_is_none():
    inner = nn.Sequential(nn.Linear(6, 8), nn.Softmax(1), nn.Linear(8, 3))
    assert found(inner).softmaxed == ("2",)
    assert found(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(1))).softmaxed == ()

    def attend(net, x):
        shares = net.score(x).softmax(1)
        return net.last(shares * x)

    assert found(Whole(attend, score=nn.Linear(6, 6), last=nn.Linear(6, 3))).softmaxed == ()


def test_inputs_and_codes_that_sum_to_one_are_no_softmax():
    shares = INPUTS.abs() / INPUTS.abs().sum(1, keepdim=True)
    assert found(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)), shares).softmaxed == ()

    def choose(net, x):
        return net.last(F.one_hot(net.score(x).argmax(1), 4).float())

    assert found(Whole(choose, score=nn.Linear(6, 4), last=nn.Linear(4, 3))).softmaxed == ()
