"""The loop over epochs: train, evaluate, record, keep a checkpoint.

The order at an epoch's end is what makes a crash harmless: first the epoch's record is durable, then the
checkpoint. A crash between the two costs the time of one epoch, never a record. While a record waits for room on a
full disk, the checkpoint stays where it is: resuming from a later one would leave a gap in the record.
"""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager
from typing import Protocol

from logbook.training.checkpoints import LAST, load_checkpoint, mark_best
from logbook.training.ending import end_record
from logbook.training.evaluation import EvaluationStopped, stoppable
from logbook.training.keeping import Keeper
from logbook.training.limits import Limits
from logbook.training.measuring import WeightWatch, broken_epoch, fixed_rows, measure_epoch, monitored, step_series
from logbook.training.own_code import own_code
from logbook.training.preparing import prepare, start_record, unmeasured_monitor
from logbook.training.pretraining_loop import pretrain
from logbook.training.probes.layers import LayerProbe
from logbook.training.probes.replay import Fault, find_fault
from logbook.training.procedures.choice import train_one_epoch
from logbook.training.procedures.steps import EpochSteps
from logbook.training.seeding import set_deterministic
from logbook.training.state import Training
from logbook_schemas.records.measures import EndRecord, EpochRecord, StartRecord, Status

__all__ = ["Sink", "prepare", "start_record", "train"]

LEAST_SCALE = 2.0**-20
"""The scale of float16's loss begins at 2**16 and is halved by each step that overflows. Here 36 steps did, and none
of 2000 in a row passed meanwhile."""


class Sink(Protocol):
    """Where a training's records go, and who may stop it."""

    def start(self, record: StartRecord) -> None:
        """Take the untrained model's record."""

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        """Take an epoch's record; return whether it, and every one before it, is durable."""

    def step(self, epoch: int, step: int, steps: int) -> bool:
        """Hear of a step; return whether to stop after it. Epoch 0 is any of pre-training."""

    def should_stop(self) -> bool:
        """Return whether to stop: asked between two epochs, and between two batches of an evaluation."""

    def breakable(self) -> AbstractContextManager[None]:
        """Return a block in which a stop that is asked for raises KeyboardInterrupt; at its start where one was."""

    def content(self, body: bytes) -> str:
        """Keep bytes that the end record names, and return their name."""

    def message(self, text: str) -> None:
        """Tell the person something that can't wait for the end."""


def train(training: Training, sink: Sink, *, resume: bool = False) -> EndRecord:
    """Train to the end, or until stopped, and return how it ended.

    Raises UserCodeError where the person's code raises. With `resume`, goes on from the last checkpoint.
    """
    job = training.job
    with set_deterministic(job.config.training.deterministic) as determinism:
        training.generators.start()
        if resume and (job.checkpoints / LAST).exists():
            training.restore(load_checkpoint(job.checkpoints / LAST, device=job.device))
            if training.progress.best_epoch == training.progress.epoch:
                mark_best(job.checkpoints)  # a crash may have come between the two
        if reason := unmeasured_monitor(job):
            sink.message(f"warning: no epoch will be the best one: {reason}")
        is_stopped = training.is_untrained and not _measure_start(training, sink)
        loop = _Loop(training, sink)  # its clock begins here: measuring the untrained network is no training time
        end = loop.end("interrupted" if is_stopped else loop.run())
        return end.model_copy(update={"nondeterministic": determinism.operations})


def _measure_start(training: Training, sink: Sink) -> bool:
    """Hand over the record of the untrained network; return False where a stop was asked for meanwhile."""
    try:
        with stoppable(sink):
            record = start_record(training)
    except EvaluationStopped:
        return False
    sink.start(record)
    return True


