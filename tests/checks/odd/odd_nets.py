"""Networks that are built oddly, as people do, and are quite in order. Inputs are 16 numbers, outputs 3 classes."""

import random
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize
from torch.utils.checkpoint import checkpoint


def plain(*between):
    return nn.Sequential(nn.Linear(16, 16), *(between or (nn.ReLU(),)), nn.Linear(16, 3))


class Around(nn.Module):
    """A plain network, and something odd round it."""

    def __init__(self):
        super().__init__()
        self.net = plain()

    def forward(self, x):
        return self.net(x)


# -- layers --------------------------------------------------------------------------------------------------------


def lazy():
    return nn.Sequential(nn.LazyLinear(16), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(3))


def in_place():
    return plain(nn.ReLU(inplace=True), nn.Linear(16, 16), nn.LeakyReLU(0.1, inplace=True))


def orthogonal():
    return nn.Sequential(parametrizations.orthogonal(nn.Linear(16, 16)), nn.ReLU(), nn.Linear(16, 3))


def weight_norm():
    return nn.Sequential(parametrizations.weight_norm(nn.Linear(16, 16)), nn.ReLU(), nn.Linear(16, 3))


def old_weight_norm():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(nn.utils.weight_norm(nn.Linear(16, 16)), nn.ReLU(), nn.Linear(16, 3))


def spectral_norm():
    return nn.Sequential(parametrizations.spectral_norm(nn.Linear(16, 16)), nn.ReLU(), nn.Linear(16, 3))


def old_spectral_norm():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(
            nn.utils.spectral_norm(nn.Linear(16, 64)), nn.ReLU(), nn.utils.spectral_norm(nn.Linear(64, 3))
        )


class Symmetric(nn.Module):
    def forward(self, weight):
        return weight.triu() + weight.triu(1).t()


def symmetric():
    net = plain()
    parametrize.register_parametrization(net[0], "weight", Symmetric())
    return net


class Again(nn.Module):
    def __init__(self):
        super().__init__()
        self.line, self.act, self.out = nn.Linear(16, 16), nn.ReLU(inplace=True), nn.Linear(16, 3)

    def forward(self, x):
        for _ in range(3):
            x = self.act(self.line(x))
        return self.out(x)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.out = nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 3)
        self.two.weight = self.one.weight

    def forward(self, x):
        return self.out(self.two(self.one(x).relu()).relu())


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.out = nn.MultiheadAttention(4, 2, batch_first=True), nn.Linear(16, 3)

    def forward(self, x):
        rows = x.view(-1, 4, 4)
        return self.out((rows + self.attention(rows, rows, rows)[0]).flatten(1))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(4, 16, num_layers=2, batch_first=True), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.lstm(x.view(-1, 4, 4))[0][:, -1])


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.GRUCell(4, 16), nn.Linear(16, 3)

    def forward(self, x):
        state = None
        for rows in x.view(-1, 4, 4).unbind(1):
            state = self.cell(rows, state)
        return self.out(state)


class Complex(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(16, 16, dtype=torch.cfloat) * 0.2)
        self.line, self.out = nn.Linear(16, 16, dtype=torch.cfloat), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.line(x.to(torch.cfloat) @ self.weight).abs())


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.line = nn.LayerNorm(16), nn.Linear(16, 16)

    def forward(self, x):
        return x + 0.1 * self.line(self.norm(x)).relu()


def three_hundred_layers():
    return nn.Sequential(nn.Linear(16, 16), *(Block() for _ in range(149)), nn.Linear(16, 3))


class Double(Around):
    def __init__(self):
        super().__init__()
        self.double()

    def forward(self, x):
        return self.net(x.double())


class Within(nn.Module):
    """Layers that hand tuples and dictionaries to each other."""

    class First(nn.Module):
        def __init__(self):
            super().__init__()
            self.line = nn.Linear(16, 16)

        def forward(self, x):
            return {"rows": self.line(x).relu(), "name": "first"}

    class Second(First):
        def forward(self, found):
            return self.line(found["rows"]).relu(), None

    def __init__(self):
        super().__init__()
        self.first, self.second, self.out = self.First(), self.Second(), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.second(self.first(x))[0])


# -- state ---------------------------------------------------------------------------------------------------------


