"""Options of hidden and last layers: what each computes, against a second computation, and what it refuses."""

import pytest
import torch
from torch.nn import functional

from logbook.errors import ConfigError
from tests.training.models.building import FLAT, IMAGE, a_model, modules_of

INPUTS = torch.randn(16, 20, generator=torch.Generator().manual_seed(7))
IMAGES = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(7))


def test_maxout_is_the_largest_of_its_linear_pieces():
    model = a_model({"kind": "mlp", "hidden": [6], "activation": {"kind": "maxout", "pieces": 3}})
    layer = model.hidden[0].linear
    assert layer.weight.shape == (18, 20)
    pieces = [functional.linear(INPUTS, layer.weight[piece::3], layer.bias[piece::3]) for piece in range(3)]
    assert torch.allclose(model.hidden(INPUTS), torch.stack(pieces).amax(0), atol=1e-6)


def test_a_maxout_filter_is_the_largest_of_its_convolutions():
    section = {"kind": "cnn", "channels": [5], "activation": "maxout", "pooling": "none"}
    model = a_model(section, input_shape=IMAGE)
    layer = model.convolutions[0].convolution
    pieces = [functional.conv2d(IMAGES, layer.weight[i::2], layer.bias[i::2], padding=1) for i in range(2)]
    assert torch.allclose(model.convolutions(IMAGES), torch.maximum(*pieces), atol=1e-6)


def test_prelu_begins_at_its_slope_and_learns_another():
    model = a_model({"kind": "mlp", "hidden": [6], "activation": {"kind": "prelu", "initial": 0.1, "per": "unit"}})
    slopes = model.hidden[0].activation.weight
    assert torch.equal(slopes.detach(), torch.full((6,), 0.1))
    before = model.hidden[0].linear(INPUTS)
    assert torch.allclose(model.hidden(INPUTS), before.clamp(min=0) + 0.1 * before.clamp(max=0))
    model(INPUTS).square().sum().backward()
    assert (slopes.grad != 0).all()


def test_a_prelu_of_a_layer_has_one_slope():
    model = a_model({"kind": "mlp", "hidden": [6], "activation": "prelu"})
    assert model.hidden[0].activation.weight.tolist() == [0.25]


@pytest.mark.parametrize(("kind", "shape", "inputs"), [("mlp", FLAT, INPUTS), ("cnn", IMAGE, IMAGES)])
def test_dropconnect_drops_its_share_of_weights_and_keeps_the_mean(kind, shape, inputs):
    section = {"kind": kind, "activation": "none", "dropconnect": 0.4}
    if kind == "cnn":
        section |= {"channels": [8], "pooling": "none"}
    model = a_model(section, input_shape=shape)
    first = model.convolutions[0].convolution if kind == "cnn" else model.hidden[0].linear
    whole = first.eval()(inputs)
    assert torch.equal(whole, first(inputs)), "all weights take part in evaluation"
    torch.manual_seed(0)
    first.train()
    mean = torch.stack([first(inputs) for _ in range(2000)]).mean(0)
    # Each weight w is w / 0.6 or 0: its variance is w² · 0.4 / 0.6.
    spread = (inputs.square().sum((1, 2, 3) if kind == "cnn" else 1).max() * first.weight.square().max()) ** 0.5
    assert (mean - whole).abs().max() < 5 * spread * (0.4 / 0.6 / 2000) ** 0.5
    with torch.no_grad():
        first.weight.fill_(0.6)
        first.bias.zero_()
    probe = torch.zeros(1, *shape)
    probe.view(-1)[9] = 1.0  # one pixel, or one input: each output sees one weight of it, or none
    values = torch.cat([first(probe)[:, :, :3, :3] if kind == "cnn" else first(probe) for _ in range(200)])
    assert set(values.unique().tolist()) == {0.0, 1.0}
    assert (values == 0).float().mean().item() == pytest.approx(0.4, abs=0.03)


def test_dropconnect_leaves_the_last_layer_alone():
    model = a_model({"kind": "mlp", "hidden": [6], "dropconnect": 0.5}).train()
    hidden = torch.randn(3, 6)
    assert torch.equal(model.output(hidden), model.output(hidden))