class _Loop:
    """Epoch after epoch, to whichever end."""

    def __init__(self, training: Training, sink: Sink) -> None:
        self.training, self.sink = training, sink
        self.job, self.parts, self.progress = training.job, training.parts, training.progress
        self.config = self.job.config
        self.rows = fixed_rows(self.job)
        self.keeper = Keeper(training, sink.message)
        self.weights = WeightWatch(self.parts.trained)
        self.probe = LayerProbe(self.parts.model) if self.config.diagnostics.every else None
        self.skipped: dict[str, str] = {}
        self.fault: Fault | None = None
        self.is_cut_short = False
        self.began = time.monotonic() - self.progress.seconds
        self.limits = Limits(training, began=self.began)

    def run(self) -> Status:
        """Train epoch after epoch; return the status that it ended with."""
        if self._has_waited_enough():  # a crash may have come between that epoch and the end
            return "early-stopped"
        try:
            return self._phases()
        except EvaluationStopped:
            return "interrupted"

    def end(self, status: Status) -> EndRecord:
        """Return the end record."""
        self.progress.seconds = time.monotonic() - self.began
        skipped = {**self.skipped, **self.keeper.skipped}
        record = end_record(
            self.training,
            status,
            reason=self.limits.reason if status == "finished" else "",
            fault=self.fault,
            skipped=skipped,
            sink=self.sink,
        )
        return record.model_copy(update={"checkpoints": self.keeper.hashes()})

    def _phases(self) -> Status:
        """Pre-train, then train."""
        status, self.fault = pretrain(self.training, self.sink, self.keeper, began=self.began)
        if status is not None:
            return status
        while not self.limits.is_reached:
            if self.sink.should_stop():
                return "interrupted"
            status = self._epoch()
            if status is not None:
                return status
        return "finished"

    def _epoch(self) -> Status | None:
        """Train one epoch, record it, keep a checkpoint; return a status where the run ends with it."""
        began, number = time.monotonic(), self.progress.epoch + 1
        every = self.config.diagnostics.every
        probe = self.probe if every and number % every == 0 else None
        went = self._steps(number, probe)
        if went.nonfinite is not None:
            fault = Fault(step=went.nonfinite, value=str(went.first_nonfinite), epoch=number)
            return self._diverge(fault, went, began)
        if went.stopped and not self.is_cut_short:
            return "interrupted"
        if (overflow := self._overflow(went)) is not None:
            fault = Fault(what="gradient", step=len(went.losses) - 1, value=str(overflow), epoch=number)
            return self._diverge(fault, went, began)
        if (lost := self.weights.lost()) is not None:
            fault = Fault(what="weights", step=len(went.losses) - 1, value=str(lost), epoch=number)
            return self._diverge(fault, went, began)
        self.progress.epoch = number
        self.progress.steps += len(went.losses)
        return self._close(went, probe, began)

    def _steps(self, number: int, probe: LayerProbe | None) -> EpochSteps:
        steps = self.training.course.steps_of(number - 1)
        self.is_cut_short = False

        def after_step(step: int) -> bool:
            # A signal goes before the clock: a run that was stopped can be resumed.
            if self.sink.step(number, step + 1, steps):
                return True
            self.is_cut_short = self.limits.is_late()
            return self.is_cut_short

        with own_code("training"):
            return train_one_epoch(self.training, after_step=after_step, probe=probe)

    def _overflow(self, went: EpochSteps) -> float | None:
        """Return the norm of the last gradient where none is finite any more, however little the loss is scaled."""
        scaler = self.parts.scaler
        return went.norms[-1] if scaler is not None and scaler.get_scale() < LEAST_SCALE else None

    def _close(self, went: EpochSteps, probe: LayerProbe | None, began: float) -> Status | None:
        """Measure the epoch, record it, keep a checkpoint."""
        with stoppable(self.sink), own_code("evaluation"):
            record = measure_epoch(self.training, went, self.rows, probe=probe, should_stop=self.sink.should_stop)
        if probe is not None:
            self.skipped |= probe.skipped
        is_best = self._rank(record)
        record = record.model_copy(update={"seconds": time.monotonic() - began})
        is_durable = self.sink.epoch(record, self._series(went), is_best=is_best)
        self.progress.seconds = time.monotonic() - self.began
        if is_durable:
            self.keeper.keep(is_best=is_best)
        if record.val_loss is not None and not math.isfinite(record.val_loss):
            self.fault = Fault(what="validation loss", value=str(record.val_loss), epoch=record.epoch)
            return "diverged"
        return "early-stopped" if self._has_waited_enough() else None

    def _rank(self, record: EpochRecord) -> bool:
        """Hold an epoch against the best so far; return whether it is better."""
        monitor, stopping = self.config.monitor, self.config.training.early_stopping
        value = monitored(record, monitor.metric)
        min_delta = stopping.min_delta if stopping is not None else 0.0
        is_best = self.progress.consider(value, mode=monitor.mode, min_delta=min_delta)
        self.parts.schedule.epoch_end(value)
        return is_best

    def _has_waited_enough(self) -> bool:
        stopping = self.config.training.early_stopping
        return stopping is not None and self.progress.stale >= stopping.patience

    def _series(self, went: EpochSteps) -> bytes | None:
        return step_series(went) if self.config.diagnostics.every else None

    def _diverge(self, fault: Fault, went: EpochSteps, began: float) -> Status:
        """Find out where the first value that isn't finite came from, and record the epoch as far as it went.

        A stop that is asked for meanwhile ends the search, by EvaluationStopped: the epoch is then not recorded, and
        resuming comes to the same place again.
        """
        before, step = self.progress.steps, fault.step or 0
        with stoppable(self.sink):
            self.fault = find_fault(self.job, fault, steps_before=before, should_stop=self.sink.should_stop)
        steps = before + (step if fault.what == "loss" else len(went.losses))
        record = broken_epoch(went, fault=self.fault, steps=steps)
        record = record.model_copy(update={"seconds": time.monotonic() - began})
        self.sink.epoch(record, self._series(went), is_best=False)
        return "diverged"
