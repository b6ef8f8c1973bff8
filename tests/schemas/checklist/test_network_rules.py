"""Rules on the network as the config has it, at their thresholds."""

import pytest

from logbook_schemas.checklist.examples import config, data, evidence, regression_data, start
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.records.measures import ArrayRecord
from tests.schemas.checklist.judging import judged, of_config, rows, severity_of

EMBEDDING = {"task": "metric-learning", "loss": "triplet", "metrics": ["nearest-neighbour-accuracy"]}
RECONSTRUCTION = {"task": "reconstruction", "loss": "mse"}


def mlp(*hidden, **options):
    return {"kind": "mlp", "hidden": list(hidden), **options}


@pytest.mark.parametrize(
    ("model", "depth"),
    [
        (mlp(), 0),
        (mlp(8, 8), 2),
        ({"kind": "cnn", "channels": [8, 8, 8], "hidden": [16]}, 4),
        ({"kind": "residual-cnn", "channels": [8, 16], "blocks": [1, 2]}, 6),
        ({"kind": "residual-cnn", "channels": [8, 16], "blocks": 3}, 12),
        ("linear", None),
        ("rnn", None),
        ("transformer", None),
        ({"kind": "python", "target": "net:build"}, None),
    ],
    ids=str,
)
def test_hidden_layers_are_counted(model, depth):
    found = hidden_layers(config(model=model).model)
    assert (found.depth if found else None) == depth


def test_hidden_layers_of_an_autoencoder_and_within_an_embedding():
    model = config(model={"kind": "autoencoder", "hidden": [32, 16], "bottleneck": 4}, **RECONSTRUCTION).model
    assert hidden_layers(model).units == (32, 16, 4, 16, 32)
    inner = hidden_layers(config(model={"kind": "embedding", "network": mlp(8)}, **EMBEDDING).model)
    assert (inner.path, inner.depth) == ("model.network", 1)


@pytest.mark.parametrize(
    ("activation", "depth", "severity"),
    [
        ("sigmoid", 2, None),
        ("sigmoid", 3, "note"),
        ("sigmoid", 4, "warning"),
        ("tanh", 5, None),
        ("tanh", 6, "note"),
        ("tanh", 30, "note"),
        ("relu", 9, None),
    ],
)
def test_saturating_layers_are_counted(activation, depth, severity):
    model = mlp(*[32] * depth, activation=activation)
    assert of_config("saturating-activations-in-depth", model=model) == severity


@pytest.mark.parametrize(
    "parts",
    [
        {"model": mlp(*[32] * 5, activation="sigmoid", normalization="batch")},
        {"model": mlp(*[32] * 5, activation="sigmoid"), "training": {"pretraining": "contrastive-divergence"}},
        {"model": "rnn"},
    ],
    ids=str,
)
def test_layers_that_do_not_fade_are_exempt(parts):
    assert of_config("saturating-activations-in-depth", **parts) is None


@pytest.mark.parametrize(
    ("hidden", "outputs", "severity"),
    [
        ((64, 4), 10, "warning"),
        ((64, 5), 10, "note"),
        ((9,), 10, "note"),
        ((10,), 10, None),
        ((2,), 1, "warning"),
        ((3,), 1, "note"),
        ((4,), 1, None),
        ((2,), 3, "warning"),
        ((3,), 3, "note"),
        ((64,), 1000, "note"),
        ((), 10, None),
    ],
)
def test_the_narrowest_layer_is_judged_by_the_outputs(hidden, outputs, severity):
    known = evidence(config=config(model=mlp(*hidden)), data=data(output_size=outputs))
    assert severity_of("narrow-hidden-layer", known) == severity


def test_what_is_narrow_on_purpose_is_left_alone():
    narrow = config(model={"kind": "autoencoder", "bottleneck": 2}, **RECONSTRUCTION)
    assert severity_of("narrow-hidden-layer", evidence(config=narrow, data=data(output_size=64))) is None
    inner = config(model={"kind": "embedding", "network": mlp(2)}, **EMBEDDING)
    assert severity_of("narrow-hidden-layer", evidence(config=inner)) is None


def test_the_change_of_a_narrow_layer_is_silent():
    [found] = judged("narrow-hidden-layer", evidence(config=config(model=mlp(64, 2))))
    assert of_config("narrow-hidden-layer", model=mlp(*found.change["model.hidden"])) is None


@pytest.mark.parametrize(("depth", "severity"), [(10, None), (11, "note"), (20, "note"), (21, "warning")])
def test_plain_depth_is_judged(depth, severity):
    assert of_config("deep-plain-network", model=mlp(*[32] * depth)) == severity
    for remedy in ({"normalization": "layer"}, {"activation": "selu"}):
        assert of_config("deep-plain-network", model=mlp(*[32] * depth, **remedy)) is None
    residual = {"kind": "residual-cnn", "channels": [16], "blocks": depth, "normalization": "none"}
    assert of_config("deep-plain-network", model=residual) is None


@pytest.mark.parametrize(
    ("depth", "train", "severity"), [(8, 1440, None), (9, 1440, "note"), (9, 9999, "note"), (9, 10_000, None)]
)
def test_depth_is_judged_by_the_rows(depth, train, severity):
    assert of_config("deep-network-for-few-rows", train=train, model=mlp(*[32] * depth)) == severity


