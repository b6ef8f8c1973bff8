"""The outputs of the untrained model: their numbers, what they may be, and how they stand to the targets."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from logbook.training.probes.examples import (
    affine_defect,
    left_training,
    mixing,
    randomness,
    relative_spread,
    uses_batch_statistics,
)
from logbook.training.probes.passes import Passes
from logbook.training.probes.reach import Reach, probe_reach
from logbook_schemas.records.measures import ArrayRecord
from logbook_schemas.records.start import OutputRecord

__all__ = ["probe_outputs", "summary", "sums_to_one"]

_ONE = 1e-4
"""How far a sum of probabilities may be from 1 in float32."""

_ALIKE = 1e-6
"""Relative difference up to which rows of outputs are the same."""

_EDGE = 1e-3
"""How far a target may lie beyond a bound, relative to the bound or 1."""


def probe_outputs(
    passes: Passes,
    loss: Callable[[Tensor, Tensor], Tensor],
    outputs: Tensor,
    targets: Tensor,
    *,
    weight_layers: int,
) -> OutputRecord:
    """Return how outputs [N, …] behave; `passes` probes on the first of their rows."""
    outputs = outputs.detach().float()
    found: dict[str, object] = {"weight_layers": weight_layers}
    reach = Reach()
    with passes.skipping("reach of the outputs"):
        reach = probe_reach(passes)
    with passes.skipping("spread of the outputs"):
        found |= _spread(passes, outputs, reach)
    with passes.skipping("mixed examples"):
        found["mixing"] = mixing(passes)
        found["batch_statistics"] = uses_batch_statistics(passes.model)
    with passes.skipping("randomness in evaluation"):
        found["randomness"], found["random_calls"] = randomness(passes)
        found["left_training"] = left_training(passes.model, passes.inputs.device)
    with passes.skipping("affine network"):
        if weight_layers:
            found["affine_defect"] = affine_defect(passes, low=reach.low, high=reach.high)
    with passes.skipping("outputs"), torch.no_grad():
        found |= _as_probabilities(outputs) | _at_bounds(outputs, reach) | _beside_targets(outputs, targets, reach)
    with passes.skipping("loss at the mean inputs"), torch.no_grad():
        found["loss_at_mean"] = _loss_at_mean(passes, loss, targets)
    return OutputRecord(low=reach.low, high=reach.high, constant=reach.constant, **found)


def _spread(passes: Passes, outputs: Tensor, reach: Reach) -> dict[str, object]:
    spread = relative_spread(outputs)
    inputs = passes.inputs
    differ = len(inputs) > 1 and bool((inputs != inputs[:1]).any())
    if spread is None or not differ:
        return {}
    ignores = None if reach.spread is None else max(spread, reach.spread) <= _ALIKE
    return {"spread": spread, "ignores_inputs": ignores}


def _as_probabilities(outputs: Tensor) -> dict[str, object]:
    if outputs.ndim != 2 or len(outputs) < 2:
        return {}
    logs = outputs.shape[1] > 1 and bool((outputs.exp().sum(1) - 1).abs().max() < _ONE)
    columns = any(bool((shares.sum(0) - 1).abs().max() < _ONE) for shares in (outputs, outputs.exp()))
    return {"columns_sum_to_one": columns, "logs_of_probabilities": logs}


def _at_bounds(outputs: Tensor, reach: Reach) -> dict[str, object]:
    bounds = [bound for bound in (reach.low, reach.high) if bound is not None]
    if not bounds:
        return {}
    at = torch.stack([outputs == bound for bound in bounds]).any(0)
    by_column = at.reshape(len(at), -1).all(0)
    return {"share_at_bound": float(at.float().mean()), "columns_at_bound": float(by_column.float().mean())}


def _beside_targets(outputs: Tensor, targets: Tensor, reach: Reach) -> dict[str, object]:
    if targets.numel() != outputs.numel() or not targets.numel():
        return {}
    wanted = targets.reshape(outputs.shape).float()
    low, high = float(wanted.min()), float(wanted.max())
    outside = torch.zeros_like(wanted, dtype=torch.bool)
    if reach.low is not None:
        outside |= wanted < reach.low - _EDGE * max(1.0, abs(reach.low))
    if reach.high is not None:
        outside |= wanted > reach.high + _EDGE * max(1.0, abs(reach.high))
    beyond = (wanted - outputs).square().mean().sqrt() / outputs.square().mean().sqrt().clamp_min(1.0)
    return {
        "target_low": low,
        "target_high": high,
        "targets_outside": float(outside.float().mean()) if (reach.low, reach.high) != (None, None) else None,
        "beyond": float(beyond),
    }


def _loss_at_mean(passes: Passes, loss: Callable[[Tensor, Tensor], Tensor], targets: Tensor) -> float | None:
    inputs = passes.inputs
    if not inputs.is_floating_point():
        return None
    outputs = passes(inputs.mean(0, keepdim=True).expand_as(inputs).contiguous())
    return float(loss(outputs, targets[: len(inputs)]))


@torch.no_grad()
def summary(outputs: Tensor) -> ArrayRecord:
    """Return the numbers of the finite outputs."""
    values = outputs.detach().float()
    finite = values[torch.isfinite(values)]
    if finite.numel() == 0:
        return ArrayRecord(dtype=str(outputs.dtype))
    numbers = torch.stack([finite.mean(), finite.std(correction=0), finite.min(), finite.max()]).tolist()
    return ArrayRecord(
        dtype=str(outputs.dtype).removeprefix("torch."), mean=numbers[0], std=numbers[1], min=numbers[2], max=numbers[3]
    )


@torch.no_grad()
def sums_to_one(outputs: Tensor) -> bool | None:
    """Say whether the outputs are probabilities over classes; None for a single output."""
    values = outputs.detach().float()
    if values.dim() != 2 or values.shape[1] < 2:
        return None
    in_range = ((values >= 0) & (values <= 1)).all()
    return bool(in_range & ((values.sum(1) - 1).abs() < _ONE).all())
