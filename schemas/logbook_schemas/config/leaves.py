"""A config as flat leaves, and the leaves that can't change a result.

Needs no config model: a stored config of any release is taken apart in microseconds, and a command that only reads
doesn't pay for building sixty classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["OUTSIDE_RECIPE", "SHARES", "UNITS", "flatten", "is_share", "unit_of"]

OUTSIDE_RECIPE: dict[str, frozenset[str]] = {
    "run": frozenset(
        {
            "format",
            "$schema",
            "name",
            "parent",
            "hypothesis",
            "tags",
            "diagnostics",
            "checks",
            "training.seed",
            "training.device",
            "data.split.fold",
            "data.source.max_categories",
        }
    ),
    "own": frozenset({"format", "$schema", "name", "parent", "hypothesis", "tags", "meaning"}),
}
"""The fields marked `recipe=False`, by kind of config. The marks on the fields decide; a test holds this list to
them."""


UNITS: dict[str, str] = {
    "data.augment.padding": "pixels",
    "data.augment.pixels": "pixels",
    "data.limit": "examples",
    "data.source.characters": "characters",
    "data.source.length": "tokens",
    "data.source.pattern.delay": "tokens",
    "data.source.pattern.length": "tokens",
    "data.source.size": "pixels",
    "data.source.stride": "tokens",
    "diagnostics.every": "epochs",
    "gradients.accumulation": "batches",
    "loss.margin": "distance",
    "model.kernel": "pixels",
    "model.network.kernel": "pixels",
    "model.network.pooling.size": "pixels",
    "model.network.pooling.stride": "pixels",
    "model.network.stem_kernel": "pixels",
    "model.network.stem_pooling.size": "pixels",
    "model.network.stem_pooling.stride": "pixels",
    "model.network.stem_stride": "pixels",
    "model.network.stride": "pixels",
    "model.pooling.size": "pixels",
    "model.pooling.stride": "pixels",
    "model.stem_kernel": "pixels",
    "model.stem_pooling.size": "pixels",
    "model.stem_pooling.stride": "pixels",
    "model.stem_stride": "pixels",
    "model.stride": "pixels",
    "schedule.cooldown": "epochs",
    "schedule.patience": "epochs",
    "schedule.step_size": "epochs",
    "schedule.warmup": "steps",
    "training.batch_schedule.every": "epochs",
    "training.batch_schedule.max": "examples",
    "training.batch_size": "examples",
    "training.early_stopping.patience": "epochs",
    "training.pretraining.batch_size": "examples",
    "training.pretraining.epochs": "epochs",
    "training.pretraining.k": "steps",
    "training.procedure.examples_per_class": "examples",
    "training.procedure.k": "steps",
    "training.procedure.length": "steps",
    "training.steps": "steps",
    "training.time_limit": "seconds",
    "training.updates_per_batch": "steps",
}
"""The units of settings by path, without positions in lists. The `unit` of a field decides; a test holds this list
to them."""


SHARES: frozenset[str] = frozenset(
    {
        "data.augment.probability",
        "data.inputs.epsilon",
        "data.inputs.high",
        "data.inputs.low",
        "data.split.test",
        "data.split.validation",
        "loss.label_smoothing",
        "model.activation.initial",
        "model.bottleneck_activation.initial",
        "model.dropconnect",
        "model.dropout",
        "model.input_dropout",
        "model.network.activation.initial",
        "model.network.dropconnect",
        "model.network.dropout",
        "model.network.input_dropout",
        "model.network.normalization.eps",
        "model.network.normalization.momentum",
        "model.normalization.eps",
        "model.normalization.momentum",
        "optimizer.alpha",
        "optimizer.beta1",
        "optimizer.beta2",
        "optimizer.dampening",
        "optimizer.decrease",
        "optimizer.momentum",
        "optimizer.partial",
        "optimizer.rho",
        "optimizer.shrink",
        "schedule.at",
        "schedule.end",
        "schedule.final",
        "schedule.gamma",
        "schedule.rise",
        "schedule.start",
        "training.pretraining.momentum",
        "training.weight_average.decay",
    }
)
"""The settings that lie between 0 and 1, by path, without positions in lists: probabilities, rates of decay. The bounds
of a field decide; a test holds this list to them."""


def is_share(path: str) -> bool:
    """Say whether a setting lies between 0 and 1 by what it is."""
    return re.sub(r"\[\d+\]", "", path) in SHARES


def unit_of(path: str) -> str:
    """Return the unit of a setting, empty where it has none."""
    return UNITS.get(re.sub(r"\[\d+\]", "", path), "")


def flatten(value: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Yield `(path, leaf)` for each leaf: `model.hidden` is one leaf, as people speak of it.

    A list of plain values is one leaf; a list of objects is flattened by index (`data.inputs[0].kind`).
    """
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from flatten(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(child, dict) for child in value):
        for index, child in enumerate(value):
            yield from flatten(child, f"{path}[{index}]")
    else:
        yield path, value
