"""Training rows that stand out: where the losses are lost, these are the rows to look at first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from logbook.training.data import Split
from logbook.training.parts import Parts, autocast, outputs_of
from logbook_schemas.records.measures import ExtremeRow

__all__ = ["Extremes", "extreme_rows"]

_ROWS = 20_000
"""Rows whose inputs and targets are looked at: a shuffled sample of a larger split."""

_WITH_LOSS = 500
"""Rows whose own loss is measured, one call of the loss a row: some 20 ms."""

_NAMED = 5


@dataclass(frozen=True)
class Extremes:
    """Up to five rows, those of the largest loss first, and what is usual of the losses and the largest inputs."""

    rows: tuple[ExtremeRow, ...]
    typical_loss: float | None
    typical_input: float | None

    @property
    def ratio(self) -> float | None:
        """The largest loss of a row over the median; infinite where it isn't finite, None where the median is 0."""
        if not self.rows or not self.typical_loss:
            return None
        largest = self.rows[0].loss
        return math.inf if largest is None else largest / self.typical_loss


@torch.no_grad()
def extreme_rows(parts: Parts, split: Split) -> Extremes | None:
    """Return the training rows of the largest losses and the largest inputs, in evaluation mode.

    None for rows that are read one by one from a Dataset, and for tokens, which have no size.
    """
    if split.inputs is None or split.targets is None or not split.inputs.is_floating_point() or not len(split):
        return None
    sample = torch.randperm(len(split), generator=torch.Generator().manual_seed(0))[:_ROWS]
    places = sample.to(split.inputs.device)
    inputs, targets = split.inputs.index_select(0, places), split.targets.index_select(0, places)
    largest = _largest(inputs)
    largest_target = _largest(targets) if targets.is_floating_point() else None
    # What is largest must be among the few whose loss is measured.
    top = largest.topk(min(_NAMED, len(largest))).indices
    rest = torch.ones(len(largest), dtype=torch.bool, device=top.device).index_fill(0, top, False)
    chosen = torch.cat([top, rest.nonzero().flatten()])[:_WITH_LOSS]
    losses = _losses(parts, inputs[chosen], targets[chosen])
    order = _gravest(losses, largest[chosen])[:_NAMED]
    rows = [
        ExtremeRow(
            row=int(split.rows[int(places[chosen[index]])]),
            loss=_finite(losses[index]),
            largest_input=_finite(largest[chosen[index]]),
            largest_target=None if largest_target is None else _finite(largest_target[chosen[index]]),
        )
        for index in order
    ]
    finite = losses[torch.isfinite(losses)]
    return Extremes(
        rows=tuple(rows),
        typical_loss=float(finite.median()) if len(finite) else None,
        typical_input=float(largest.median()),
    )


def _largest(values: Tensor) -> Tensor:
    """Return the largest absolute entry of each row; a NaN counts as larger than any number."""
    return (
        values.float().flatten(1).abs().nan_to_num(nan=torch.inf).amax(1) if values.ndim > 1 else values.abs().float()
    )


def _losses(parts: Parts, inputs: Tensor, targets: Tensor) -> Tensor:
    model = parts.model
    model.eval()
    with autocast(parts.config, parts.device):
        outputs = outputs_of(model, inputs).float()
    return torch.stack([parts.loss(outputs[i : i + 1], targets[i : i + 1]).float() for i in range(len(outputs))])


def _gravest(losses: Tensor, largest: Tensor) -> list[int]:
    """Return places by loss, one that isn't finite first; of equal losses by the largest input. None twice."""
    pairs = list(zip(losses.nan_to_num(nan=torch.inf).tolist(), largest.tolist(), strict=True))
    return sorted(range(len(pairs)), key=lambda index: pairs[index], reverse=True)


def _finite(value: Tensor) -> float | None:
    number = float(value)
    return number if number == number and abs(number) != float("inf") else None
