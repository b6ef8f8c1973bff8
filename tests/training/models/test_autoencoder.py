"""Autoencoders and embeddings as networks: shapes, names, tied weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from logbook.training.models import build_model
from logbook_schemas.config.run import RunConfig


def a_model(
    section: dict[str, Any], shape: tuple[int, ...], *, task: str = "reconstruction", size: int = 0
) -> nn.Module:
    values = {"name": "a", "task": task, "model": section, "data": {"source": {"kind": "npz", "path": "x.npz"}}}
    config = RunConfig.model_validate_json(json.dumps(values))
    return build_model(config, input_shape=shape, output_size=size, folder=Path(), generator_seed=0)


@pytest.mark.parametrize("shape", [(12,), (3, 4), (1, 3, 4), (2, 1, 3, 2)])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("hidden", [[], [7], [9, 7]])
def test_any_shape_comes_back(shape: tuple[int, ...], tied: bool, hidden: list[int]) -> None:
    model = a_model({"kind": "autoencoder", "hidden": hidden, "bottleneck": 3, "tied": tied}, shape)
    assert model(torch.randn(5, *shape)).shape == (5, *shape)


def test_the_decoder_mirrors_the_encoder() -> None:
    model = a_model({"kind": "autoencoder", "hidden": [9, 7], "bottleneck": 3}, (12,))
    widths = {name: tuple(value.shape) for name, value in model.state_dict().items() if name.endswith("weight")}
    assert widths == {
        "encoder.0.linear.weight": (9, 12),
        "encoder.1.linear.weight": (7, 9),
        "bottleneck.linear.weight": (3, 7),
        "decoder.0.linear.weight": (7, 3),
        "decoder.1.linear.weight": (9, 7),
        "output.weight": (12, 9),
    }


def test_tied_weights_stand_once_and_learn_from_both_ends() -> None:
    section = {"kind": "autoencoder", "hidden": [], "bottleneck": 2, "tied": True, "bottleneck_activation": "tanh"}
    model = a_model(section, (4,))
    names = dict(model.named_parameters())
    assert set(names) == {"bottleneck.linear.weight", "bottleneck.linear.bias", "output.bias"}
    weight = names["bottleneck.linear.weight"].detach().clone().requires_grad_()
    rows = torch.randn(3, 4)
    expected = torch.tanh(rows @ weight.T) @ weight
    assert torch.allclose(model(rows), expected, atol=1e-6)
    model(rows).square().sum().backward()
    expected.square().sum().backward()
    assert torch.allclose(names["bottleneck.linear.weight"].grad, weight.grad, atol=1e-5)


@pytest.mark.parametrize("network", [{"kind": "mlp", "hidden": [8]}, {"kind": "cnn", "channels": [4], "hidden": []}])
def test_an_embedding_has_its_size_and_length_one(network: dict[str, Any]) -> None:
    section = {"kind": "embedding", "size": 5, "network": network}
    places = a_model(section, (1, 6, 6), task="metric-learning")(torch.randn(4, 1, 6, 6))
    assert places.shape == (4, 5)
    assert torch.allclose(places.norm(dim=1), torch.ones(4), atol=1e-5)
    free = a_model({**section, "normalize": False}, (1, 6, 6), task="metric-learning")(torch.randn(4, 1, 6, 6))
    assert not torch.allclose(free.norm(dim=1), torch.ones(4), atol=1e-2)


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "maxout", "bottleneck_activation": "maxout"},
        {"dropconnect": 0.5, "dropout": 0.3, "input_dropout": 0.2},
        {"normalization": {"kind": "group", "groups": 2}, "initial_bias": {"kind": "constant", "value": 0.1}},
        {"output_activation": "tanh", "output_scale": 3.0},
    ],
    ids=str,
)
def test_an_autoencoder_takes_what_a_layer_may_be_given(options: dict[str, Any]) -> None:
    model = a_model({"kind": "autoencoder", "hidden": [8, 6], "bottleneck": 3, **options}, (3, 4))
    assert model(torch.randn(5, 3, 4)).shape == (5, 3, 4)


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "maxout"},
        {"dropconnect": 0.5},
        {"initial_bias": {"kind": "constant", "value": 0.1}},
        {"output_bias": "prior"},
    ],
    ids=str,
)
def test_what_a_tied_decoder_cannot_have_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="tied is true, and"):
        a_model({"kind": "autoencoder", "hidden": [8], "tied": True, **options}, (4,))


@pytest.mark.parametrize("network", ["linear", {"kind": "residual-cnn", "channels": [4], "blocks": 1}], ids=str)
def test_an_embedding_is_made_by_any_network(network: Any) -> None:
    section = {"kind": "embedding", "size": 5, "network": network}
    assert a_model(section, (1, 6, 6), task="metric-learning")(torch.randn(4, 1, 6, 6)).shape == (4, 5)
