"""Restricted Boltzmann machines: binary hidden units; visible units binary, or Gaussian of variance 1.

The energy of a state is -v·b - h·c - h·Wv for binary visible units v, and |v - b|²/2 - h·c - h·Wv for Gaussian ones;
the free energy of v has the hidden units summed out. Notation and advice: Hinton, A Practical Guide to Training
Restricted Boltzmann Machines (2010).
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.training.data import Split
from logbook.training.feeding import probe_batch
from logbook_schemas.config.boltzmann import ContrastiveDivergence, Rbm, VisibleUnits
from logbook_schemas.config.model import Model
from logbook_schemas.config.training import Procedure

__all__ = ["BIAS_ROWS", "RestrictedBoltzmannMachine", "build_rbm", "fit_biases"]

BIAS_ROWS = 10_000
"""Training rows whose mean the visible biases are fitted to, at most."""

_SHARE = 1e-2
"""Means of binary units are kept so far from 0 and 1: a pixel that is never set would have a bias without bound."""


class RestrictedBoltzmannMachine(nn.Module):
    """A machine whose parameters are `weight` [hidden, visible], `hidden_bias` and `visible_bias`.

    Called with inputs, it gives their reconstruction. `chain` [rows, visible] is where persistent sampling stands, at
    first 0; None where sampling begins at the data.
    """

    chain: Tensor | None

    def __init__(self, weight: Tensor, hidden_bias: Tensor, *, visible: VisibleUnits, chain_rows: int = 0) -> None:
        super().__init__()
        self.weight, self.hidden_bias = weight, hidden_bias
        self.visible_bias = nn.Parameter(torch.zeros(weight.shape[1], device=weight.device))
        self.visible = visible
        self.register_buffer("chain", torch.zeros(chain_rows, weight.shape[1]) if chain_rows else None)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the mean of the visible units [N, ...] given the hidden units' probabilities: nothing is drawn."""
        visible = inputs.flatten(1)
        return self.visible_mean(self.hidden_probabilities(visible)).reshape(inputs.shape)

    def hidden_probabilities(self, visible: Tensor) -> Tensor:
        """Return p(h = 1 | v) [N, hidden] of visible states [N, visible]."""
        return torch.sigmoid(functional.linear(visible, self.weight, self.hidden_bias))

    def visible_mean(self, hidden: Tensor) -> Tensor:
        """Return the mean of p(v | h) [N, visible] of hidden states [N, hidden]."""
        mean = functional.linear(hidden, self.weight.t(), self.visible_bias)
        return torch.sigmoid(mean) if self.visible == "binary" else mean

    def free_energy(self, visible: Tensor) -> Tensor:
        """Return the free energy [N] of visible states [N, visible]."""
        hidden = functional.softplus(functional.linear(visible, self.weight, self.hidden_bias)).sum(1)
        if self.visible == "binary":
            return -(visible @ self.visible_bias) - hidden
        return (visible - self.visible_bias).square().sum(1) / 2 - hidden

    @torch.no_grad()
    def bias_to(self, inputs: Tensor) -> None:
        """Set the visible biases so that, without hidden units, the mean is that of `inputs` [N, ...] (Hinton, 8.1)."""
        mean = inputs.flatten(1).float().mean(0)
        if self.visible == "binary":
            mean = torch.logit(mean.clamp(_SHARE, 1 - _SHARE))
        self.visible_bias.copy_(mean)


def build_rbm(
    section: Rbm,
    *,
    input_shape: tuple[int, ...],
    procedure: Procedure,
    batch_size: int,
    generator: torch.Generator,
) -> RestrictedBoltzmannMachine:
    """Return the machine with weights drawn from `generator` and biases of 0."""
    weight = nn.Parameter(torch.empty(section.hidden, prod(input_shape)))
    nn.init.normal_(weight, 0.0, section.std, generator=generator)
    is_persistent = isinstance(procedure, ContrastiveDivergence) and procedure.persistent
    return RestrictedBoltzmannMachine(
        weight,
        nn.Parameter(torch.zeros(section.hidden)),
        visible=section.visible,
        chain_rows=batch_size if is_persistent else 0,
    )


def fit_biases(section: Model, model: nn.Module, train: Split, device: torch.device) -> None:
    """Fit the visible biases of an rbm to the training split, where the config says so; other models stay."""
    if isinstance(section, Rbm) and section.visible_bias == "data" and isinstance(model, RestrictedBoltzmannMachine):
        model.bias_to(probe_batch(train, BIAS_ROWS, device)[0])
