"""Contrastive divergence: one optimizer step a batch, down the difference of two free energies.

The gradient of the mean free energy of the data, less that of a sample that the machine made of them, is the rule of
Hinton (2002): pairwise statistics of the sample less those of the data, with probabilities for the hidden units in
both. What is reported is the loss between the inputs and their reconstruction after one step of sampling.
"""

from __future__ import annotations

import torch
from torch import Tensor

from logbook.training.models.rbm import RestrictedBoltzmannMachine

__all__ = ["contrast", "sample"]


@torch.no_grad()
def sample(machine: RestrictedBoltzmannMachine, data: Tensor, *, k: int, sample_visible: bool) -> tuple[Tensor, Tensor]:
    """Return the reconstruction [N, visible] of the data after one step, and the sample that is learnt against.

    Hidden states are drawn, from torch's global generator; visible ones are drawn only where `sample_visible` says
    so. A machine with a chain goes on from there, `k` steps, and leaves it where it comes to.
    """
    reconstruction = _down(machine, machine.hidden_probabilities(data))
    is_persistent = machine.chain is not None
    negative = _visible(machine, reconstruction, sample_visible) if machine.chain is None else machine.chain
    for _ in range(k if is_persistent else k - 1):
        negative = _visible(machine, _down(machine, machine.hidden_probabilities(negative)), sample_visible)
    if machine.chain is not None:
        machine.chain.copy_(negative)
    return reconstruction, negative


def contrast(machine: RestrictedBoltzmannMachine, data: Tensor, negative: Tensor) -> Tensor:
    """Return the mean free energy of the data less that of the sample: its gradient is that of the rule."""
    return machine.free_energy(data).mean() - machine.free_energy(negative).mean()


def _down(machine: RestrictedBoltzmannMachine, probabilities: Tensor) -> Tensor:
    """Draw hidden states and return the visible units' means given them."""
    return machine.visible_mean(torch.bernoulli(probabilities))


def _visible(machine: RestrictedBoltzmannMachine, mean: Tensor, is_drawn: bool) -> Tensor:
    if not is_drawn:
        return mean
    return torch.bernoulli(mean) if machine.visible == "binary" else mean + torch.randn_like(mean)
