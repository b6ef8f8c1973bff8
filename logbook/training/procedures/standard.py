"""Minibatches, one optimizer step each.

Nothing in a step waits for the device: losses and gradient norms go into vectors that live there. On the CPU,
where reading is free, a loss that isn't finite stops the epoch at its step; on an accelerator the vector is
copied back while training goes on, and the stop comes a few dozen steps later. The step is exact either way.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import assert_never

import torch
from torch import Tensor, nn

from logbook.errors import UserCodeError
from logbook.training.data.batches import Batch
from logbook.training.gradients import gradient_entries
from logbook.training.models.rbm import RestrictedBoltzmannMachine
from logbook.training.probes.layers import LayerProbe
from logbook.training.procedures.contrastive_divergence import contrast, sample
from logbook.training.schedules import Schedule
from logbook_schemas.config.boltzmann import ContrastiveDivergence
from logbook_schemas.config.gradients import ClipNorm, ClipValue
from logbook_schemas.config.metric_learning import Triplets
from logbook_schemas.config.run import RunConfig
from logbook_schemas.config.training import Procedure, StandardProcedure

__all__ = ["EpochSteps", "Parts", "autocast", "outputs_of", "train_epoch"]

_READ_EVERY = 32
"""Steps between two looks at an accelerator's losses: well under a second of steps, and rarely a wait."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a training step is made of. `penalty` is None where there is no regularization term."""

    config: RunConfig
    device: torch.device
    model: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]
    penalty: Callable[[nn.Module], Tensor] | None
    optimizer: torch.optim.Optimizer
    schedule: Schedule

    @property
    def trained(self) -> list[Tensor]:
        """The parameters that the optimizer moves."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]


@dataclass(frozen=True, kw_only=True)
class EpochSteps:
    """The steps of one epoch as they went. `stopped` says that it was asked to stop before its end."""

    losses: list[float]
    penalties: list[float]
    weights: list[int]
    rates: list[float]
    norms: list[float]
    clipped: list[bool]
    stopped: bool = False

    @property
    def nonfinite(self) -> int | None:
        """The first step, from 0, whose loss or penalty isn't finite."""
        pairs = zip(self.losses, self.penalties, strict=True)
        return next((step for step, pair in enumerate(pairs) if not all(map(math.isfinite, pair))), None)

    def mean(self, values: list[float]) -> float:
        """Return the mean over the epoch's examples."""
        total = sum(self.weights)
        return math.fsum(v * w for v, w in zip(values, self.weights, strict=True)) / total if total else math.nan


