"""Networks whose layers are connected as beginners connect them; an argument turns one slip on."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Wired"]


class Wired(nn.Module):
    """Three hidden layers; `slip` is what is wrong with the way through them."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, slip: str = "") -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(input_shape[0], 64), nn.Linear(64, 64)
        self.fc3, self.fc4 = nn.Linear(64, 64), nn.Linear(64, output_size)
        self.slip = slip
        if slip == "frozen":  # left over from fine-tuning something else
            for parameter in self.parameters():
                parameter.requires_grad = False
            self.fc4.bias.requires_grad = True
        if slip == "frozen trunk":
            for layer in (self.fc1, self.fc2, self.fc3):
                layer.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.fc1(x))
        match self.slip:
            case "forgotten layer":  # fc2 is made and never called
                h = F.relu(self.fc3(h))
            case "called twice":  # copy and paste: fc2 stands where fc3 should
                h = F.relu(self.fc2(F.relu(self.fc2(h))))
            case "detach":
                h = F.relu(self.fc3(F.relu(self.fc2(h)).detach()))
            case "no_grad":
                with torch.no_grad():
                    h = F.relu(self.fc2(h))
                h = F.relu(self.fc3(h))
            case "numpy":  # out to numpy and back, for a function that torch lacks
                h = torch.from_numpy(F.relu(self.fc2(h)).detach().cpu().numpy()).to(x.device)
                h = F.relu(self.fc3(h))
            case "data":
                h = F.relu(self.fc3(F.relu(self.fc2(h)).data))
            case "overwritten":  # the second branch starts from a fresh tensor, not from h
                h = torch.zeros_like(h)
                h = F.relu(self.fc3(F.relu(self.fc2(h))))
            case "rounded":
                h = F.relu(self.fc3(torch.round(F.relu(self.fc2(h)))))
            case _:
                h = F.relu(self.fc3(F.relu(self.fc2(h))))
        return self.fc4(h)


class Listed(nn.Module):
    """Hidden layers in a list: a ModuleList, or a plain one, which `parameters()` doesn't see."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, plain: bool = False) -> None:
        super().__init__()
        layers = [nn.Linear(input_shape[0], 12), nn.Linear(12, 12), nn.Linear(12, 12)]
        self.layers = layers if plain else nn.ModuleList(layers)
        self.head = nn.Linear(12, output_size)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.head(x)


class Recurrent(nn.Module):
    """A GRU over series `[N, steps, sensors]`.

    `turned` brings time to the front without saying so: "view" reshapes for it, "batch_first" forgets the flag.
    """

    def __init__(self, input_shape: tuple[int, ...], output_size: int, turned: str = "") -> None:
        super().__init__()
        self.steps, sensors = input_shape
        self.rnn = nn.GRU(sensors, 32, batch_first=turned != "batch_first")
        self.fc = nn.Linear(32, output_size)
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        if self.turned == "view":
            x = x.transpose(0, 1).reshape(x.shape[0], self.steps, -1)
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


class Plain(nn.Module):
    """A recurrent network of relu cells over series; `scale` multiplies the identity that it starts from."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, scale: float = 0.9) -> None:
        super().__init__()
        self.rnn = nn.RNN(input_shape[1], 32, nonlinearity="relu", batch_first=True)
        nn.init.eye_(self.rnn.weight_hh_l0)
        with torch.no_grad():
            self.rnn.weight_hh_l0.mul_(scale)
        self.fc = nn.Linear(32, output_size)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


class Centred(nn.Module):
    """Takes the mean from its inputs: that of each example, or, wrongly, that of the batch."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, over_batch: bool = False) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(input_shape[0], 64), nn.Linear(64, output_size)
        self.axis = 0 if over_batch else 1

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(self.axis, keepdim=True)
        x = x / (x.std(self.axis, keepdim=True) + 1e-3)
        return self.fc2(F.relu(self.fc1(x)))


class Flattened(nn.Module):
    """A small network for images `[N, 1, 8, 8]`; `mixing` flattens after the axes were turned."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, mixing: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(input_shape[0], 8, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(8 * 8 * 8, 64), nn.Linear(64, output_size)
        self.mixing = mixing

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv(x))
        x = x.transpose(0, 1).reshape(x.shape[0], -1) if self.mixing else x.flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


class Averaged(nn.Module):
    """A teacher and a student of one shape; only the student is called."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, trained: str = "student") -> None:
        super().__init__()
        self.student = nn.Sequential(nn.Linear(input_shape[0], 64), nn.ReLU(), nn.Linear(64, output_size))
        if trained != "student":
            self.spare = copy.deepcopy(self.student)

    def forward(self, x: Tensor) -> Tensor:
        return self.student(x)
