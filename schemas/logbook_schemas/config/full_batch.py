"""Optimizers that evaluate the loss several times a step: what they want by default, and what they can't go with.

A line search compares losses along one direction, so nothing may bend the gradient on the way, and L-BFGS and
conjugate gradient learn the curvature from one step to the next, so the loss must be the same function at each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logbook_schemas.config.base import kind_of

if TYPE_CHECKING:
    from logbook_schemas.config.run import RunConfig

__all__ = ["FULL_BATCH", "LINE_SEARCHING", "refuse_impossible_steps", "set_batch_default"]

FULL_BATCH = ("lbfgs", "conjugate-gradient")
LINE_SEARCHING = (*FULL_BATCH, "line-search")


def set_batch_default(raw: dict[str, Any]) -> None:
    """Let an optimizer for full batches have them where nothing is said."""
    training = raw.get("training", {})
    if kind_of(raw.get("optimizer")) in FULL_BATCH and isinstance(training, dict):
        raw["training"] = {"batch_size": "all", **training}


def refuse_impossible_steps(config: RunConfig) -> None:
    """Raise ValueError for an optimizer, batches and gradients that can't go together, naming the fields."""
    kind, training, gradients = config.optimizer.kind, config.training, config.gradients
    if kind in FULL_BATCH and training.batch_size != "all":
        raise ValueError(
            f"optimizer {kind} needs full batches: training.batch_size is {training.batch_size}, expected 'all'"
        )
    if kind == "conjugate-gradient" and (config.schedule.kind != "constant" or config.schedule.warmup):
        raise ValueError(
            f"schedule is {config.schedule.kind}"
            f"{f' with warmup {config.schedule.warmup}' if config.schedule.warmup else ''}, but optimizer {kind} has no"
            " learning rate to change; leave schedule out"
        )
    if kind in LINE_SEARCHING:
        for found, field in (
            (gradients.clip.kind, "gradients.clip"),
            (gradients.renormalize.kind, "gradients.renormalize"),
        ):
            if found != "none":
                raise ValueError(f"{field} is {found}, but optimizer {kind} searches along the gradient as it is")
        if training.precision.kind == "float16":
            raise ValueError(
                f"training.precision is float16, which skips steps, but optimizer {kind} can't; use bfloat16 or float32"
            )
    if gradients.accumulation > 1 and training.batch_size == "all":
        raise ValueError(
            f"gradients.accumulation is {gradients.accumulation}, but training.batch_size is 'all': an epoch has one"
            " batch; leave accumulation out, or give a batch size"
        )
