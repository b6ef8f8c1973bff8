"""Networks as beginners write them; an argument turns one slip on. By default each is sound."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Mlp"]

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda z: z,
    "softmax": lambda z: F.softmax(z, dim=1),
    "softmax-over-batch": lambda z: F.softmax(z, dim=0),
    "log-softmax": lambda z: F.log_softmax(z, dim=1),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "clamp": lambda z: z.clamp(0, 1),
    "squeeze": lambda z: z.squeeze(1),
}
HIDDEN: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "none": lambda z: z,
    "softmax": lambda z: F.softmax(z, dim=1),
}


class Mlp(nn.Module):
    """Two hidden layers. `output` is done to the last layer's values, `hidden` to those of the others."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        width: int = 64,
        output: str = "none",
        hidden: str = "relu",
        outputs: int | None = None,
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_shape[0], width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, outputs or output_size)
        self.output, self.hidden = OUTPUTS[output], HIDDEN[hidden]

    def forward(self, x: Tensor) -> Tensor:
        x = self.hidden(self.fc1(x))
        x = self.hidden(self.fc2(x))
        return self.output(self.fc3(x))


class Deep(nn.Module):
    """Many hidden layers; `start` says how their weights begin, `residual` adds what came in."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        layers: int = 6,
        width: int = 48,
        hidden: str = "relu",
        residual: bool = False,
        start: str = "he",
    ) -> None:
        super().__init__()
        self.first = nn.Linear(input_shape[0], width)
        self.middle = nn.ModuleList([nn.Linear(width, width) for _ in range(layers - 1)])
        self.last = nn.Linear(width, output_size)
        self.hidden, self.residual = HIDDEN[hidden], residual
        for layer in [self.first, *self.middle]:
            _begin(layer, start)

    def forward(self, x: Tensor) -> Tensor:
        x = self.hidden(self.first(x))
        for layer in self.middle:
            y = self.hidden(layer(x))
            x = x + y / len(self.middle) ** 0.5 if self.residual else y
        return self.last(x)


def _begin(layer: nn.Linear, start: str) -> None:
    match start:
        case "default":
            return
        case "he":
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        case "xavier":
            nn.init.xavier_uniform_(layer.weight)
        case "zeros":
            nn.init.zeros_(layer.weight)
        case "constant":
            nn.init.constant_(layer.weight, 0.1)
        case "normal":  # torch's own standard normal: deviation 1
            nn.init.normal_(layer.weight)
        case "small":
            nn.init.normal_(layer.weight, std=0.001)
        case "uniform":  # what the name promises, from 0 to 1
            nn.init.uniform_(layer.weight)
    nn.init.zeros_(layer.bias)


class Biased(nn.Module):
    """A small network whose hidden biases, or output biases, start at a number."""

    def __init__(
        self, input_shape: tuple[int, ...], output_size: int, hidden_bias: float = 0.0, output_bias: float = 0.0
    ) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(input_shape[0], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, output_size)
        )
        for place, value in ((0, hidden_bias), (2, hidden_bias), (4, output_bias)):
            nn.init.constant_(self.net[place].bias, value)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Conv(nn.Module):
    """Two convolutions for 8 x 8 images. `order` is what stands after each: `ReLU` or `none`."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, activation: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(input_shape[0], 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.AvgPool2d(2)
        self.fc1 = nn.Linear(16 * 2 * 2, 32)
        self.fc2 = nn.Linear(32, output_size)
        self.act: Callable[[Tensor], Tensor] = F.relu if activation else (lambda z: z)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.act(self.conv1(x)))
        x = self.pool(self.act(self.conv2(x)))
        x = x.flatten(1)
        return self.fc2(self.act(self.fc1(x)))


class Dropped(nn.Module):
    """Dropout by `nn.Dropout`, or by the function, which goes on in evaluation unless it is told."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        p: float = 0.2,
        functional: bool = False,
        told: bool = True,
    ) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(input_shape[0], 128), nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, output_size)
        self.drop = nn.Dropout(p)
        self.p, self.functional, self.told = p, functional, told

    def forward(self, x: Tensor) -> Tensor:
        x = self._dropped(F.relu(self.fc1(x)))
        x = self._dropped(F.relu(self.fc2(x)))
        return self.fc3(x)

    def _dropped(self, x: Tensor) -> Tensor:
        if not self.functional:
            return self.drop(x)
        return F.dropout(x, self.p, training=self.training) if self.told else F.dropout(x, self.p)


class Normalized(nn.Module):
    """Batch normalization. `momentum` is that of the running averages; `dropout_first` drops just before it."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        momentum: float = 0.1,
        dropout_first: float = 0.0,
        dropout_after: float = 0.0,
        always_training: bool = False,
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_shape[0], 64)
        self.before, self.bn1 = nn.Dropout(dropout_first), nn.BatchNorm1d(64, momentum=momentum)
        self.after = nn.Dropout(dropout_after)
        self.fc2 = nn.Linear(64, 64)
        self.bn2 = nn.BatchNorm1d(64, momentum=momentum)
        self.fc3 = nn.Linear(64, output_size)
        self.always_training = always_training

    def forward(self, x: Tensor) -> Tensor:
        if self.always_training:
            self.train()
        x = self.after(F.relu(self.bn1(self.before(self.fc1(x)))))
        x = F.relu(self.bn2(self.fc2(x)))
        return self.fc3(x)