class Counting(Around):
    """Buffers, counters and containers whose values go into the outputs."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))
        self.calls, self.table, self.log = 0, {"calls": 0, "sum": torch.zeros(1)}, []

    def forward(self, x):
        outputs = self.net(x)
        self.calls += 1
        self.seen += 1
        self.table["calls"] += 1
        self.table["sum"] += 1
        self.log.append(len(x))
        if self.training:
            self.mean.mul_(0.9).add_(outputs.detach().mean(0), alpha=0.1)
        counts = self.calls + self.table["calls"] + self.table["sum"] + len(self.log) + self.seen
        return outputs - 0.1 * self.mean + 1e-6 * counts


class Hooked(Around):
    """Hooks of the person's own, one of which counts."""

    def __init__(self):
        super().__init__()
        self.calls = 0
        self.net[0].register_forward_hook(self.count)
        self.net[2].register_forward_pre_hook(lambda _, inputs: (inputs[0] * 1.01,))
        self.net[2].weight.register_hook(lambda gradient: gradient * 0.9)

    def count(self, _module, _inputs, output):
        self.calls += 1
        return output * (1 + 1e-5 * self.calls)


class Carrying(nn.Module):
    """Keeps what it ended a batch with for the next."""

    def __init__(self):
        super().__init__()
        self.gru, self.out, self.state = nn.GRU(4, 16, batch_first=True), nn.Linear(16, 3), None

    def forward(self, x):
        fits = self.state is not None and self.state.shape[1] == len(x)
        rows, state = self.gru(x.view(-1, 4, 4), self.state if fits else None)
        self.state = state.detach()
        return self.out(rows[:, -1])


class TorchNoise(Around):
    def __init__(self):
        super().__init__()
        self.generator = torch.Generator().manual_seed(3)

    def forward(self, x):
        return self.net(x + 0.01 * torch.randn(x.shape, generator=self.generator))


class NumpyNoise(Around):
    def __init__(self):
        super().__init__()
        self.generator = np.random.default_rng(3)

    def forward(self, x):
        return self.net(x * (1 + 0.01 * float(self.generator.normal())))


class PythonNoise(Around):
    def __init__(self):
        super().__init__()
        self.generator = random.Random(3)

    def forward(self, x):
        return self.net(x * (1 + 0.01 * self.generator.random()))


NOBODYS = random.Random(3)


class HiddenNoise(Around):
    """Draws from a generator that no module holds."""

    def forward(self, x):
        return self.net(x * (1 + 0.01 * NOBODYS.random()))


# -- what it refuses ----------------------------------------------------------------------------------------------


class Uncopyable(Around):
    def __deepcopy__(self, memo):
        raise TypeError("can't be copied")


class Unpicklable(Around):
    """Holds a function and a tensor that is no leaf."""

    def forward(self, x):
        self.held, self.function = self.net(x), lambda: None
        return self.held


class FullBatches(Around):
    def forward(self, x):
        if len(x) < 8:
            raise ValueError("too few rows")
        return self.net(x)


# -- other ways forward -------------------------------------------------------------------------------------------


class Checkpointed(Around):
    def forward(self, x):
        return checkpoint(self.net, x, use_reentrant=False)


class Mapped(Around):
    def forward(self, x):
        return torch.vmap(self.net)(x)


class Derivative(nn.Module):
    """Asks for its own derivative, as a network does that learns a differential equation."""

    def __init__(self):
        super().__init__()
        self.net = plain(nn.Tanh())

    def forward(self, x):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            outputs = self.net(x)
            (slope,) = torch.autograd.grad(outputs.sum(), x, create_graph=True)
        return outputs + 0.01 * slope.norm(dim=1, keepdim=True)


class Compiled(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.compile(plain(), backend="eager")

    def forward(self, x):
        return self.net(x)


class Delegating(Around):
    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("net"), name)


class FrozenNorm(nn.Module):
    """Keeps batch normalization as it is, in training too."""

    def __init__(self):
        super().__init__()
        self.net = plain(nn.BatchNorm1d(16), nn.ReLU())

    def train(self, mode=True):
        super().train(mode)
        self.net[1].eval()
        return self

    def forward(self, x):
        return self.net(x)