def test_inputs_are_dropped_while_training_only():
    model = a_model({"kind": "linear", "input_dropout": 0.5})
    torch.manual_seed(0)
    kept = model.train().input_dropout(torch.ones(100, 20))
    assert (kept == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert set(kept.flatten().tolist()) == {0.0, 2.0}
    assert torch.equal(model.eval().input_dropout(INPUTS), INPUTS)


def test_whole_filters_are_dropped_where_channels_are():
    section = {"kind": "cnn", "channels": [64], "dropout": 0.5, "dropout_form": "channels", "pooling": "none"}
    model = a_model(section, input_shape=IMAGE).train()
    torch.manual_seed(0)
    kept = model.convolutions[0].dropout(torch.ones(4, 64, 8, 8)).flatten(2)
    assert ((kept == 0).all(2) | (kept == 2).all(2)).all()
    assert type(model.hidden[0].dropout) is torch.nn.Dropout


def test_alpha_dropout_keeps_mean_and_variance():
    model = a_model({"kind": "mlp", "activation": "selu", "dropout": 0.3, "dropout_form": "alpha"}).train()
    torch.manual_seed(0)
    kept = model.hidden[0].dropout(torch.randn(200_000))
    assert kept.mean().item() == pytest.approx(0, abs=0.02)
    assert kept.std().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("activation", ["relu", {"kind": "maxout", "pieces": 3}])
@pytest.mark.parametrize("place", ["before-activation", "after-activation"])
@pytest.mark.parametrize("kind", ["batch", "layer", "group"])
@pytest.mark.parametrize("family", ["mlp", "cnn"])
def test_a_normalization_stands_where_it_is_put(family, kind, place, activation):
    groups = {"groups": 4} if kind == "group" else {}
    section = {"kind": family, "activation": activation, "normalization": {"kind": kind, "place": place, **groups}}
    model = a_model(section, input_shape=IMAGE).train()
    [normalization, nonlinear] = [f"hidden.0.{name}" for name in ("normalization", "activation")]
    modules = modules_of(model)
    assert (modules.index(normalization) < modules.index(nonlinear)) == (place == "before-activation")
    seen = []
    model.hidden[0].normalization.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    model(IMAGES)
    axis = 0 if kind == "batch" else 1
    assert seen[0].mean(axis).abs().max().item() < 1e-4
    assert 0.8 < seen[0].std(axis, correction=0).median().item() < 1.01


def test_groups_are_normalized_each_by_itself():
    model = a_model({"kind": "mlp", "hidden": [12], "normalization": {"kind": "group", "groups": 3}})
    values = model.hidden[0].normalization(100 * torch.randn(5, 12) + 7).unflatten(1, (3, 4))
    assert values.mean(2).abs().max().item() < 1e-5
    assert torch.allclose(values.std(2, correction=0), torch.ones(5, 3), atol=1e-3)


def test_the_settings_of_a_normalization_reach_torch():
    model = a_model({"kind": "mlp", "normalization": {"kind": "batch", "momentum": 0.3, "eps": 0.01}})
    found = model.hidden[0].normalization
    assert (found.momentum, found.eps) == (0.3, 0.01)
    assert a_model({"kind": "mlp", "normalization": {"kind": "layer", "eps": 0.02}}).hidden[0].normalization.eps == 0.02


def test_batch_normalization_with_batches_of_one_is_refused():
    with pytest.raises(ConfigError, match=r"model\.normalization is 'batch' and training\.batch_size is 1"):
        a_model({"kind": "mlp", "normalization": "batch"}, training={"batch_size": 1})
    a_model({"kind": "mlp", "normalization": "layer"}, training={"batch_size": 1})
    a_model({"kind": "cnn", "hidden": [], "normalization": "batch"}, input_shape=IMAGE, training={"batch_size": 1})


def test_outputs_are_scaled_after_their_activation():
    section = {"kind": "mlp", "output_activation": "tanh", "output_scale": 3.0}
    model = a_model(section)
    assert modules_of(model)[-3:] == ["output", "output_activation", "output_scale"]
    assert torch.allclose(model(INPUTS), 3 * torch.tanh(model.output(model.hidden(INPUTS))))


def test_constant_biases_go_where_they_are_meant():
    section = {
        "kind": "cnn",
        "initial_bias": {"kind": "constant", "value": 0.1},
        "output_bias": {"kind": "constant", "value": -2.0},
    }
    model = a_model(section, input_shape=IMAGE)
    biases = {name: set(value.tolist()) for name, value in model.state_dict().items() if name.endswith("bias")}
    assert biases == {
        "convolutions.0.convolution.bias": {torch.tensor(0.1).item()},
        "convolutions.1.convolution.bias": {torch.tensor(0.1).item()},
        "hidden.0.linear.bias": {torch.tensor(0.1).item()},
        "output.bias": {-2.0},
    }


def test_constant_biases_stand_beside_torchs_own_weights():
    section = {"kind": "mlp", "hidden": [6], "init": "default", "initial_bias": "constant"}
    model = a_model(section)
    assert model.hidden[0].linear.bias.tolist() == pytest.approx([0.01] * 6)
    assert model.output.bias.unique().numel() == 10


def test_a_linear_model_is_one_layer():
    model = a_model({"kind": "linear", "output_activation": "softmax"}, input_shape=(4, 5))
    assert modules_of(model) == ["flatten", "output", "output_activation"]
    assert sum(parameter.numel() for parameter in model.parameters()) == 21 * 10
