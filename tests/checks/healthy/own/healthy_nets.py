"""Networks as people write them by hand; nothing is wrong with any of them. Inputs are the 64 pixels of a digit."""

import torch
from torch import nn
from torch.nn import functional as F


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 10)

    def forward(self, x):
        return self.head(F.relu(self.second(F.relu(self.first(x.flatten(1))))))


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 64), nn.Linear(64, 64)])
        self.act, self.head = nn.ReLU(), nn.Linear(64, 10)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.layers:
            x = self.act(layer(x))
        return self.head(x)


def in_place():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(inplace=True), nn.Linear(64, 10))


class Residual(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        self.stem, self.head = nn.Linear(64, 64), nn.Linear(64, 10)
        self.norms = nn.ModuleList([nn.LayerNorm(64) for _ in range(depth)])
        self.blocks = nn.ModuleList(
            [nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64)) for _ in range(depth)]
        )

    def forward(self, x):
        x = self.stem(x.flatten(1))
        for norm, block in zip(self.norms, self.blocks, strict=True):
            x = x + block(norm(x))
        return self.head(x)


class ZeroBranch(Residual):
    def __init__(self):
        super().__init__(depth=2)
        for block in self.blocks:
            nn.init.zeros_(block[-1].weight)
            nn.init.zeros_(block[-1].bias)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode, self.bias = nn.Linear(64, 24), nn.Parameter(torch.zeros(64))

    def forward(self, x):
        code = torch.tanh(self.encode(x.flatten(1)))
        return (code @ self.encode.weight + self.bias).view_as(x)


def convolutions():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


class Dropping(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.head = nn.Linear(64, 128), nn.Linear(128, 10)

    def forward(self, x):
        return self.head(F.dropout(F.relu(self.first(x.flatten(1))), 0.3, training=self.training))


class FrozenTrunk(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk, self.head = nn.Linear(64, 128), nn.Linear(128, 10)
        self.trunk.requires_grad_(False)

    def forward(self, x):
        return self.head(F.relu(self.trunk(x.flatten(1))))


def weight_normalized():
    from torch.nn.utils.parametrizations import weight_norm

    return nn.Sequential(nn.Flatten(), weight_norm(nn.Linear(64, 64)), nn.ReLU(), nn.Linear(64, 10))


def lazy():
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(64), nn.ReLU(), nn.LazyLinear(10))


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.head = nn.Linear(64, 64), nn.Linear(64, 10)
        self.register_buffer("mean", torch.zeros(64))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        x = x.flatten(1)
        if self.training:
            self.mean.mul_(0.9).add_(0.1 * x.detach().mean(0))
        return self.head(torch.tanh(self.first(x - self.mean)))


class OwnLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 48, batch_first=True), nn.Linear(48, 10)

    def forward(self, x):
        states, _ = self.lstm(x.reshape(len(x), 8, 8))
        return self.head(states[:, -1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Linear(8, 32), nn.Parameter(torch.randn(8, 32) * 0.02)
        self.attend = nn.MultiheadAttention(32, 4, batch_first=True)
        self.norm, self.head = nn.LayerNorm(32), nn.Linear(32, 10)

    def forward(self, x):
        x = self.embed(x.reshape(len(x), 8, 8)) + self.place
        x = x + self.attend(x, x, x, need_weights=False)[0]
        return self.head(self.norm(x).flatten(1).view(len(x), 8, 32).mean(1))


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(500, 16), nn.Linear(16, 3)

    def forward(self, x):
        return self.head(self.table(x).mean(1))


class LogProbabilities(Functional):
    def forward(self, x):
        return F.log_softmax(super().forward(x), dim=1)