def autocast(config: RunConfig, device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Return the context of a forward pass in the config's precision."""
    if config.training.precision.kind == "bfloat16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()


def outputs_of(model: nn.Module, inputs: Tensor) -> Tensor:
    """Return what a model says of a batch; raises UserCodeError where that isn't one tensor."""
    outputs = model(inputs)
    if isinstance(outputs, Tensor):
        return outputs
    raise UserCodeError(
        f"the model returned an object of type {type(outputs).__name__}; its forward must return one tensor,"
        " the outputs of the batch [N, …]"
    )


def train_epoch(
    parts: Parts,
    batches: Iterator[Batch],
    *,
    steps: int,
    after_step: Callable[[int], bool],
    probe: LayerProbe | None = None,
    watch: Callable[[int, str], None] | None = None,
) -> EpochSteps:
    """Train one epoch of `steps` batches and return how it went.

    `after_step(step)` is called after each and says whether to stop. `probe` measures at the last step.
    `watch(step, moment)` is called after each backward pass and each update, for replays.
    """
    parts.model.train()
    trained, objective = parts.trained, objective_of(parts.config.training.procedure)
    record = _Record(parts.device)
    stopped = False
    for step, (inputs, targets) in enumerate(batches):
        parts.optimizer.zero_grad(set_to_none=True)
        with autocast(parts.config, parts.device):
            loss, minimized = objective(parts, inputs, targets)
        penalty = parts.penalty(parts.model) if parts.penalty is not None else None
        record.put(loss, penalty, len(targets))
        if record.sees_nonfinite():
            break
        torch.autograd.backward(minimized if penalty is None else minimized + penalty)
        norm = _norm(trained)
        record.put_step(_rate(parts.optimizer), norm, _clip(parts.config, trained, norm))
        measures = probe is not None and step == steps - 1
        if probe is not None and measures:
            probe.before_update()
        if watch is not None:
            watch(step, "gradient")
        parts.optimizer.step()
        if probe is not None and measures:
            probe.after_update()
        if watch is not None:
            watch(step, "weight")
        parts.schedule.step()
        if after_step(step):
            stopped = step < steps - 1
            break
    return record.read(stopped=stopped)


def objective_of(procedure: Procedure) -> Callable[[Parts, Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return what a procedure makes of a batch: the loss to report, and what to minimize."""
    match procedure:
        case StandardProcedure() | Triplets():
            return _supervised
        case ContrastiveDivergence():
            return partial(_contrastive, procedure)
        case _:
            assert_never(procedure)


def _supervised(parts: Parts, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    loss = parts.loss(outputs_of(parts.model, inputs), targets)
    return loss, loss


def _contrastive(
    procedure: ContrastiveDivergence, parts: Parts, inputs: Tensor, targets: Tensor
) -> tuple[Tensor, Tensor]:
    machine = parts.model
    if not isinstance(machine, RestrictedBoltzmannMachine):
        raise TypeError(f"contrastive divergence trains an rbm, not a {type(machine).__name__}")
    data = inputs.flatten(1)
    made, negative = sample(machine, data, k=procedure.k, sample_visible=procedure.sample_visible)
    return parts.loss(made.reshape(targets.shape), targets), contrast(machine, data, negative)


def _rate(optimizer: torch.optim.Optimizer) -> float:
    """Return the learning rate of the first group; NaN where a person's optimizer has none by that name."""
    return float(optimizer.param_groups[0].get("lr", math.nan))


@torch.no_grad()
def _norm(parameters: list[Tensor]) -> Tensor:
    """Return the 2-norm of the gradient over all parameters, on the device."""
    gradients = gradient_entries(parameters)
    if not gradients:
        return torch.zeros(())
    total: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return total


@torch.no_grad()
def _clip(config: RunConfig, parameters: list[Tensor], norm: Tensor) -> Tensor | bool:
    """Clip gradients in place as the config says; return whether that changed anything, on the device."""
    clip = config.gradients.clip
    gradients = [entries for entries in gradient_entries(parameters) if entries.numel()]
    if not gradients:
        return False
    if isinstance(clip, ClipNorm):
        factor = (clip.max_norm / (norm + 1e-6)).clamp(max=1.0)
        torch._foreach_mul_(gradients, factor)
        return factor < 1
    if isinstance(clip, ClipValue):
        beyond = torch.stack([gradient.abs().max() for gradient in gradients]).max() > clip.max_value
        torch._foreach_clamp_min_(gradients, -clip.max_value)
        torch._foreach_clamp_max_(gradients, clip.max_value)
        return beyond
    return False


class _Record:
    """Collects the numbers of an epoch's steps without making the host wait for the device."""

    def __init__(self, device: torch.device) -> None:
        self.is_host = device.type == "cpu"
        self.losses: list[Tensor | float] = []
        self.penalties: list[Tensor | float] = []
        self.weights: list[int] = []
        self.rates: list[float] = []
        self.norms: list[Tensor] = []
        self.clipped: list[Tensor | bool] = []
        self._pending: tuple[Tensor, torch.cuda.Event] | None = None

    def put(self, loss: Tensor, penalty: Tensor | None, examples: int) -> None:
        self.losses.append(float(loss.detach()) if self.is_host else loss.detach())
        extra: Tensor | float = 0.0 if penalty is None else penalty.detach()
        self.penalties.append(float(extra) if self.is_host else extra)
        self.weights.append(examples)

    def put_step(self, rate: float, norm: Tensor, clipped: Tensor | bool) -> None:
        self.rates.append(rate)
        self.norms.append(norm)
        self.clipped.append(clipped)

    def sees_nonfinite(self) -> bool:
        """Say whether a step so far is known to have a loss that isn't finite; never waits for an accelerator."""
        if self.is_host:
            return not (math.isfinite(self.losses[-1]) and math.isfinite(self.penalties[-1]))
        if self._pending is not None and self._pending[1].query():  # type: ignore[no-untyped-call]
            is_finite = bool(self._pending[0])
            self._pending = None
            if not is_finite:
                return True
        if len(self.losses) % _READ_EVERY == 0 and self._pending is None:
            self._pending = self._ask()
        return False

    def _ask(self) -> tuple[Tensor, torch.cuda.Event] | None:
        if not torch.cuda.is_available():  # mps has no events of this kind: the epoch's end finds it
            return None
        recent = [t for t in self.losses[-2 * _READ_EVERY :] if isinstance(t, Tensor)]
        answer = torch.empty((), dtype=torch.bool, pin_memory=True)
        answer.copy_(torch.isfinite(torch.stack(recent).float()).all(), non_blocking=True)
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record()
        return answer, event

    def read(self, *, stopped: bool) -> EpochSteps:
        losses = _numbers(self.losses)
        return EpochSteps(
            losses=losses,
            penalties=_numbers(self.penalties),
            weights=self.weights,
            rates=self.rates,
            norms=_numbers(self.norms),
            clipped=[value > 0 for value in _numbers(self.clipped)],
            stopped=stopped,
        )


def _numbers(values: list[Tensor | float] | list[Tensor] | list[Tensor | bool]) -> list[float]:
    """Return plain numbers, in one read-back for all tensors."""
    tensors = [value.float().reshape(()) for value in values if isinstance(value, Tensor)]
    read = iter(torch.stack(tensors).tolist() if tensors else [])
    return [next(read) if isinstance(value, Tensor) else float(value) for value in values]
