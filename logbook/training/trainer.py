"""The loop over epochs: train, evaluate, record, keep a checkpoint; and how a training ends.

The order at an epoch's end is what makes a crash harmless: first the epoch's record is durable, then the
checkpoint. A crash between the two costs the time of one epoch, never a record. While a record waits for room on a
full disk, the checkpoint stays where it is: resuming from a later one would leave a gap in the record.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

import torch

from logbook.errors import ConfigError
from logbook.training.checkpoints import BEST, LAST, load_checkpoint, mark_best, save_checkpoint
from logbook.training.data.batches import Batch
from logbook.training.evaluation import Evaluated, evaluate, evaluate_batches, measure
from logbook.training.feeding import epoch_batches, probe_batch
from logbook.training.own_code import own_code
from logbook.training.probes.layers import LayerProbe
from logbook.training.probes.predictions import class_table, prediction_rows
from logbook.training.probes.replay import Fault, find_fault
from logbook.training.probes.start import probe_start
from logbook.training.probes.untouched import untouched
from logbook.training.procedures.standard import EpochSteps, train_epoch
from logbook.training.seeding import set_deterministic
from logbook.training.state import Job, Training, steps_per_epoch, weights_hash
from logbook_schemas.records.measures import EndRecord, EpochRecord, StartRecord, Status
from logbook_schemas.records.series import pack_series

__all__ = ["Sink", "prepare", "start_record", "train"]

PROBE_ROWS = 512
"""Rows of the fixed training subsample on which epochs are probed: enough for a unit that is 0 on all of them to be
dead (256 are asked for), and little beside an epoch."""


class Sink(Protocol):
    """Where a training's records go, and who may stop it."""

    def start(self, record: StartRecord) -> None:
        """Take the untrained model's record."""

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        """Take an epoch's record; return whether it, and every one before it, is durable."""

    def step(self, epoch: int, step: int, steps: int) -> bool:
        """Hear of a step; return whether to stop after it."""

    def should_stop(self) -> bool:
        """Return whether to stop between two epochs."""

    def message(self, text: str) -> None:
        """Tell the person something that can't wait for the end."""


def prepare(job: Job) -> Training:
    """Build what trains; raises ConfigError for a config that can't be built, UserCodeError for the person's code."""
    _refuse_unmeasured_monitor(job)
    with own_code("building the model"):
        training = Training.fresh(job)
    _refuse_monitor_upside_down(training)
    return training


def _refuse_monitor_upside_down(training: Training) -> None:
    """Raise ConfigError where the best epoch by the config would be the worst by the metric's own word."""
    monitor = training.job.config.monitor
    for metric in training.metrics:
        if metric.name == monitor.metric and metric.mode != monitor.mode:
            better = "lower" if metric.mode == "min" else "higher"
            raise ConfigError(
                f"monitor.mode is {monitor.mode!r}, but {better} is better for {metric.name}; set monitor.mode to"
                f" {metric.mode!r}"
            )


def _refuse_unmeasured_monitor(job: Job) -> None:
    """Raise ConfigError where something waits for a number that is never measured: it would act on nothing."""
    config, metric = job.config, job.config.monitor.metric
    if job.loaded.validation is not None or metric in ("train_loss", "train_loss_eval"):
        return
    if config.training.early_stopping is not None:
        watcher = "training.early_stopping"
    elif config.schedule.kind == "plateau":
        watcher = "schedule.kind 'plateau'"
    else:
        return
    raise ConfigError(
        f"{watcher} watches {metric}, which is measured on a validation split, and there is none;"
        " set data.split.validation, or monitor.metric to 'train_loss_eval'"
    )


def start_record(training: Training) -> StartRecord:
    """Return what the untrained model does with the probe batch."""
    job, parts = training.job, training.parts
    with own_code("the first batch"):
        return probe_start(
            job.config,
            parts.model,
            parts.loss,
            parts.optimizer,
            _probe_batch(job),
            classes=len(job.loaded.classes),
        )


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
        loop = _Loop(training, sink)
        if training.progress.epoch == 0:
            sink.start(start_record(training))
        end = loop.end(loop.run())
        return end.model_copy(update={"nondeterministic": determinism.operations})


