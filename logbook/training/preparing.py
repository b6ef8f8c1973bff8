"""What comes before the first step: everything built, what can't train refused, the untrained model measured."""

from __future__ import annotations

from math import prod

import torch
from torch import nn

from logbook.errors import ConfigError
from logbook.training.feeding import probe_batch
from logbook.training.measuring import fixed_rows
from logbook.training.own_code import own_code
from logbook.training.parts import autocast
from logbook.training.probes.start import probe_start
from logbook.training.procedures.closures import refuse_bent_gradients
from logbook.training.state import Job, Training
from logbook_schemas.records.measures import StartRecord

__all__ = ["prepare", "start_record", "unmeasured_monitor"]


def prepare(job: Job) -> Training:
    """Build what trains; raises ConfigError for a config that can't be built, UserCodeError for the person's code."""
    _refuse_unmeasured_monitor(job)
    _refuse_noise_on_integers(job)
    with own_code("building the model"):
        training = Training.fresh(job)
    _refuse_monitor_upside_down(training)
    _refuse_to_normalize_one_row(training)
    _refuse_precision_without_kernel(training)
    _refuse_outputs_that_are_no_probabilities(training)
    refuse_bent_gradients(training.parts)
    return training


def start_record(training: Training) -> StartRecord:
    """Return what the untrained model does with the probe batch."""
    job, parts = training.job, training.parts
    with own_code("the first batch"):
        return probe_start(
            job.config,
            parts.model,
            parts.loss,
            parts.optimizer,
            fixed_rows(job),
            classes=job.loaded.output_size if job.config.task == "language-model" else len(job.loaded.classes),
        )


def unmeasured_monitor(job: Job) -> str | None:
    """Say why the monitored metric will never have a value; None where it will."""
    metric = job.config.monitor.metric
    if job.loaded.validation is not None or metric in ("train_loss", "train_loss_eval"):
        return None
    return f"{metric} is never measured: it is measured on a validation split, and there is none"


def _refuse_unmeasured_monitor(job: Job) -> None:
    """Raise ConfigError where something waits for a number that is never measured: it would act on nothing."""
    config, metric = job.config, job.config.monitor.metric
    if unmeasured_monitor(job) is None:
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


def _refuse_noise_on_integers(job: Job) -> None:
    """Raise ConfigError where noise would be added to whole numbers, such as the places of words in a table."""
    if not job.config.data.augment:
        return
    with own_code("reading an example"):
        inputs, _ = probe_batch(job.loaded.train, 1, job.device)
    for place, step in enumerate(job.config.data.augment):
        breaks = step.kind == "noise" or bool((getattr(step, "fill", None) or 0.0) % 1)
        if breaks and not inputs.is_floating_point():
            kind = str(inputs.dtype).removeprefix("torch.")
            raise ConfigError(
                f"data.augment[{place}] is '{step.kind}', but the inputs are whole numbers ({kind}): it would make"
                " them something else; leave it out, or hand over the inputs as floats"
            )


def _refuse_to_normalize_one_row(training: Training) -> None:
    """Raise ConfigError where a batch of one row would meet batch normalization of one value, which needs two."""
    job, batch = training.job, training.course.smallest_batch
    normalization = getattr(job.config.model, "normalization", None)
    rows = len(job.loaded.train)
    if min(batch, rows) > 1 or normalization is None or normalization.kind != "batch":
        return
    # Over an image a single row has many values to normalize; over a vector, or an image pooled to a pixel, it has one.
    if _least_normalized(training) == 1:
        found = f"training.batch_size is {batch}" if rows > 1 else "the training split has 1 row"
        if batch != job.config.training.batch_size and rows > 1:
            found = f"training.batch_schedule goes down to {batch}"
        raise ConfigError(
            f"model.normalization is 'batch', which needs at least 2 rows in a batch, but {found};"
            " set model.normalization to 'layer' or 'none', or give it more rows"
        )


@torch.no_grad()
def _least_normalized(training: Training) -> int:
    """Return how many values of one row go into a mean of batch normalization, where they are fewest."""
    model, found = training.parts.model, list[int]()
    watches = [
        module.register_forward_pre_hook(lambda _, inputs: found.append(prod(inputs[0].shape[2:])))
        for module in model.modules()
        if isinstance(module, nn.modules.batchnorm._NormBase)
    ]
    was_training = model.training
    model.eval()  # the running averages stay as they are
    inputs, _ = probe_batch(training.job.loaded.train, 1, training.job.device)
    model(inputs)
    model.train(was_training)
    for watch in watches:
        watch.remove()
    return min(found, default=2)


def _refuse_outputs_that_are_no_probabilities(training: Training) -> None:
    """Raise ConfigError where outputs leave 0 to 1, and the loss is of probabilities."""
    config = training.job.config
    activation = getattr(config.model, "output_activation", None)
    if config.loss.kind != "bce" or activation is None:
        return
    scale: float = getattr(config.model, "output_scale", 1.0)
    field = f"model.output_scale is {scale:g}" if scale > 1 else ""
    if activation.kind not in ("sigmoid", "softmax"):
        field = f"model.output_activation is {activation.kind!r}"
    if field:
        raise ConfigError(
            f"loss.kind is 'bce', which wants probabilities, but {field}, so that outputs leave 0 to 1; set"
            " model.output_activation to 'sigmoid' and model.output_scale to 1, or loss.kind to 'bce-with-logits' and"
            " model.output_activation to 'none'"
        )


def _refuse_precision_without_kernel(training: Training) -> None:
    """Raise ConfigError where this machine can't run the model's recurrent layers in the config's precision.

    Which ones it can is for the processor to say: a float16 lstm wants instructions that few have. Each layer is
    tried on one step of zeros, which changes nothing in it.
    """
    config, device = training.job.config, training.job.device
    if config.training.precision.kind == "float32":
        return
    for layer in training.parts.model.modules():
        if not isinstance(layer, nn.RNNBase):
            continue
        try:
            with autocast(config, device):
                layer(torch.zeros(1, 1, layer.input_size, device=device))
        except RuntimeError as error:
            raise ConfigError(
                f"training.precision is '{config.training.precision.kind}', which this machine's {device.type} has no"
                f" {layer.mode.lower()} for (model.kind {config.model.kind!r}); set training.precision to 'bfloat16' or"
                " 'float32', or use another model.cell"
            ) from error
