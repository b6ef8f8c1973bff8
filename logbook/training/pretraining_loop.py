"""The epochs of the phase `pretrain`: trained, recorded, and kept in a checkpoint like those of training."""

from __future__ import annotations

import math
import time
from statistics import median
from typing import TYPE_CHECKING

from logbook.training.evaluation import stoppable
from logbook.training.keeping import Keeper
from logbook.training.measuring import step_series
from logbook.training.own_code import own_code
from logbook.training.pretraining import Pretraining
from logbook.training.probes.replay import Fault
from logbook.training.procedures.steps import EpochSteps
from logbook.training.state import Training
from logbook_schemas.records.measures import EpochRecord, Status

if TYPE_CHECKING:
    from logbook.training.trainer import Sink

__all__ = ["pretrain"]


def pretrain(training: Training, sink: Sink, keeper: Keeper, *, began: float) -> tuple[Status | None, Fault | None]:
    """Pre-train what is left to pre-train; return a status where the run ends with it, and the fault behind it.

    `began` is the moment, on the monotonic clock, from which the run's seconds count. Raises EvaluationStopped where a
    stop is asked for while it evaluates.
    """
    work = training.pretraining
    while work is not None and not work.is_over:
        if sink.should_stop():
            return "interrupted", None
        status, fault = _epoch(training, work, sink, keeper, began)
        if status is not None:
            return status, fault
    return None, None


def _epoch(
    training: Training, work: Pretraining, sink: Sink, keeper: Keeper, began: float
) -> tuple[Status | None, Fault | None]:
    at, loaded, number = time.monotonic(), training.job.loaded, work.done + 1
    steps = work.steps(loaded.train)
    with own_code("pre-training"):
        went = work.train_epoch(
            loaded.train, training.generators, after_step=lambda step: sink.step(0, step + 1, steps)
        )
    if went.stopped:
        return "interrupted", None
    is_finite = went.nonfinite is None
    validated = None
    if is_finite and loaded.validation is not None:
        with stoppable(sink):
            validated = work.evaluate(loaded.validation)
    record = _record(
        work, went, number, steps * (number - 1) + (steps if is_finite else went.nonfinite or 0), validated
    )
    record = record.model_copy(update={"seconds": time.monotonic() - at})
    series = step_series(went) if training.job.config.diagnostics.every else None
    is_durable = sink.epoch(record, series, is_best=False)
    if not is_finite:
        layer, value = f"{work.layer_of(number)} (pretraining)", str(went.first_nonfinite)
        return "diverged", Fault(value=value, epoch=number, step=record.steps + 1, layer=layer)
    if validated is not None and not math.isfinite(validated):
        return "diverged", Fault(what="validation loss", value=str(validated), epoch=number)
    work.done = number
    training.progress.seconds = time.monotonic() - began
    if is_durable:
        keeper.keep(is_best=False)
    return None, None


def _record(work: Pretraining, went: EpochSteps, number: int, steps: int, validated: float | None) -> EpochRecord:
    return EpochRecord(
        phase="pretrain",
        epoch=number,
        steps=steps,
        train_loss=went.mean(went.losses),
        val_loss=validated,
        lr=work.section.lr,
        gradient_norm=median(went.norms) if went.norms else None,
        extra={"layer": work.layer_of(number), "epochs": work.epochs},
    )