@dataclass
class _Loop:
    training: Training
    sink: Sink
    fault: Fault | None = None
    probe: Batch = field(init=False)

    def __post_init__(self) -> None:
        self.job, self.parts, self.progress = self.training.job, self.training.parts, self.training.progress
        self.config, self.loaded = self.job.config, self.job.loaded
        self.probe = _probe_batch(self.job)
        self.began = time.monotonic() - self.progress.seconds

    def run(self) -> Status:
        """Train epoch after epoch; return the status that it ended with."""
        if self._has_waited_enough():  # a crash may have come between that epoch and the end
            return "early-stopped"
        while self.progress.epoch < self.config.training.epochs:
            if self.sink.should_stop():
                return "interrupted"
            status = self.epoch()
            if status is not None:
                return status
        return "finished"

    def epoch(self) -> Status | None:
        """Train one epoch, record it, keep a checkpoint; return a status where the run ends with it."""
        began, number = time.monotonic(), self.progress.epoch + 1
        every = self.config.diagnostics.every
        probe = LayerProbe(self.parts.model) if every and number % every == 0 else None
        steps = steps_per_epoch(self.job)
        with own_code("training"):
            went = train_epoch(
                self.parts,
                epoch_batches(self.config, self.loaded.train, self.training.generators, self.job.device),
                steps=steps,
                after_step=lambda step: self.sink.step(number, step + 1, steps),
                probe=probe,
            )
        if went.nonfinite is not None:
            return self._diverge(number, went, began)
        if went.stopped:
            return "interrupted"
        self.progress.epoch = number
        self.progress.steps += len(went.losses)
        return self._close_epoch(went, probe, began)

    def _close_epoch(self, went: EpochSteps, probe: LayerProbe | None, began: float) -> Status | None:
        with own_code("evaluation"):
            evaluated = evaluate(self.parts, self.loaded.validation) if self.loaded.validation is not None else None
            train_eval = self._probe_forward(probe)
            record = self._record(went, evaluated, train_eval, probe)
        monitor = self.config.monitor
        value = monitored(record, monitor.metric)
        stopping = self.config.training.early_stopping
        is_best = self.progress.consider(
            value, mode=monitor.mode, min_delta=stopping.min_delta if stopping is not None else 0.0
        )
        self.parts.schedule.epoch_end(value)
        record = record.model_copy(update={"seconds": time.monotonic() - began})
        is_durable = self.sink.epoch(record, self._kept_series(went), is_best=is_best)
        self.progress.seconds = time.monotonic() - self.began
        if is_durable:
            self._keep_checkpoint(is_best=is_best)
        if evaluated is not None and not _is_finite(evaluated.loss):
            self.fault = Fault(step=self.progress.steps, layer=None, value=str(evaluated.loss))
            return "diverged"
        return "early-stopped" if self._has_waited_enough() else None

    def _has_waited_enough(self) -> bool:
        stopping = self.config.training.early_stopping
        return stopping is not None and self.progress.stale >= stopping.patience

    def _keep_checkpoint(self, *, is_best: bool) -> None:
        """Write the checkpoint; without room for it the training goes on, and the older one stays."""
        try:
            save_checkpoint(self.job.checkpoints / LAST, self.training.checkpoint())
            if is_best:
                mark_best(self.job.checkpoints)
        except OSError as error:
            self.sink.message(
                f"NO CHECKPOINT of epoch {self.progress.epoch}: {error.strerror or error} ({self.job.checkpoints});"
                " training goes on, and would resume from an earlier epoch"
            )

    def _kept_series(self, went: EpochSteps) -> bytes | None:
        return _series(went) if self.config.diagnostics.every else None

    def _probe_forward(self, probe: LayerProbe | None) -> Evaluated:
        """Evaluate the fixed training subsample, and measure the activations on the way."""
        with untouched(self.parts.model, self.job.device):
            if probe is None:
                return evaluate_batches(self.parts, iter([self.probe]))
            with probe.activations():
                return evaluate_batches(self.parts, iter([self.probe]))

    def _record(
        self, went: EpochSteps, evaluated: Evaluated | None, train_eval: Evaluated, probe: LayerProbe | None
    ) -> EpochRecord:
        if probe is not None:
            probe.weights()
        counts, recall = ((), ()) if evaluated is None else self._classes(evaluated)
        return EpochRecord(
            epoch=self.progress.epoch,
            steps=self.progress.steps,
            train_loss=went.mean(went.losses),
            train_regularization=went.mean(went.penalties) if self.parts.penalty is not None else None,
            train_loss_eval=train_eval.loss,
            val_loss=None if evaluated is None else evaluated.loss,
            metrics={} if evaluated is None else measure(self.training.metrics, evaluated),
            lr=_known(went.rates[-1]),
            predicted_counts=counts,
            class_recall=recall,
            clip_share=_share(went.clipped) if self.config.gradients.clip.kind != "none" else None,
            gradient_norm=median(went.norms),
            layers=probe.records() if probe is not None else (),
        )

    def _classes(self, evaluated: Evaluated) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
        return class_table(self.config, evaluated.outputs, evaluated.targets, len(self.loaded.classes))

    def _diverge(self, number: int, went: EpochSteps, began: float) -> Status:
        """Record the epoch as far as it went, and find out where the first value that isn't finite came from."""
        step = went.nonfinite or 0
        before = self.progress.steps
        self.fault = find_fault(self.job, epoch=number, step=step, value=went.losses[step], steps_before=before)
        record = EpochRecord(
            epoch=number,
            steps=before + step,
            train_loss=went.mean(went.losses),
            lr=_known(went.rates[-1]) if went.rates else None,
            gradient_norm=median(went.norms) if went.norms else None,
            seconds=time.monotonic() - began,
        )
        self.sink.epoch(record, self._kept_series(went), is_best=False)
        return "diverged"

    def end(self, status: Status) -> EndRecord:
        """Return the end record; a training that ran to its end measures the test split on its best weights."""
        fault = self.fault
        record = EndRecord(
            status=status,
            best_epoch=self.progress.best_epoch,
            best_value=self.progress.best_value,
            seconds=time.monotonic() - self.began,
            nonfinite_step=fault.step if fault else None,
            nonfinite_epoch=fault.epoch if fault else None,
            nonfinite_layer=fault.layer if fault else None,
            nonfinite_value=fault.value if fault else None,
            weights_hash=weights_hash(self.parts.model),
        )
        if status not in ("finished", "early-stopped"):
            return record
        return record.model_copy(update=self._final_measures())

    def _final_measures(self) -> dict[str, object]:
        best = self.job.checkpoints / BEST
        if self.progress.best_epoch is not None and best.exists():
            state = load_checkpoint(best, device=self.job.device)
            if state["progress"]["epoch"] != self.progress.best_epoch:
                return {"skipped": {"test": f"epoch {self.progress.best_epoch}, the best, has no checkpoint"}}
            self.parts.model.load_state_dict(state["model"])
        with own_code("evaluation"):
            return self._measured()

    def _measured(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.loaded.test is not None:
            tested = evaluate(self.parts, self.loaded.test)
            found |= {"test_loss": tested.loss, "test_metrics": measure(self.training.metrics, tested)}
        if self.loaded.validation is not None:
            evaluated = evaluate(self.parts, self.loaded.validation)
            found["predictions"] = prediction_rows(self.config, self.loaded, self.loaded.validation, evaluated)
        return found


def _probe_batch(job: Job) -> Batch:
    """Return the fixed, shuffled subsample of the training split that epochs are probed on."""
    validation = job.loaded.validation
    rows = PROBE_ROWS if validation is None else min(PROBE_ROWS, max(len(validation), 2))
    return probe_batch(job.loaded.train, rows, job.device)


def monitored(record: EpochRecord, metric: str) -> float | None:
    """Return the monitored metric's value of an epoch."""
    if metric in ("train_loss", "val_loss", "train_loss_eval"):
        value: float | None = getattr(record, metric)
        return value
    return record.metrics.get(metric)


def _series(went: EpochSteps) -> bytes:
    steps = len(went.losses)

    def padded(values: list[float]) -> list[float]:
        # The step whose loss isn't finite has no gradient any more.
        return values + [float("nan")] * (steps - len(values))

    return pack_series(
        {
            "loss": went.losses,
            "lr": padded(went.rates),
            "gradient_norm": padded(went.norms),
            "clipped": padded([float(flag) for flag in went.clipped]),
        }
    )


def _known(rate: float) -> float | None:
    """Return the rate; a person's optimizer may have none by that name, which is NaN until here."""
    return None if rate != rate else rate


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _is_finite(value: float) -> bool:
    return bool(torch.isfinite(torch.tensor(value)))
