"""How much a recurrent network's outputs still depend on the beginning of a sequence."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from logbook.training.parts import outputs_of
from logbook.training.probes.passes import Passes
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng

__all__ = ["memory"]

_FEWEST_STEPS = 4
"""Shorter sequences have no beginning that is far from their end."""


def memory(passes: Passes) -> float | None:
    """Return the size of the outputs' gradient at the first step of the rows [N, steps, …] over that at the last.

    None for a network without a recurrent layer, for tokens, and where the last step has no gradient.
    """
    inputs, model = passes.inputs, passes.model
    if not _is_recurrent(model) or not inputs.is_floating_point() or inputs.dim() != 3:
        return None
    if inputs.shape[1] < _FEWEST_STEPS:
        return None
    with untouched(model, inputs.device), torch.enable_grad(), isolated_rng(0):
        model.eval()
        rows = inputs.detach().clone().requires_grad_()
        outputs = outputs_of(model, rows)
        # Each output counts with a sign of its own, so that probabilities don't add up to a constant.
        signs: Tensor = torch.where(torch.arange(outputs[0].numel(), device=outputs.device) % 2 == 0, 1.0, -1.0)
        (gradient,) = torch.autograd.grad((outputs.flatten(1) * signs).sum(), rows)
    first, last = float(gradient[:, 0].norm()), float(gradient[:, -1].norm())
    return first / last if last > 0 else None


def _is_recurrent(model: nn.Module) -> bool:
    return any(isinstance(module, nn.RNNBase | nn.RNNCellBase) for module in model.modules())
