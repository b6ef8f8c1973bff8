"""What is measured when an epoch ends, and the record that is made of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from logbook.training.data.batches import Batch
from logbook.training.evaluation import Evaluated, evaluate, evaluate_batches, measure
from logbook.training.feeding import probe_batch
from logbook.training.probes.layers import LayerProbe
from logbook.training.probes.predictions import class_table
from logbook.training.probes.replay import Fault
from logbook.training.probes.untouched import untouched
from logbook.training.procedures.steps import EpochSteps
from logbook.training.state import Job, Training
from logbook.training.token_scores import rows_of_tokens
from logbook.training.triplets import measure_embedding
from logbook_schemas.config.losses import Triplet
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.series import pack_series

__all__ = ["WeightWatch", "broken_epoch", "fixed_rows", "measure_epoch", "monitored", "step_series"]

PROBE_ROWS = 512
"""Rows of the fixed training subsample on which epochs are probed: enough for a unit that is 0 on all of them to be
dead (256 are asked for), and little beside an epoch."""

_FEWEST_STEPS = 4
"""Of fewer losses nothing can be said about how they jump."""


def fixed_rows(job: Job) -> Batch:
    """Return the fixed, shuffled subsample of the training split that epochs are probed on."""
    validation = job.loaded.validation
    rows = PROBE_ROWS if validation is None else min(PROBE_ROWS, max(len(validation), 2))
    batch = job.config.training.batch_size
    if job.config.task == "language-model":
        rows = min(rows, rows_of_tokens(job.loaded.train, PROBE_ROWS if batch == "all" else batch))
    return probe_batch(job.loaded.train, rows, job.device)


def measure_epoch(
    training: Training,
    went: EpochSteps,
    rows: Batch,
    *,
    probe: LayerProbe | None,
    should_stop: Callable[[], bool],
) -> EpochRecord:
    """Evaluate the validation split and the fixed `rows`, and return the record of the epoch that has just ended.

    Raises EvaluationStopped as soon as `should_stop` says so between two batches.
    """
    parts, loaded, progress = training.parts, training.job.loaded, training.progress
    validation = loaded.validation
    evaluated = None if validation is None else evaluate(parts, validation, should_stop=should_stop)
    train_eval = _evaluate_rows(training, rows, probe, should_stop)
    layers = probe.records() if probe is not None else ()
    train_metrics = _own_metrics(training, train_eval)
    record = EpochRecord(
        epoch=progress.epoch,
        steps=progress.steps,
        train_loss=went.mean(went.losses),
        train_regularization=went.mean(went.penalties) if parts.penalty is not None else None,
        train_loss_eval=train_eval.loss,
        train_metrics=train_metrics,
        **_step_losses(went),
        lr=_known(went.rates[-1]),
        clip_share=_share(went.clipped) if parts.config.gradients.clip.kind != "none" else None,
        gradient_norm=median(went.norms),
        layers=layers,
        unchanged=probe.unchanged if probe is not None else (),
        kept_gradients=probe is not None and probe.kept,
        extra=_skipped_steps(training, went),
    )
    if isinstance(parts.config.loss, Triplet):
        size = parts.config.training.rows
        embedding = measure_embedding(parts.config.loss, train_eval.outputs, train_eval.targets, rows=size)
        record = record.model_copy(update={"embedding": embedding})
    if evaluated is None:
        return record
    counts, recall = class_table(parts.config, evaluated.outputs, evaluated.targets, len(loaded.classes))
    found = {"val_loss": evaluated.loss, "metrics": measure(training.metrics, evaluated)}
    return record.model_copy(update={**found, "predicted_counts": counts, "class_recall": recall})


def broken_epoch(went: EpochSteps, *, fault: Fault, steps: int) -> EpochRecord:
    """Return the record of an epoch that broke off at a value that isn't finite, `steps` steps into the run."""
    return EpochRecord(
        epoch=fault.epoch,
        steps=steps,
        train_loss=went.mean(went.losses),
        **_step_losses(went),
        update_ratio=fault.update_ratio,
        row_loss_ratio=fault.extremes.ratio if fault.extremes is not None else None,
        lr=_known(went.rates[-1]) if went.rates else None,
        gradient_norm=median(went.norms) if went.norms else None,
    )


