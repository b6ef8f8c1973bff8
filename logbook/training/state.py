"""The state of a training: model, optimizer, schedule, random streams, and how far it is.

`Training` is built from a job, restored from a checkpoint, and turned into one. It owns no loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.averaging import averaged
from logbook.training.compiling import compiled
from logbook.training.data import LoadedData
from logbook.training.data.batches import Batch
from logbook.training.data.class_weights import loss_weights
from logbook.training.feeding import epoch_batches, probe_batch
from logbook.training.losses import build_loss, penalty
from logbook.training.metrics import Metric, build_metrics
from logbook.training.models import build_model
from logbook.training.models.prior import set_prior_bias
from logbook.training.optimizers import build_optimizer, has_sparse_gradients, restore_optimizer
from logbook.training.parts import Parts
from logbook.training.schedules import build_schedule
from logbook.training.seeding import Generators
from logbook_schemas.config.course import Course
from logbook_schemas.config.run import RunConfig

__all__ = ["Job", "Progress", "Training", "weights_hash"]


_FIRST_ROWS = 2
"""Rows of the forward pass that makes the weights of lazy layers."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to train: `folder` is where the person's modules come from, `checkpoints` where checkpoints go."""

    config: RunConfig
    loaded: LoadedData
    folder: Path
    checkpoints: Path
    device: torch.device


@dataclass
class Progress:
    """How far a training is. `best_value` is of the monitored metric; `stale` counts epochs since it improved."""

    epoch: int = 0
    steps: int = 0
    best_epoch: int | None = None
    best_value: float | None = None
    stale: int = 0
    seconds: float = 0.0

    def consider(self, value: float | None, *, mode: str, min_delta: float) -> bool:
        """Take in an epoch's monitored value; return whether it is the best so far. NaN never is."""
        if value is None or value != value:
            self.stale += 1
            return False
        gain = self._gain(value, mode)
        is_best = gain > 0
        # An improvement below min_delta is still the best checkpoint, but doesn't reset the patience.
        self.stale = 0 if gain > min_delta or self.best_value is None else self.stale + 1
        if is_best:
            self.best_epoch, self.best_value = self.epoch, value
        return is_best

    def _gain(self, value: float, mode: str) -> float:
        if self.best_value is None:
            return float("inf")
        return self.best_value - value if mode == "min" else value - self.best_value


@dataclass
class Training:
    """Everything that changes while a network trains, and the parts that change it."""

    job: Job
    parts: Parts
    course: Course
    metrics: tuple[Metric, ...]
    generators: Generators
    progress: Progress = field(default_factory=Progress)

    @classmethod
    def fresh(cls, job: Job) -> Training:
        """Build an untrained network and all that trains it, from the config's seed alone."""
        config, loaded = job.config, job.loaded
        generators = Generators(config.training.seed, job.device)
        model = build_model(
            config,
            input_shape=loaded.input_shape,
            output_size=loaded.output_size,
            folder=job.folder,
            generator_seed=generators.weights,
            first_rows=lambda: probe_batch(loaded.train, _FIRST_ROWS, torch.device("cpu"))[0].cpu(),
        )
        set_prior_bias(model, config, loaded.train)
        model = model.to(job.device)
        optimizer = build_optimizer(
            config, model.parameters(), job.folder, sparse_gradients=has_sparse_gradients(model)
        )
        loss = build_loss(config, job.folder, output_size=loaded.output_size, **loss_weights(config, loaded))
        if isinstance(loss, nn.Module):
            loss.to(job.device)
        course = Course.of(config, len(loaded.train))
        term = config.regularization
        parts = Parts(
            config=config,
            device=job.device,
            model=model,
            loss=loss,
            penalty=_penalty(term.l1, term.l2) if term.l1 or term.l2 else None,
            optimizer=optimizer,
            schedule=build_schedule(config, optimizer, course),
            forward=_translation(config, model, job.device),
            scaler=_scaler(config, job.device),
            average=averaged(model, config.training.weight_average),
        )
        metrics = build_metrics(config, job.folder, unscale=loaded.targets.unscale)
        return cls(job=job, parts=parts, course=course, metrics=metrics, generators=generators)

    def batches(self) -> Iterator[Batch]:
        """Yield the batches of the coming epoch."""
        job, size = self.job, self.course.batch_size(self.progress.epoch)
        return epoch_batches(job.config, job.loaded.train, self.generators, job.device, batch_size=size)

    def checkpoint(self) -> dict[str, Any]:
        """Return the whole state as tensors and plain containers; `model` are the weights that one would use."""
        parts = self.parts
        state: dict[str, Any] = {
            "model": parts.evaluated.state_dict(),
            "optimizer": parts.optimizer.state_dict(),
            "schedule": parts.schedule.state_dict(),
            "loss": parts.loss.state_dict() if isinstance(parts.loss, nn.Module) else {},
            "generators": self.generators.state_dict(),
            "progress": dict(vars(self.progress)),
        }
        if parts.scaler is not None:
            state["scaler"] = parts.scaler.state_dict()
        if parts.average is not None:
            state["trained_model"] = parts.model.state_dict()
            state["averaged_steps"] = int(parts.average.n_averaged)
        return state

    def restore(self, state: dict[str, Any]) -> None:
        """Become the training that a checkpoint holds."""
        parts = self.parts
        parts.evaluated.load_state_dict(state["model"])
        if parts.average is not None:
            parts.model.load_state_dict(state["trained_model"])
            parts.average.n_averaged.fill_(state["averaged_steps"])
        if parts.scaler is not None:
            parts.scaler.load_state_dict(state["scaler"])
        restore_optimizer(parts.optimizer, state["optimizer"])
        parts.schedule.load_state_dict(state["schedule"])
        if isinstance(parts.loss, nn.Module):
            parts.loss.load_state_dict(state["loss"])
        self.generators.load_state_dict(state["generators"])
        self.progress = Progress(**state["progress"])


def weights_hash(model: nn.Module) -> str:
    """Return a hash over all weights and buffers, to say whether two trainings ended at the same place."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        if isinstance(value, Tensor):
            digest.update(f"{name}:{value.dtype}:{tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _translation(config: RunConfig, model: nn.Module, device: torch.device) -> Callable[[Tensor], object] | None:
    section = config.training.compile
    return compiled(model, section, device) if section is not False else None


def _scaler(config: RunConfig, device: torch.device) -> torch.amp.GradScaler | None:
    if config.training.precision.kind != "float16":
        return None
    if device.type not in ("cuda", "cpu"):
        raise ConfigError(
            f"training.precision is float16, whose loss can't be scaled on {device.type}; use bfloat16 or float32"
        )
    return torch.amp.GradScaler(device.type)


def _penalty(l1: float, l2: float) -> Callable[[nn.Module], Tensor]:
    return lambda model: penalty(model, l1, l2)
