"""Networks of a few lines, as they stand in questions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Pictures"]


class Recurrent(nn.Module):
    """An LSTM and a layer on its last step."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, hidden: int = 32) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_shape[-1], hidden, batch_first=True)
        self.fc = nn.Linear(hidden, output_size)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


class Pictures(nn.Module):
    """Two convolutions, the mean over the picture, and a layer."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(input_shape[0], 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()
        )
        self.pool = nn.AdaptiveMaxPool2d(1)
        self.fc = nn.Linear(32, output_size)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(self.features(x)).flatten(1))


class Words(nn.Module):
    """The mean of the words' vectors, or, without `table`, the numbers of the words themselves."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int, table: bool = True, words: int = 400) -> None:
        super().__init__()
        self.table = nn.Embedding(words, 16, padding_idx=0) if table else None
        self.fc1 = nn.Linear(16 if table else input_shape[0], 32)
        self.fc2 = nn.Linear(32, output_size)

    def forward(self, x: Tensor) -> Tensor:
        if self.table is None:
            return self.fc2(torch.relu(self.fc1(x.float())))
        mask = (x > 0).unsqueeze(2)
        mean = (self.table(x) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.fc2(torch.relu(self.fc1(mean)))
