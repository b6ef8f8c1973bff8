"""The end of a stretch of training: the test split measured once, on the best weights, and the end record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from logbook.training.checkpoints import BEST, load_checkpoint
from logbook.training.evaluation import Evaluated, EvaluationStopped, evaluate, measure, stoppable
from logbook.training.measuring import fixed_rows
from logbook.training.own_code import own_code
from logbook.training.preparing import unmeasured_monitor
from logbook.training.probes.images import image_examples
from logbook.training.probes.modes import losses_by_mode
from logbook.training.probes.predictions import prediction_rows
from logbook.training.probes.replay import Fault
from logbook.training.probes.single_outputs import output_records
from logbook.training.probes.verbatim import copied_text
from logbook.training.state import Training, weights_hash
from logbook_schemas.records.measures import EndRecord, Status
from logbook_schemas.records.summary import ENDED

if TYPE_CHECKING:
    from logbook.training.trainer import Sink

__all__ = ["end_record"]


def end_record(
    training: Training,
    status: Status,
    *,
    reason: str = "",
    fault: Fault | None,
    skipped: dict[str, str],
    sink: Sink,
) -> EndRecord:
    """Return the end record; a training that ran to its end measures the test split on its best weights.

    A stop that is asked for while it measures makes it `interrupted`: resuming measures again.
    """
    progress = training.progress
    record = EndRecord(
        status=status,
        reason=reason,
        best_epoch=progress.best_epoch,
        best_value=progress.best_value,
        seconds=progress.seconds,
        weights_hash=weights_hash(training.parts.model),
    )
    if fault is not None:
        found = {"step": fault.step, "epoch": fault.epoch, "layer": fault.layer, "value": fault.value}
        where = {f"nonfinite_{name}": value for name, value in found.items()}
        record = record.model_copy(update={**where, "nonfinite_what": fault.what, **_extremes(fault)})
    skipped = {**skipped, **_why_no_best(training)}
    if status not in ENDED:
        return record.model_copy(update={"skipped": skipped})
    try:
        with stoppable(sink):
            modes = _modes(training)
            measured = _final_measures(training, sink.should_stop, sink.content)
    except EvaluationStopped:
        return record.model_copy(update={"status": "interrupted", "skipped": skipped})
    skipped |= {**modes.pop("skipped", {}), **measured.pop("skipped", {})}
    return record.model_copy(update={**modes, **measured, "skipped": skipped})


def _extremes(fault: Fault) -> dict[str, Any]:
    found = fault.extremes
    if found is None:
        return {}
    return {
        "extreme_rows": found.rows,
        "typical_loss": found.typical_loss,
        "typical_input": found.typical_input,
    }


def _why_no_best(training: Training) -> dict[str, str]:
    """Say why no epoch is the best, where some were trained and none is."""
    progress, metric = training.progress, training.job.config.monitor.metric
    if progress.best_epoch is not None or progress.epoch == 0:
        return {}
    return {"best": unmeasured_monitor(training.job) or f"{metric} was not a number in any epoch"}


def _modes(training: Training) -> dict[str, Any]:
    """Measure the last weights in both modes; whatever the person's model raises there, it has been trained."""
    if training.job.config.task == "metric-learning":  # its batches are put together by class
        return {}
    try:
        losses = losses_by_mode(training.parts, fixed_rows(training.job))
    except Exception as error:
        return {"skipped": {"modes": f"{type(error).__name__}: {error}"}}
    return {} if losses is None else {"loss_train_mode": losses[0], "loss_eval_mode": losses[1]}


def _final_measures(
    training: Training, should_stop: Callable[[], bool], keep: Callable[[bytes], str]
) -> dict[str, Any]:
    """Measure on the best weights; where no epoch is the best, on the last ones, and say so."""
    job, best_epoch = training.job, training.progress.best_epoch
    if best_epoch is None:
        weights = {"final measures": "on the last weights, since no epoch is the best"}
        measured = _measured(training, should_stop, keep)
        return {**measured, "skipped": {**measured.get("skipped", {}), **weights}}
    best = job.checkpoints / BEST
    state = load_checkpoint(best, device=job.device) if best.exists() else None
    if state is not None and state["progress"]["epoch"] == best_epoch:
        training.parts.evaluated.load_state_dict(state["model"])
    elif best_epoch != training.progress.epoch:
        return {"skipped": {"test": f"epoch {best_epoch}, the best, has no checkpoint"}}
    return _measured(training, should_stop, keep)


def _measured(training: Training, should_stop: Callable[[], bool], keep: Callable[[bytes], str]) -> dict[str, Any]:
    parts, loaded = training.parts, training.job.loaded
    found: dict[str, Any] = {}
    evaluated = None
    with own_code("evaluation"):
        if loaded.test is not None:
            tested = evaluate(parts, loaded.test, should_stop=should_stop)
            found |= {"test_loss": tested.loss, "test_metrics": measure(training.metrics, tested)}
        if loaded.validation is not None:
            evaluated = evaluate(parts, loaded.validation, should_stop=should_stop)
            found["predictions"] = prediction_rows(parts.config, loaded, loaded.validation, evaluated)
            found["outputs"] = output_records(parts, loaded, evaluated)
    if evaluated is not None and parts.config.diagnostics.every:
        found |= _images(training, evaluated, should_stop, keep)
    if parts.config.task == "language-model":
        found |= _copied(training)
    return found


def _images(
    training: Training, evaluated: Evaluated, should_stop: Callable[[], bool], keep: Callable[[bytes], str]
) -> dict[str, Any]:
    parts, loaded = training.parts, training.job.loaded
    try:
        return {"images": image_examples(parts, loaded, evaluated, should_stop=should_stop, keep=keep)}
    except Exception as error:  # a person's Dataset or loss, asked for single rows
        return {"skipped": {"images": f"{type(error).__name__}: {error}"}}


def _copied(training: Training) -> dict[str, Any]:
    try:
        return {"verbatim": copied_text(training.parts, training.job.loaded)}
    except Exception as error:  # a model that takes rows of one length only can't write
        return {"skipped": {"verbatim": f"{type(error).__name__}: {error}"}}
