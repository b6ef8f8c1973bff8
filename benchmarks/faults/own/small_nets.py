"""Small networks as people post them when they don't learn; an argument turns one slip on, by default none is."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Toy"]

ENDS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class Toy(nn.Module):
    """One `nn.Sequential`: hidden layers of `width`, then what stands behind the last (`end`)."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        width: int = 16,
        depth: int = 1,
        hidden: str = "tanh",
        end: str = "",
        outputs: int = 0,
        bias: bool = True,
        waist: int = 0,
    ) -> None:
        super().__init__()
        sizes = [input_shape[0], *[width] * depth]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(sizes):
            layers.append(nn.Linear(before, after, bias=bias))
            if hidden:
                layers.append(ENDS[hidden]())
        if waist:
            layers += [nn.Linear(sizes[-1], waist), nn.ReLU()]
        layers.append(nn.Linear(waist or sizes[-1], outputs or output_size, bias=bias))
        match end:
            case "":
                pass
            case "softmax":
                layers.append(nn.Softmax(dim=1))
            case "dropout":
                layers.append(nn.Dropout(0.5))
            case name:
                layers.append(ENDS[name]())
        self.net = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Row(Toy):
    """The same, whose single output is given back as `[N]`."""

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x).squeeze(-1)


class Rounded(Toy):
    """The same, which answers 0 or 1 itself; `soft` leaves the answer to whoever asks."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, soft: bool = True) -> None:
        super().__init__(input_shape, output_size, end="sigmoid", hidden="relu", width=32)
        self.soft = soft

    def forward(self, x: Tensor) -> Tensor:
        x = self.net(x)
        return x if self.soft else torch.round(x)


class Listed(nn.Module):
    """Layers in a list that a loop goes through; `plain` is a list that torch doesn't see."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, plain: bool = False) -> None:
        super().__init__()
        layers = [nn.Linear(input_shape[0], 6), nn.Linear(6, 6)]
        self.hidden = layers if plain else nn.ModuleList(layers)
        self.out = nn.Linear(6, output_size)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return torch.sigmoid(self.out(x))


class Bars(nn.Module):
    """Two convolutions and a head; `slip` is what is wrong with it."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, slip: str = "") -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(input_shape[0], 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.conv3 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(input_shape[-1] if slip == "unflattened" else 8 * 5 * 5, output_size)
        self.slip = slip
        if slip == "frozen":  # the loop stands behind the layers instead of before the new one
            for parameter in self.parameters():
                parameter.requires_grad = False

    def forward(self, x: Tensor) -> Tensor:
        if self.slip == "unflattened":
            return self.fc(F.relu(self.conv1(x)).mean(1))
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.conv2(x) if self.slip == "pasted" else self.conv3(x))
        return self.fc(x.flatten(1))


class Coloured(nn.Module):
    """A small network for images with their channels last; `turned` says how they come to the front."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, turned: str = "permute") -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 12, 3, padding=1), nn.Conv2d(12, 12, 3, padding=1)
        self.fc = nn.Linear(12, output_size)
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(-1, 3, x.shape[1], x.shape[2]) if self.turned == "view" else x.permute(0, 3, 1, 2)
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        return self.fc(x.amax((2, 3)))


class Reader(nn.Module):
    """Tokens to vectors, a recurrent layer, the last state to classes; `batch_first` is what many forget."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, batch_first: bool = True) -> None:
        super().__init__()
        self.embed = nn.Embedding(21, 16)
        self.rnn = nn.LSTM(16, 24, batch_first=batch_first)
        self.fc = nn.Linear(24, output_size)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(self.embed(x.long()))
        return self.fc(out[:, -1])


class Regular(nn.Module):
    """Dropout and batch normalization, in the order that works or (`dropout_first`) the other."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        output_size: int,
        dropout_first: bool = False,
        normalized: bool = True,
        p: float = 0.5,
    ) -> None:
        super().__init__()
        drop = nn.Dropout(p)
        norm = nn.BatchNorm1d(32) if normalized else nn.Identity()
        behind = [drop, norm] if dropout_first else [norm, drop] if p else [norm]
        self.net = nn.Sequential(
            nn.Linear(input_shape[0], 32), nn.ReLU(), *behind, nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, output_size)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Coder(nn.Module):
    """An autoencoder of flat images; `end` stands behind its last layer."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, end: str = "", code: int = 16) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(input_shape[0], 64), nn.ReLU(), nn.Linear(64, code))
        last = [ENDS[end]()] if end else []
        self.decoder = nn.Sequential(nn.ReLU(), nn.Linear(code, 64), nn.ReLU(), nn.Linear(64, output_size), *last)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))
