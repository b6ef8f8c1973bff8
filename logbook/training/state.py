"""The state of a training: model, optimizer, schedule, random streams, and how far it is.

`Training` is built from a job, restored from a checkpoint, and turned into one. It owns no loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.checkpoints import state_hash
from logbook.training.data import LoadedData
from logbook.training.data.batches import count_batches
from logbook.training.feeding import probe_batch
from logbook.training.losses import build_loss, penalty
from logbook.training.metrics import Metric, build_metrics
from logbook.training.models import build_model
from logbook.training.models.checkpoint_weights import InitialWeights, put_initial_weights
from logbook.training.models.prior import set_prior_bias
from logbook.training.optimizers import build_optimizer, has_sparse_gradients, restore_optimizer
from logbook.training.parts import Parts
from logbook.training.schedules import build_schedule
from logbook.training.seeding import Generators
from logbook_schemas.config.run import RunConfig

__all__ = ["Job", "Progress", "Training", "weights_hash"]


_FIRST_ROWS = 2
"""Rows of the forward pass that makes the weights of lazy layers."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to train: `folder` is where the person's modules come from, `checkpoints` where checkpoints go.

    `initial` is the checkpoint that `model.init` asks for.
    """

    config: RunConfig
    loaded: LoadedData
    folder: Path
    checkpoints: Path
    device: torch.device
    initial: InitialWeights | None = None


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
        if job.initial is not None:
            put_initial_weights(model, config, job.initial)
        model = model.to(job.device)
        optimizer = build_optimizer(
            config, model.parameters(), job.folder, sparse_gradients=has_sparse_gradients(model)
        )
        loss = build_loss(config, job.folder, output_size=loaded.output_size, class_weights=loaded.class_weights)
        if isinstance(loss, nn.Module):
            loss.to(job.device)
        schedule = build_schedule(
            config, optimizer, steps_per_epoch=steps_per_epoch(job), epochs=config.training.epochs
        )
        term = config.regularization
        parts = Parts(
            config=config,
            device=job.device,
            model=model,
            loss=loss,
            penalty=_penalty(term.l1, term.l2) if term.l1 or term.l2 else None,
            optimizer=optimizer,
            schedule=schedule,
        )
        metrics = build_metrics(config, job.folder, unscale=loaded.targets.unscale)
        # The weights of the checkpoint are in the network now: as many again need no memory for as long as it trains.
        job = replace(job, initial=None)
        return cls(job=job, parts=parts, metrics=metrics, generators=generators)

    def checkpoint(self) -> dict[str, Any]:
        """Return the whole state as tensors and plain containers."""
        return {
            "model": self.parts.model.state_dict(),
            "optimizer": self.parts.optimizer.state_dict(),
            "schedule": self.parts.schedule.state_dict(),
            "loss": self.parts.loss.state_dict() if isinstance(self.parts.loss, nn.Module) else {},
            "generators": self.generators.state_dict(),
            "progress": dict(vars(self.progress)),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Become the training that a checkpoint holds."""
        self.parts.model.load_state_dict(state["model"])
        restore_optimizer(self.parts.optimizer, state["optimizer"])
        self.parts.schedule.load_state_dict(state["schedule"])
        if isinstance(self.parts.loss, nn.Module):
            self.parts.loss.load_state_dict(state["loss"])
        self.generators.load_state_dict(state["generators"])
        self.progress = Progress(**state["progress"])


def steps_per_epoch(job: Job) -> int:
    """Return how many batches an epoch has, the last one perhaps smaller."""
    return count_batches(len(job.loaded.train), job.config.training.batch_size)


def weights_hash(model: nn.Module) -> str:
    """Return a hash over all weights and buffers, to say whether two trainings ended at the same place."""
    return state_hash(model.state_dict())


def _penalty(l1: float, l2: float) -> Callable[[nn.Module], Tensor]:
    return lambda model: penalty(model, l1, l2)
