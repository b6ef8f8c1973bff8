"""Networks: their layers by name, their initial weights, and what they can't be built for."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from logbook.errors import ConfigError, UserCodeError
from tests.training.models.building import FLAT, IMAGE, a_model, modules_of

INITS = ["default", "he", "xavier", "lecun", "variance-scaling", "orthogonal", "normal", "uniform", "zeros"]
INITS += ["truncated-normal"]
ACTIVATIONS = ["relu", "leaky-relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus", "none"]
ACTIVATIONS += ["maxout", "prelu"]


def weights_of(model):
    return torch.cat([value.detach().flatten() for value in model.state_dict().values()])


def initial_loss(model, input_shape, classes=10):
    generator = torch.Generator().manual_seed(7)
    inputs = torch.randn(256, *input_shape, generator=generator)
    targets = torch.randint(classes, (256,), generator=generator)
    with torch.no_grad():
        return torch.nn.functional.cross_entropy(model.eval()(inputs), targets).item()


def test_an_mlp_names_its_layers_and_holds_nothing_that_was_not_asked_for():
    assert modules_of(a_model({"kind": "mlp", "hidden": [8, 4]})) == [
        "hidden.0.linear", "hidden.0.activation", "hidden.1.linear", "hidden.1.activation", "output",
    ]  # fmt: skip


def test_each_option_of_a_layer_stands_in_its_place():
    section = {"kind": "mlp", "hidden": [8], "normalization": "batch", "dropout": 0.5, "output_activation": "softmax"}
    assert modules_of(a_model(section, input_shape=(4, 5))) == [
        "flatten", "hidden.0.linear", "hidden.0.normalization", "hidden.0.activation", "hidden.0.dropout",
        "output", "output_activation",
    ]  # fmt: skip


def test_a_cnn_names_its_layers():
    assert modules_of(a_model({"kind": "cnn", "channels": [3], "hidden": []}, input_shape=(8, 8))) == [
        "channel", "convolutions.0.convolution", "convolutions.0.activation", "convolutions.0.pooling",
        "flatten", "output",
    ]  # fmt: skip


def test_no_hidden_layer_makes_a_linear_model():
    model = a_model({"kind": "mlp", "hidden": []})
    assert {name: tuple(value.shape) for name, value in model.state_dict().items()} == {
        "output.weight": (10, 20),
        "output.bias": (10,),
    }


def test_without_bias_no_layer_has_one():
    for kind, shape in (("mlp", FLAT), ("cnn", IMAGE)):
        model = a_model({"kind": kind, "bias": False}, input_shape=shape)
        assert not [name for name in model.state_dict() if name.endswith("bias")]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("kind", "shape"), [("mlp", FLAT), ("cnn", IMAGE)])
def test_each_activation_gives_outputs_of_the_right_shape(kind, shape, activation):
    model = a_model({"kind": kind, "activation": activation}, input_shape=shape)
    outputs = model(torch.randn(4, *shape))
    assert outputs.shape == (4, 10)
    assert outputs.isfinite().all()


@pytest.mark.parametrize(
    ("last", "holds"),
    [
        ("sigmoid", lambda x: ((x > 0) & (x < 1)).all()),
        ("softmax", lambda x: torch.allclose(x.sum(1), torch.ones(4))),
        ("log-softmax", lambda x: torch.allclose(x.exp().sum(1), torch.ones(4))),
        ("tanh", lambda x: (x.abs() < 1).all()),
        ("relu", lambda x: (x >= 0).all()),
        ("softplus", lambda x: (x > 0).all()),
    ],
)
def test_each_output_activation_does_what_its_name_says(last, holds):
    assert holds(a_model({"kind": "mlp", "output_activation": last})(torch.randn(4, 20)))


@pytest.mark.parametrize("pooling", ["none", "max", {"kind": "average", "size": 3}])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_a_cnn_of_any_kernel_pooling_and_normalization_fits_its_image(pooling, normalization, kernel):
    section = {"kind": "cnn", "channels": [4, 4], "kernel": kernel, "pooling": pooling, "normalization": normalization}
    assert a_model(section, input_shape=(3, 17, 19))(torch.randn(2, 3, 17, 19)).shape == (2, 10)


@pytest.mark.parametrize("shape", [(64,), (1, 2, 3, 4)])
def test_a_cnn_on_anything_but_images_is_refused(shape):
    with pytest.raises(ConfigError, match=r"model\.kind is 'cnn', which needs images .* has shape \("):
        a_model({"kind": "cnn"}, input_shape=shape)


def test_pooling_that_leaves_no_pixels_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"model\.pooling of size 2 leaves no pixels at convolution 4 .* 1 x 1"):
        a_model({"kind": "cnn", "channels": [2, 2, 2, 2]}, input_shape=(8, 8))


def test_an_even_kernel_that_leaves_no_pixels_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"model\.kernel 2 leaves no pixels at convolution 2"):
        a_model({"kind": "cnn", "channels": [2] * 3, "kernel": 2, "pooling": "none"}, input_shape=(2, 8))


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize(("kind", "shape"), [("mlp", FLAT), ("cnn", IMAGE)])
def test_each_scheme_starts_near_the_loss_of_a_guess(kind, shape, init):
    """Checklist C21's silent band."""
    loss = initial_loss(a_model({"kind": kind, "init": init}, input_shape=shape), shape)
    assert 0.5 < loss / math.log(10) < 2