@pytest.mark.parametrize(("features", "severity"), [(3, "warning"), (4, "note")])
def test_few_inputs_want_a_bias(features, severity):
    assert of_config("missing-bias", shape=(features,), model=mlp(8, bias=False)) == severity
    assert of_config("missing-bias", shape=(features,), model=mlp(8)) is None
    assert of_config("missing-bias", shape=(features,), model=mlp(8, bias=False, normalization="batch")) is None


@pytest.mark.parametrize(("mean", "severity"), [(0.99, "note"), (1.01, "warning"), (-1.01, "warning")])
def test_targets_far_from_zero_want_a_bias(mean, severity):
    diabetes = config(data={"source": {"kind": "sklearn", "dataset": "diabetes"}}, model=mlp(8, bias=False))
    known = regression_data(task="regression", targets=ArrayRecord(mean=mean, std=1.0, min=-3.0, max=3.0))
    assert severity_of("missing-bias", evidence(config=diabetes, data=known)) == severity


@pytest.mark.parametrize(
    ("model", "severity"),
    [
        (mlp(8, activation="none"), "warning"),
        ({"kind": "cnn", "activation": "none"}, "warning"),
        (mlp(activation="none"), None),
        ("linear", None),
        (mlp(8), None),
    ],
    ids=str,
)
def test_layers_without_an_activation_are_one_layer(model, severity):
    assert of_config("missing-activation", model=model) == severity


def test_a_linear_autoencoder_is_a_note():
    known = config(model={"kind": "autoencoder", "activation": "none"}, **RECONSTRUCTION)
    assert severity_of("missing-activation", evidence(config=known)) == "note"


@pytest.mark.parametrize(("filters", "severity"), [(512, None), (513, "note")])
def test_very_wide_convolutions_are_noted(filters, severity):
    assert of_config("wide-convolution", model={"kind": "cnn", "channels": [32, filters]}) == severity
    assert of_config("wide-convolution", model={"kind": "residual-cnn", "channels": [64, filters], "blocks": 5}) is None


@pytest.mark.parametrize(("parameters", "severity"), [(144_000, None), (144_001, "note")])
def test_parameters_are_counted_against_rows(parameters, severity):
    known = evidence(start=start(trainable=parameters), data=data(splits=rows(1440)))
    assert severity_of("oversized-network", known) == severity


def test_a_language_model_learns_from_every_position():
    text = config(data={"source": "docstrings"}, model="rnn")
    windows = data(task="language-model", input_shape=(64,), splits=rows(100))
    assert severity_of("oversized-network", evidence(config=text, start=start(trainable=100_000), data=windows)) is None


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({}, []),
        ({"init": "he"}, ["model.init"]),
        ({"normalization": "batch"}, ["model.normalization"]),
        ({"dropout": 0.1}, ["model.dropout_form"]),
        ({"dropout": 0.1, "dropout_form": "alpha"}, []),
        ({"dropout": 0.1, "init": "he"}, ["model.dropout_form", "model.init"]),
    ],
    ids=str,
)
def test_selu_wants_its_own_weights_and_dropout(options, paths):
    found = judged("mixed-self-normalization", evidence(config=config(model=mlp(8, activation="selu", **options))))
    assert sorted(path for one in found for path in one.change) == paths
    assert {one.severity for one in found} <= ({"warning"} if "normalization" in options else {"note"})


@pytest.mark.parametrize(
    ("model", "more", "severity"),
    [
        ({"bottleneck": 63}, {}, None),
        ({"bottleneck": 64}, {}, "warning"),
        ({"bottleneck": 64, "hidden": [32]}, {}, None),
        ({"bottleneck": 64, "dropout": 0.1}, {}, None),
        ({"bottleneck": 64, "input_dropout": 0.1}, {}, None),
        ({"bottleneck": 64}, {"regularization": {"l1": 1e-5}}, None),
        (
            {"bottleneck": 64},
            {"data": {"source": {"kind": "sklearn", "dataset": "digits"}, "augment": ["noise"]}},
            None,
        ),
    ],
    ids=str,
)
def test_an_autoencoder_has_something_to_learn(model, more, severity):
    parts = {"model": {"kind": "autoencoder", **model}, **RECONSTRUCTION, **more}
    assert of_config("overcomplete-autoencoder", **parts) == severity


@pytest.mark.parametrize(
    ("shape", "severity"), [((3, 32, 32), None), ((3, 33, 32), "note"), ((9999,), None), ((1, 28, 28), None)]
)
def test_large_images_want_convolutions(shape, severity):
    assert of_config("flattened-image", shape=shape) == severity
    assert of_config("flattened-image", shape=shape, model="cnn") is None


@pytest.mark.parametrize(
    ("target", "kwargs", "train", "severity"),
    [
        ("torchvision.models:resnet18", {}, 1440, "note"),
        ("torchvision.models:resnet18", {"weights": "DEFAULT"}, 1440, None),
        ("torchvision.models:resnet18", {"weights": None}, 1440, "note"),
        ("timm:create_model", {"pretrained": True}, 1440, None),
        ("timm:create_model", {"pretrained": False}, 1440, "note"),
        ("torchvision.models:resnet18", {}, 50_000, None),
        ("net:build", {}, 1440, None),
    ],
)
def test_a_standard_architecture_has_weights(target, kwargs, train, severity):
    model = {"kind": "python", "target": target, "kwargs": kwargs}
    assert of_config("untrained-architecture", train=train, model=model) == severity
