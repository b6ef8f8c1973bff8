"""Recurrent networks and transformers: shapes, what a position may see, initial weights, what can't be built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.models import build_model
from logbook.training.models.rnn import RecurrentNetwork
from logbook_schemas.config.run import RunConfig

SMALL: dict[str, dict[str, Any]] = {
    "lstm": {"kind": "rnn", "cell": "lstm", "hidden": [6, 5]},
    "gru": {"kind": "rnn", "cell": "gru", "hidden": [6]},
    "plain": {"kind": "rnn", "cell": "plain", "hidden": [6]},
    "transformer": {"kind": "transformer", "width": 8, "heads": 2},
    "post": {"kind": "transformer", "width": 8, "heads": 2, "norm": "post", "positions": "sinusoidal"},
}


def build(
    section: dict[str, Any], shape: tuple[int, ...], *, outputs: int = 3, vocabulary: int = 0, lm: bool = False
) -> nn.Module:
    task = "language-model" if lm else "classification"
    source = {"kind": "npz", "path": "x.npz"}
    config = RunConfig.model_validate_json(
        json.dumps({"name": "a", "task": task, "data": {"source": source}, "model": section})
    )
    return build_model(
        config, input_shape=shape, output_size=outputs, folder=Path(), generator_seed=1, vocabulary=vocabulary
    )


def tokens(rows: int = 4, steps: int = 7, vocabulary: int = 11) -> Tensor:
    return torch.randint(vocabulary, (rows, steps), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", SMALL)
def test_a_sequence_has_one_output_and_a_language_model_one_a_step(name: str) -> None:
    assert build(SMALL[name], (7,), vocabulary=11)(tokens()).shape == (4, 3)
    assert build(SMALL[name], (7,), vocabulary=11, outputs=11, lm=True)(tokens()).shape == (4, 7, 11)
    assert build(SMALL[name], (7,))(torch.randn(4, 7)).shape == (4, 3)
    assert build(SMALL[name], (7, 2))(torch.randn(4, 7, 2)).shape == (4, 3)


@pytest.mark.parametrize("name", SMALL)
def test_a_language_model_sees_nothing_that_comes_later(name: str) -> None:
    model = build(SMALL[name], (7,), vocabulary=11, outputs=11, lm=True).eval()
    before = tokens()
    after = before.clone()
    after[:, 4] = (after[:, 4] + 1) % 11
    changed = (model(before) - model(after)).abs().amax((0, 2)) > 0
    assert changed.tolist() == [False] * 4 + [True] * 3


@pytest.mark.parametrize("pooling", ["mean", "last", "first"])
def test_an_encoder_sees_the_whole_sequence(pooling: str) -> None:
    model = build({**SMALL["transformer"], "pooling": pooling}, (7,), vocabulary=11).eval()
    before = tokens()
    for position in range(7):
        after = before.clone()
        after[:, position] = (after[:, position] + 1) % 11
        assert not torch.equal(model(before), model(after))


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_a_transformer_tells_positions_apart(positions: str) -> None:
    model = build({**SMALL["transformer"], "positions": positions}, (7,), vocabulary=11).eval()
    assert not torch.allclose(model(tokens()), model(tokens().flip(1)))


def test_a_bidirectional_network_reads_both_ways() -> None:
    model = build({**SMALL["gru"], "bidirectional": True}, (7, 2)).eval()
    inputs = torch.randn(4, 7, 2, requires_grad=True)
    model(inputs).sum().backward()  # type: ignore[no-untyped-call]
    assert inputs.grad is not None
    assert (inputs.grad != 0).any(2).all()
    # The last output of the way back has read everything, not only the last step.
    recurrent = model.recurrent[0]  # type: ignore[index]
    steps, last = recurrent(inputs)
    expected = torch.cat([last[0], last[1]], dim=-1)
    assert torch.allclose(model._ends(steps), expected)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["lstm", "gru", "plain"])
def test_a_sequence_in_pieces_gives_the_same_outputs(name: str) -> None:
    model = build(SMALL[name], (7,), vocabulary=11, outputs=11, lm=True)
    assert isinstance(model, RecurrentNetwork)
    first, memory = model.carry(tokens()[:, :3], None)
    second, _ = model.carry(tokens()[:, 3:], memory)
    assert torch.allclose(torch.cat([first, second], dim=1), model(tokens()), atol=1e-6)


def cells(section: dict[str, Any]) -> dict[str, Tensor]:
    model = build(section, (7, 4))
    return {name: value.detach() for name, value in model.named_parameters() if name.startswith("recurrent.0")}


def test_a_forget_gate_begins_open() -> None:
    found = cells(SMALL["lstm"])
    bias = found["recurrent.0.bias_ih_l0"] + found["recurrent.0.bias_hh_l0"]
    assert bias.view(4, 6).tolist() == [[0.0] * 6, [1.0] * 6, [0.0] * 6, [0.0] * 6]
    assert cells({**SMALL["lstm"], "forget_bias": None})["recurrent.0.bias_ih_l0"].eq(0).all()


@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3), ("plain", 1)])
def test_recurrent_weights_are_orthogonal_gate_by_gate(name: str, gates: int) -> None:
    blocks = cells(SMALL[name])["recurrent.0.weight_hh_l0"].chunk(gates)
    assert all(torch.allclose(block @ block.T, torch.eye(6), atol=1e-5) for block in blocks)
    assert len({block[0, 0].item() for block in blocks}) == gates


def test_recurrent_weights_can_be_the_identity_and_inputs_small() -> None:
    section = {**SMALL["plain"], "activation": "relu", "recurrent_init": {"kind": "identity", "scale": 0.5}}
    found = cells({**section, "init": {"kind": "uniform", "bound": 0.01}})
    assert torch.equal(found["recurrent.0.weight_hh_l0"], 0.5 * torch.eye(6))
    assert found["recurrent.0.weight_ih_l0"].abs().max() <= 0.01


def test_default_initial_weights_are_torchs_own() -> None:
    found = cells({**SMALL["gru"], "init": "default", "recurrent_init": "default"})
    assert all(0 < value.abs().max() <= 6**-0.5 for value in found.values())


@pytest.mark.parametrize("name", SMALL)
def test_options_that_all_networks_share_are_kept(name: str) -> None:
    model = build({**SMALL[name], "bias": False}, (7,), vocabulary=11)
    assert not [name for name, _ in model.named_parameters() if "bias" in name and "norm" not in name]
    plain = build(SMALL[name], (7,), vocabulary=11)
    scaled = build({**SMALL[name], "output_activation": "tanh", "output_scale": 3.0}, (7,), vocabulary=11)
    assert torch.allclose(scaled(tokens()), 3 * torch.tanh(plain(tokens())), atol=1e-6)
    biased = build({**SMALL[name], "output_bias": {"kind": "constant", "value": 0.5}}, (7,), vocabulary=11)
    assert torch.allclose(biased(tokens()), plain(tokens()) + 0.5, atol=1e-6)
    dropping = build({**SMALL[name], "input_dropout": 0.5}, (7,), vocabulary=11)
    assert not torch.equal(dropping(tokens()), dropping(tokens()))
    assert torch.equal(dropping.eval()(tokens()), plain(tokens()))


@pytest.mark.parametrize("name", SMALL)
def test_the_same_seed_builds_the_same_network(name: str) -> None:
    one, other = (build(SMALL[name], (7,), vocabulary=11) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_images_are_no_sequences(name: str) -> None:
    with pytest.raises(ConfigError, match=r"needs sequences of shape .* has shape \(1, 8, 8\)"):
        build(SMALL[name], (1, 8, 8))