@pytest.mark.parametrize(
    ("init", "hidden", "output"),
    [
        ({"kind": "he"}, 2 / 300, 1 / 1200),
        ({"kind": "he", "distribution": "uniform"}, 2 / 300, 1 / 1200),
        ({"kind": "he", "distribution": "truncated-normal"}, 2 / 300, 1 / 1200),
        ({"kind": "he", "slope": 0.5}, 2 / 375, 1 / 1200),
        ({"kind": "xavier"}, 2 / 700, 1 / 1200),
        ({"kind": "xavier", "distribution": "normal"}, 2 / 700, 1 / 1200),
        ({"kind": "lecun"}, 1 / 300, 1 / 1200),
        ({"kind": "variance-scaling", "scale": 3.0, "mode": "fan-out"}, 3 / 400, 1 / 1200),
        ({"kind": "variance-scaling", "scale": 3.0, "mode": "fan-average"}, 3 / 350, 1 / 1200),
        ({"kind": "normal", "std": 0.02}, 0.0004, 0.0004),
        ({"kind": "truncated-normal", "std": 0.02}, 0.00030950, 0.00030950),
        ({"kind": "uniform", "bound": 0.3}, 0.03, 0.03),
        ({"kind": "orthogonal", "gain": 2.0}, 4 / 400, 1 / 1200),
        ({"kind": "zeros"}, 0.0, 0.0),
    ],
    ids=str,
)
def test_weights_have_the_variance_of_their_scheme_and_biases_are_zero(init, hidden, output):
    model = a_model({"kind": "mlp", "hidden": [400], "init": init}, input_shape=(300,), output_size=100)
    assert model.hidden[0].linear.weight.var().item() == pytest.approx(hidden, rel=0.03)
    assert model.output.weight.var().item() == pytest.approx(output, rel=0.03)
    assert not model.output.bias.any()
    assert not model.hidden[0].linear.bias.any()


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        ("he", 2 / (64 * 9)),
        ({"kind": "he", "slope": 0.5}, 2 / (1.25 * 64 * 9)),
        ("lecun", 1 / (64 * 9)),
        ("xavier", 2 / ((64 + 32) * 9)),
        ({"kind": "variance-scaling", "mode": "fan-out", "distribution": "truncated-normal"}, 1 / (32 * 9)),
        ({"kind": "orthogonal", "gain": 3.0}, 9 / (64 * 9)),
        ({"kind": "truncated-normal", "std": 0.1}, 0.0077374),
    ],
    ids=str,
)
def test_filters_count_their_pixels_into_the_fan(init, variance):
    model = a_model({"kind": "cnn", "channels": [64, 32], "init": init}, input_shape=(16, 8, 8))
    assert model.convolutions[1].convolution.weight.var().item() == pytest.approx(variance, rel=0.03)


def test_a_truncated_normal_has_no_weight_beyond_two_deviations():
    model = a_model({"kind": "mlp", "hidden": [400], "init": {"kind": "truncated-normal", "std": 0.02}})
    assert 0.039 < model.hidden[0].linear.weight.abs().max().item() <= 0.04


def test_orthogonal_filters_are_orthogonal():
    model = a_model({"kind": "cnn", "channels": [8], "init": "orthogonal"}, input_shape=(3, 8, 8))
    rows = model.convolutions[0].convolution.weight.flatten(1)
    assert torch.allclose(rows @ rows.T, torch.eye(8), atol=1e-5)


