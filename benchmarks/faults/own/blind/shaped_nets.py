"""Networks for images and sequences as people write them; a keyword argument of each plants the fault."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Noisy", "Reader", "SmallConv", "Swing", "normed"]


class SmallConv(nn.Module):
    """Two convolutions, each pooled, and two linear layers."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, softmax: bool = False) -> None:
        super().__init__()
        channels, height, width = input_shape
        self.conv1 = nn.Conv2d(channels, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * (height // 4) * (width // 4), 32)
        self.fc2 = nn.Linear(32, output_size)
        self.softmax = softmax

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = self.fc2(functional.relu(self.fc1(x.flatten(1))))
        return functional.softmax(x, dim=1) if self.softmax else x


class Reader(nn.Module):
    """Word vectors, a GRU, and one layer on its last state."""

    def __init__(self, output_size: int, words: int = 60) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, 16)
        self.gru = nn.GRU(16, 24, batch_first=True)
        self.out = nn.Linear(24, output_size)

    def forward(self, texts: Tensor) -> Tensor:
        _, state = self.gru(self.embed(texts))
        return self.out(state[-1])


class Swing(nn.Module):
    """An LSTM over measurements; batches come with the examples first, whatever it was told."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, batch_first: bool = True) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_shape[-1], 32, batch_first=batch_first)
        self.out = nn.Linear(32, output_size)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.lstm(x)
        return self.out(states[:, -1])


class Noisy(nn.Module):
    """Dropout by the functional interface, which is on in evaluation too unless it is told of it."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, share: float = 0.2, told: bool = True) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_shape[0], 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, output_size)
        self.share, self.told = share, told

    def forward(self, x: Tensor) -> Tensor:
        on = self.training if self.told else True
        x = functional.dropout(torch.relu(self.fc1(x)), self.share, training=on)
        x = functional.dropout(torch.relu(self.fc2(x)), self.share, training=on)
        return self.fc3(x)


def normed(input_shape: tuple[int, ...], output_size: int, *, momentum: float = 0.1) -> nn.Module:
    """Two layers with batch normalization, torch's momentum: the share of the new batch."""
    return nn.Sequential(
        nn.Linear(input_shape[0], 32),
        nn.BatchNorm1d(32, momentum=momentum),
        nn.ReLU(),
        nn.Linear(32, 32),
        nn.BatchNorm1d(32, momentum=momentum),
        nn.ReLU(),
        nn.Linear(32, output_size),
    )
