"""Fully connected networks as people write them; a keyword argument of each plants the fault."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Forgetful", "Tower", "chain", "drawn", "frozen", "with_end"]

ENDS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "softmax": nn.Softmax,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
    "none": nn.Identity,
}


def with_end(
    input_shape: tuple[int, ...], output_size: int, *, hidden: int = 24, end: str = "none", units: int = 0
) -> nn.Module:
    """Two hidden layers, and whatever at the end; `units` overrides how many outputs there are."""
    last: list[nn.Module] = []
    if end == "softmax":
        last = [nn.Softmax(dim=1)]
    elif end != "none":
        last = [ENDS[end]()]
    return nn.Sequential(
        nn.Linear(input_shape[0], hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, units or output_size),
        *last,
    )


def chain(
    input_shape: tuple[int, ...],
    output_size: int,
    *,
    widths: tuple[int, ...] = (32, 32),
    between: str = "relu",
    dropout: float = 0.0,
) -> nn.Module:
    """Linear layers with one kind of function between them, or none at all."""
    layers: list[nn.Module] = []
    size = input_shape[0]
    for width in widths:
        layers.append(nn.Linear(size, width))
        if between == "softmax":
            layers.append(nn.Softmax(dim=-1))
        elif between != "none":
            layers.append(ENDS[between]())
        if dropout:
            layers.append(nn.Dropout(dropout))
        size = width
    return nn.Sequential(*layers, nn.Linear(size, output_size))


class Forgetful(nn.Module):
    """Three layers by the functional interface; `keeps` says whether what relu returns is used."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, keeps: bool = True) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_shape[0], 48)
        self.fc2 = nn.Linear(48, 48)
        self.fc3 = nn.Linear(48, output_size)
        self.keeps = keeps

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)
        if self.keeps:
            x = functional.relu(x)
        else:
            functional.relu(x)
        x = self.fc2(x)
        if self.keeps:
            x = functional.relu(x)
        else:
            functional.relu(x)
        return self.fc3(x)


def drawn(
    input_shape: tuple[int, ...],
    output_size: int,
    *,
    depth: int = 2,
    width: int = 40,
    std: float | None = None,
    constant: float | None = None,
    bias: float | None = None,
) -> nn.Module:
    """A relu network whose initial weights are He's, or normal of one deviation, or one number everywhere."""
    sizes = [input_shape[0], *[width] * depth]
    layers: list[nn.Module] = []
    for size, following in pairwise(sizes):
        layers += [nn.Linear(size, following), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Linear(width, output_size))
    linear = [module for module in network if isinstance(module, nn.Linear)]
    for module in linear:
        if constant is not None:
            nn.init.constant_(module.weight, constant)
        elif std is not None:
            nn.init.normal_(module.weight, std=std)
        elif module is not linear[-1]:
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)
        if bias is not None and module is not linear[-1]:
            nn.init.constant_(module.bias, bias)
    return network


class Tower(nn.Module):
    """A stack of layers in a list, which is a ModuleList or a plain one, and a head."""

    def __init__(
        self, input_shape: tuple[int, ...], output_size: int, registered: bool = True, cut: bool = False
    ) -> None:
        super().__init__()
        sizes = [input_shape[0], 32, 16]
        blocks = [nn.Sequential(nn.Linear(a, b), nn.ELU()) for a, b in pairwise(sizes)]
        self.blocks = nn.ModuleList(blocks) if registered else blocks
        self.head = nn.Linear(sizes[-1], output_size)
        self.cut = cut

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        if self.cut:
            x = torch.tensor(x.tolist(), device=x.device)
        return self.head(x)


def frozen(input_shape: tuple[int, ...], output_size: int, *, trains: bool = True) -> nn.Module:
    """A body and a head; without `trains` the body is held still as though it came trained."""
    body = nn.Sequential(nn.Linear(input_shape[0], 6), nn.Tanh(), nn.Linear(6, 4), nn.Tanh())
    for parameter in body.parameters():
        parameter.requires_grad_(trains)
    return nn.Sequential(body, nn.Linear(4, output_size))
