"""What the broken examples break: data and networks of one's own, each with one fault."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn


def digits_as_bytes():
    digits = load_digits()
    return (digits.data * 255 / 16).round().astype("float32"), digits.target


def prices(rows=500):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(rows, 5))
    targets = 250_000 + 40_000 * inputs @ [1.0, 0.5, -0.7, 0.2, 0.4] + 9_000 * rng.normal(size=rows)
    return inputs.astype("float32"), targets.astype("float32")


def shuffled_labels():
    digits = load_digits()
    return (digits.data / 8 - 1).astype("float32"), np.random.default_rng(0).permutation(digits.target)


def leaked_rows():
    digits = load_digits()
    inputs = (digits.data / 8 - 1).astype("float32")
    return {"train": (inputs, digits.target), "validation": (inputs[:400], digits.target[:400])}


class ForgottenLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.first(x.flatten(1)))
        return self.head(x)  # and self.second?


class MixedRows(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.head = nn.Linear(64, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = x.flatten(1)
        x = x.t().reshape(x.shape)  # meant: another order of the pixels
        return self.head(torch.relu(self.first(x)))