def monitored(record: EpochRecord, metric: str) -> float | None:
    """Return the monitored metric's value of an epoch."""
    if metric in ("train_loss", "val_loss", "train_loss_eval"):
        value: float | None = getattr(record, metric)
        return value
    return record.metrics.get(metric)


def step_series(went: EpochSteps) -> bytes:
    """Return the packed series of an epoch's steps."""
    steps = len(went.losses)

    def padded(values: list[float]) -> list[float]:
        # The step whose loss isn't finite has no gradient any more.
        return values + [math.nan] * (steps - len(values))

    return pack_series(
        {
            "loss": went.losses,
            "lr": padded(went.rates),
            "gradient_norm": padded(went.norms),
            "clipped": padded([float(flag) for flag in went.clipped]),
        }
    )


class WeightWatch:
    """Tells whether a weight that was finite has been lost; one that is infinite on purpose, as in a mask, stays so."""

    def __init__(self, weights: list[Tensor]) -> None:
        kept = [weight for weight in weights if weight.is_floating_point() and weight.numel()]
        sizes = _norms(kept, math.inf)
        self._weights = [weight for weight, size in zip(kept, sizes, strict=True) if math.isfinite(size)]

    def lost(self) -> float | None:
        """Return the NaN or infinity that a weight has become; None while all are finite."""
        # The 2-norm is twenty times as quick (CPU), and overflows only where the largest entry must be asked for.
        if all(map(math.isfinite, _norms(self._weights, 2.0))):
            return None
        return next((size for size in _norms(self._weights, math.inf) if not math.isfinite(size)), None)


@torch.no_grad()
def _norms(weights: list[Tensor], order: float) -> list[float]:
    """Return a norm of each weight, NaN where an entry is NaN, in one read-back."""
    if not weights:
        return []
    norms: list[float] = torch.stack([norm.float() for norm in torch._foreach_norm(weights, order)]).tolist()
    return norms


def _evaluate_rows(
    training: Training, rows: Batch, probe: LayerProbe | None, should_stop: Callable[[], bool]
) -> Evaluated:
    """Evaluate the fixed training subsample, and measure the trained model, layer by layer, on the way."""
    parts = training.parts
    if probe is not None:
        with untouched(parts.model, parts.device):
            with probe.activations():
                found = evaluate_batches(replace(parts, average=None), iter([rows]), should_stop=should_stop)
            probe.weights()
        # The loss is to compare with the validation loss, which is that of the averaged weights.
        if parts.average is None and not _is_fused(parts.model):
            return found
    with untouched(parts.model, parts.device):
        return evaluate_batches(parts, iter([rows]), should_stop=should_stop)


def _is_fused(model: nn.Module) -> bool:
    """Say whether torch evaluates a layer in one fused kernel, and where it is watched step by step."""
    return any(isinstance(module, nn.TransformerEncoderLayer) for module in model.modules())


def _own_metrics(training: Training, found: Evaluated) -> dict[str, float]:
    """Measure our own metrics on the fixed training rows; a person's may take long, and be meant for validation."""
    sections = zip(training.parts.config.metrics, training.metrics, strict=True)
    return measure(tuple(metric for section, metric in sections if section.kind != "python"), found)


def _step_losses(went: EpochSteps) -> dict[str, float]:
    """Return what the losses of an epoch's steps were like: the first, the largest, how they jumped."""
    losses = [loss for loss in went.losses if math.isfinite(loss)]
    if not losses:
        return {}
    found = {"first_step_loss": losses[0], "largest_step_loss": max(losses)}
    size = math.fsum(map(abs, losses)) / len(losses)
    if len(losses) < _FEWEST_STEPS or not size:
        return found
    # Losses may be as large as floats are: their squares would be infinite.
    changes = np.diff(np.array(losses) / size)
    return {**found, "step_fluctuation": float(changes.std()), "step_rising": float((changes > 0).mean())}


def _skipped_steps(training: Training, went: EpochSteps) -> dict[str, int]:
    """Return how many steps a scaler skipped because float16 was too small for their gradient."""
    if training.parts.scaler is None:
        return {}
    return {"skipped_steps": sum(not math.isfinite(norm) for norm in went.norms)}


def _known(rate: float) -> float | None:
    """Return the rate; a person's optimizer may have none by that name, which is NaN until here."""
    return None if rate != rate else rate


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
