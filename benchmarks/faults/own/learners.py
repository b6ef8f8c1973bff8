"""Networks that people ask about when they don't learn. By default each is sound."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["Stack"]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "selu": nn.SELU,
}
STARTS: dict[str, Callable[[Tensor], Tensor]] = {
    "ones": nn.init.ones_,
    "half": lambda w: nn.init.constant_(w, 0.5),
    "normal": nn.init.normal_,
    "threes": lambda w: nn.init.normal_(w, std=3.0),
    "uniform": nn.init.uniform_,
    "tiny": lambda w: nn.init.normal_(w, std=1e-4),
    "lecun": lambda w: nn.init.normal_(w, std=w.shape[1] ** -0.5),
}


class Stack(nn.Module):
    """Linear layers with an activation behind each but the last; `start` draws all their weights anew."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        hidden: tuple[int, ...] = (32,),
        activation: str = "relu",
        start: str = "",
        last: str = "",
        norm: bool = False,
        dropout: float = 0.0,
        bias: float | None = None,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = input_shape[0]
        for units in hidden:
            layers.append(nn.Linear(width, units))
            if norm:
                layers.append(nn.BatchNorm1d(units))
            layers.append(ACTIVATIONS[activation]())
            if dropout:
                layers.append(nn.Dropout(dropout))
            width = units
        layers.append(nn.Linear(width, output_size))
        if last:
            layers.append(ACTIVATIONS[last]())
        self.layers = nn.Sequential(*layers)
        for layer in self.layers:
            if isinstance(layer, nn.Linear) and start:
                STARTS[start](layer.weight)
                nn.init.zeros_(layer.bias)
        if bias is not None:
            nn.init.constant_(self.layers[0].bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Picture(nn.Module):
    """Two convolutions and two linear layers for 12 x 12 images."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        norm: bool = False,
        momentum: float = 0.1,
        dropout: float = 0.0,
        bias: float | None = None,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(input_shape[0], 8, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(8, momentum=momentum) if norm else nn.Identity()
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(16, momentum=momentum) if norm else nn.Identity()
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(dropout)
        self.fc1 = nn.Linear(16 * 3 * 3, 32)
        self.fc2 = nn.Linear(32, output_size)
        if bias is not None:
            for layer in (self.conv1, self.conv2):
                nn.init.constant_(layer.bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = self.pool(torch.relu(self.bn2(self.conv2(x))))
        x = self.drop(x.flatten(1))
        return self.fc2(self.drop(torch.relu(self.fc1(x))))


class Series(nn.Module):
    """A recurrent layer of torch's over series `[N, steps, sensors]`, and a linear one of its last state."""

    def __init__(
        self, input_shape: tuple[int, ...], output_size: int, cell: str = "LSTM", units: int = 24, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.rnn = getattr(nn, cell)(input_shape[1], units, batch_first=True)
        with torch.no_grad():
            self.rnn.weight_hh_l0.mul_(scale)
        self.head = nn.Linear(units, output_size)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.rnn(x)
        return self.head(states[:, -1])


class Unrolled(nn.Module):
    """A recurrent network by hand: h = relu(W x + U h), step by step; U begins as `scale` times a rotation."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, units: int = 24, scale: float = 0.95) -> None:
        super().__init__()
        self.units = units
        self.read = nn.Linear(input_shape[1], units)
        self.again = nn.Linear(units, units, bias=False)
        nn.init.orthogonal_(self.again.weight, gain=scale)
        self.head = nn.Linear(units, output_size)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.zeros(len(x), self.units, device=x.device)
        for step in range(x.shape[1]):
            h = torch.relu(self.read(x[:, step]) + self.again(h))
        return self.head(h)


class Bottle(nn.Module):
    """An autoencoder of linear layers."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, code: int = 12) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(input_shape[0], 48), nn.ReLU(), nn.Linear(48, code))
        self.decoder = nn.Sequential(nn.Linear(code, 48), nn.ReLU(), nn.Linear(48, output_size))

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))