@pytest.mark.parametrize("pieces", [2, 3, 5])
def test_the_default_scheme_of_maxout_keeps_the_mean_square_through_many_layers(pieces):
    """Tseran and Montufar 2023, Table 1: c of 1, 0.78391 and 0.55555; he would double it, or more, in each layer."""
    section = {"kind": "mlp", "hidden": [400] * 8, "activation": {"kind": "maxout", "pieces": pieces}}
    inputs = torch.randn(64, 300, generator=torch.Generator().manual_seed(7))
    after = a_model(section, input_shape=(300,)).hidden(inputs).square().mean().item()
    assert 0.6 < after < 1.6


@pytest.mark.parametrize("activation", [{"kind": "leaky-relu", "slope": 0.5}, {"kind": "prelu", "initial": 0.5}])
def test_he_takes_the_slope_of_its_activation(activation):
    section = {"kind": "mlp", "hidden": [400] * 8, "activation": activation, "init": "he"}
    inputs = torch.randn(64, 300, generator=torch.Generator().manual_seed(7))
    after = a_model(section, input_shape=(300,)).hidden(inputs).square().mean().item()
    assert 0.7 < after < 1.4, "without the slope it would be 1.25 to the 8th, 6"


@pytest.mark.parametrize("init", INITS)
def test_a_seed_decides_the_weights_and_leaves_the_global_generators_alone(init):
    section = {"kind": "mlp", "init": init}
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = weights_of(a_model(section, seed=5))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert torch.equal(weights_of(a_model(section, seed=5)), first)
    assert init == "zeros" or not torch.equal(weights_of(a_model(section, seed=6)), first)


PROGRAM = """
import hashlib, pathlib, sys
from logbook_schemas.config.run import RunConfig
from logbook.training.models import build_model
digest = hashlib.sha256()
for model in ("mlp", {"kind": "cnn", "init": "default"}, {"kind": "cnn", "init": "orthogonal"}):
    config = RunConfig.model_validate({"name": "a", "task": "classification", "model": model,
                                       "data": {"source": {"kind": "npz", "path": "x.npz"}}})
    net = build_model(config, input_shape=(8, 8), output_size=3, folder=pathlib.Path(), generator_seed=3)
    for value in net.state_dict().values():
        digest.update(value.numpy().tobytes())
print(digest.hexdigest())
"""


def test_two_processes_draw_the_same_weights():
    runs = [subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
    assert runs[0].stdout == runs[1].stdout != ""


OWN = """
import numpy, random, torch
def net(input_shape, output_size, width=4):
    return torch.nn.Sequential(torch.nn.Linear(input_shape[0], width), torch.nn.Linear(width, output_size))
def plain(width):
    return torch.nn.Linear(width, 2)
def noisy():
    layer = torch.nn.Linear(1, 1)
    layer.register_buffer("drawn", torch.tensor([numpy.random.rand(), random.random()]))
    return layer
def nothing(): pass
def a_class(): return torch.nn.Linear
def broken(): raise ValueError("no such width")
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own_nets.py").write_text(OWN)

    def build(name, seed=0, **kwargs):
        section = {"kind": "python", "target": f"own_nets:{name}", "kwargs": kwargs}
        return a_model(section, folder=tmp_path, seed=seed)

    yield build
    sys.modules.pop("own_nets", None)


def test_a_persons_network_hears_of_the_shapes_where_it_asks_for_them(own):
    assert own("net", width=7)(torch.randn(3, 20)).shape == (3, 10)
    assert own("plain", width=5)(torch.randn(3, 5)).shape == (3, 2)


def test_a_persons_network_is_seeded_whichever_generator_it_draws_from(own):
    python_before = np.random.get_state()[1].copy()
    assert torch.equal(weights_of(own("noisy", seed=1)), weights_of(own("noisy", seed=1)))
    assert (weights_of(own("noisy", seed=1)) != weights_of(own("noisy", seed=2))).all()
    assert (np.random.get_state()[1] == python_before).all()


@pytest.mark.parametrize(("name", "said"), [("nothing", "returned nothing"), ("a_class", "returned the class Linear")])
def test_anything_but_a_network_is_refused(own, name, said):
    with pytest.raises(ConfigError, match=rf"model\.target own_nets:{name} {said}.* torch\.nn\.Module"):
        own(name)


def test_what_a_persons_network_raises_is_told_as_theirs(own):
    with pytest.raises(UserCodeError, match=r"no such width.*own_nets\.py"):
        own("broken")
