"""A regression's predictions, output by output, in original units."""

from __future__ import annotations

from typing import assert_never

import torch
from torch import Tensor

from logbook.training.data import LoadedData
from logbook.training.evaluation import Evaluated
from logbook.training.parts import Parts
from logbook_schemas.config.losses import L1, Huber, Loss, Mse
from logbook_schemas.records.measures import OutputRecord

__all__ = ["MAX_OUTPUTS", "output_records"]

MAX_OUTPUTS = 100
"""More outputs of a regression are an image or a curve, and single ones say little."""


@torch.no_grad()
def output_records(parts: Parts, loaded: LoadedData, evaluated: Evaluated) -> tuple[OutputRecord, ...]:
    """Return one record for each output of a regression; empty for other tasks, one row, or too many outputs."""
    rows = len(evaluated.targets)
    width = evaluated.targets[0].numel() if rows else 0
    if parts.config.task != "regression" or rows < 2 or not 0 < width <= MAX_OUTPUTS:
        return ()
    outputs, targets = (values.float().reshape(rows, width) for values in (evaluated.outputs, evaluated.targets))
    shares = _loss_shares(parts.config.loss, outputs, targets)
    said, true = (
        loaded.targets.unscale(values.reshape(evaluated.targets.shape)).reshape(rows, width).double().cpu()
        for values in (outputs, targets)
    )
    if not bool(torch.isfinite(said).all() & torch.isfinite(true).all()):
        return ()
    centred = [values - values.mean(0) for values in (said, true)]
    scale = (centred[0].norm(dim=0) * centred[1].norm(dim=0)).tolist()
    products = (centred[0] * centred[1]).sum(0).tolist()
    means = [values.mean(0).tolist() for values in (said, true)]
    stds = [values.std(0, correction=0).tolist() for values in (said, true)]
    return tuple(
        OutputRecord(
            name=str(index),
            prediction_mean=means[0][index],
            prediction_std=stds[0][index],
            target_mean=means[1][index],
            target_std=stds[1][index],
            correlation=products[index] / scale[index] if scale[index] > 0 else None,
            loss_share=shares[index] if shares else None,
        )
        for index in range(width)
    )


def _loss_shares(loss: Loss, outputs: Tensor, targets: Tensor) -> list[float]:
    """Return each output's share of the loss, where that is a mean over outputs; else nothing."""
    if not isinstance(loss, Mse | L1 | Huber):
        return []
    by_output = _elementwise(loss, outputs - targets).double().mean(0)
    whole = float(by_output.sum())
    return [part / whole for part in by_output.tolist()] if 0 < whole < float("inf") else []


def _elementwise(loss: Mse | L1 | Huber, errors: Tensor) -> Tensor:
    match loss:
        case Mse():
            return errors.square()
        case L1():
            return errors.abs()
        case Huber():
            sizes = errors.abs()
            return torch.where(sizes < loss.delta, sizes.square() / 2, loss.delta * (sizes - loss.delta / 2))
        case _:
            assert_never(loss)
