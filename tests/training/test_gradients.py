"""What is done to gradients, against the same done a second time, tensor by tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from logbook.training.gradients import GradientShaper, gradient_norm
from logbook_schemas.config.gradients import Gradients


def a_net() -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 7), nn.LSTM(7, 3), nn.Linear(3, 2, bias=False))
    for place, parameter in enumerate(net.parameters()):
        parameter.grad = torch.randn_like(parameter) * 10 ** (place / 3 - 1)
    return net


def shaped(section: dict[str, Any], net: nn.Module) -> bool:
    trained = list(net.parameters())
    shaper = GradientShaper(Gradients.model_validate(section), net, trained)  # type: ignore[arg-type]
    return bool(shaper.shape(gradient_norm(trained)))


def gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def parts_of(net: nn.Module, per: str) -> list[list[nn.Parameter]]:
    if per == "all":
        return [list(net.parameters())]
    if per == "parameter":
        return [[parameter] for parameter in net.parameters()]
    return [list(layer.parameters()) for layer in net.children()]


def norm_of(part: list[nn.Parameter]) -> float:
    return sum(float(gradient(parameter).double().square().sum()) for parameter in part) ** 0.5


def clip_by_norm(part: list[nn.Parameter], most: float) -> None:
    norm = norm_of(part)
    for parameter in part:
        if norm > most:
            gradient(parameter).mul_(most / norm)


def renormalize(part: list[nn.Parameter]) -> None:
    norm = norm_of(part)
    for parameter in part:
        gradient(parameter).div_(norm)


BY_HAND: list[tuple[dict[str, Any], str, Callable[[list[nn.Parameter]], None]]] = [
    ({"clip": {"kind": "norm", "max_norm": 2.0}}, "all", lambda part: clip_by_norm(part, 2.0)),
    ({"clip": {"kind": "norm", "max_norm": 2.0, "per": "layer"}}, "layer", lambda part: clip_by_norm(part, 2.0)),
    (
        {"clip": {"kind": "norm", "max_norm": 2.0, "per": "parameter"}},
        "parameter",
        lambda part: clip_by_norm(part, 2.0),
    ),
    (
        {"clip": {"kind": "value", "max_value": 0.3}},
        "all",
        lambda part: [gradient(parameter).clamp_(-0.3, 0.3) for parameter in part] and None,
    ),
    ({"renormalize": {"kind": "layer"}}, "layer", renormalize),
    ({"renormalize": {"kind": "parameter"}}, "parameter", renormalize),
]


@pytest.mark.parametrize(("section", "per", "by_hand"), BY_HAND, ids=[str(row[0]) for row in BY_HAND])
def test_gradients_are_shaped_part_by_part(
    section: dict[str, Any], per: str, by_hand: Callable[[list[nn.Parameter]], None]
) -> None:
    net, again = a_net(), a_net()
    clipped = shaped(section, net)
    for part in parts_of(again, per):
        by_hand(part)
    for one, other in zip(net.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(gradient(one), gradient(other))
    assert clipped == ("clip" in section)


@pytest.mark.parametrize("per", ["layer", "parameter"])
def test_every_part_of_a_renormalized_gradient_has_length_one_and_clipping_comes_after(per: str) -> None:
    net = a_net()
    assert not shaped({"renormalize": {"kind": per}, "clip": {"kind": "norm", "max_norm": 1.01, "per": per}}, net)
    assert [norm_of(part) for part in parts_of(net, per)] == pytest.approx([1.0] * len(parts_of(net, per)))
    assert shaped({"clip": {"kind": "norm", "max_norm": 0.5}}, net)
    assert norm_of(list(net.parameters())) == pytest.approx(0.5, rel=1e-4)


def test_a_gradient_of_zeros_stays_zero() -> None:
    net = a_net()
    for parameter in net[0].parameters():
        gradient(parameter).zero_()
    shaped({"renormalize": {"kind": "layer"}}, net)
    assert all(not gradient(parameter).any() for parameter in net[0].parameters())
    assert norm_of(list(net[2].parameters())) == pytest.approx(1.0)


def test_a_shared_parameter_and_one_outside_the_model_have_a_layer_each() -> None:
    net = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    net[1].weight = net[0].weight
    stranger = nn.Parameter(torch.zeros(3))
    trained: list[Tensor] = [net[0].weight, stranger]
    for parameter in trained:
        parameter.grad = torch.full_like(parameter, 5.0)
    shaper = GradientShaper(Gradients.model_validate({"renormalize": "layer"}), net, trained)
    shaper.shape(gradient_norm(trained))
    assert [float(p.grad.norm()) for p in trained if p.grad is not None] == pytest.approx([1.0, 1.0])


def test_sparse_gradients_are_clipped_too() -> None:
    net = nn.Embedding(10, 3, sparse=True)
    net(torch.tensor([4, 4, 7])).sum().backward()
    assert shaped({"clip": {"kind": "norm", "max_norm": 0.1, "per": "layer"}}, net)
    assert float(gradient(net.weight).to_dense().norm()) == pytest.approx(0.1, rel=1e-3)
