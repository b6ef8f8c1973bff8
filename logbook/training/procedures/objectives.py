"""What a step makes of a batch: the loss that is reported, and what is minimized, which may be something else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, assert_never

from torch import Tensor, nn

from logbook.training.models.rbm import RestrictedBoltzmannMachine
from logbook.training.parts import Parts, outputs_of
from logbook.training.procedures.contrastive_divergence import contrast, sample
from logbook_schemas.config.boltzmann import ContrastiveDivergence
from logbook_schemas.config.metric_learning import Triplets
from logbook_schemas.config.training import StandardProcedure

__all__ = ["Objective", "objective_of", "supervised"]

Objective: TypeAlias = Callable[[Parts, Tensor, Tensor], tuple[Tensor, Tensor]]
"""(parts, inputs, targets) -> (loss to report, value to minimize)"""


def objective_of(procedure: StandardProcedure | Triplets | ContrastiveDivergence) -> Objective:
    """Return what a procedure makes of a batch."""
    match procedure:
        case StandardProcedure() | Triplets():
            return supervised()
        case ContrastiveDivergence():
            return partial(_contrastive, procedure)
        case _:
            assert_never(procedure)


def supervised(forward: Callable[[nn.Module, Tensor], Tensor] | None = None) -> Objective:
    """Return the loss as what is reported and minimized; `forward(model, inputs)` makes the outputs, if it is given."""

    def evaluate(parts: Parts, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        outputs = forward(parts.model, inputs) if forward else outputs_of(parts.forward or parts.model, inputs)
        loss = parts.loss(outputs, targets)
        return loss, loss

    return evaluate


def _contrastive(
    procedure: ContrastiveDivergence, parts: Parts, inputs: Tensor, targets: Tensor
) -> tuple[Tensor, Tensor]:
    machine = parts.model
    if not isinstance(machine, RestrictedBoltzmannMachine):
        raise TypeError(f"contrastive divergence trains an rbm, not a {type(machine).__name__}")
    data = inputs.flatten(1)
    made, negative = sample(machine, data, k=procedure.k, sample_visible=procedure.sample_visible)
    return parts.loss(made.reshape(targets.shape), targets), contrast(machine, data, negative)
