"""Data of task reconstruction: the inputs, once prepared, are the targets; what the source gives as targets is unused.

Where the preparation of the inputs can't be undone (a squash), targets and predictions stay in prepared units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.utils.data import Dataset

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.loaded import LoadedData, Split
from logbook.training.data.preparation import Scaling
from logbook.training.data.sources.raw import Examples, RawData
from logbook_schemas.config.run import RunConfig

__all__ = ["OneWay", "as_target", "check_reconstruction", "without_targets"]


_SLACK = 1e-6
"""Rounding of float32 at the ends of a range, which the loss takes too."""


def without_targets(raw: RawData) -> RawData:
    """Return the same source with the inputs in the place of its targets, as the same arrays."""
    parts = {name: Examples(part.inputs, part.inputs, part.extra) for name, part in raw.parts.items()}
    return replace(raw, parts=parts, datasets={name: _InputsTwice(one) for name, one in raw.datasets.items()})


class _InputsTwice(Dataset[tuple[object, object]]):
    """A person's Dataset whose targets are its inputs; an item may be a pair or the input alone."""

    def __init__(self, dataset: Dataset[object]) -> None:
        self._dataset = dataset

    def __len__(self) -> int:
        return len(self._dataset)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> tuple[object, object]:
        item = self._dataset[index]
        inputs = item[0] if isinstance(item, tuple | list) and len(item) == 2 else item
        return inputs, inputs


def as_target(inputs: Scaling, shape: tuple[int, ...]) -> Scaling:
    """Return the preparation of inputs as that of targets; it is undone in metrics where that is possible."""
    try:
        inputs.unscale(torch.zeros(1, *shape))
    except NotImplementedError:
        return OneWay(inputs.steps, inputs.layout, inputs.before)
    return inputs


@dataclass(frozen=True)
class OneWay(Scaling):
    """Steps that are applied and never undone."""

    def unscale(self, values: Tensor) -> Tensor:
        return values


def check_reconstruction(config: RunConfig, loaded: LoadedData) -> None:
    """Raise DataError where prepared inputs lie outside 0 to 1 and something takes them for probabilities.

    That is a cross-entropy of the reconstruction, and binary visible units (checklist S1-39). Of the other splits,
    which min-max doesn't hold in its range, the loss of probabilities alone can't do with less.
    """
    wanting = _wants_probabilities(config)
    if wanting is None:
        return
    _refuse_outside(wanting, "training", loaded, loaded.train, 'set data.inputs to [{"kind": "min-max"}]')
    if config.task == "reconstruction" and config.loss.kind == "bce":
        cure = 'add {"kind": "clip", "low": 0, "high": 1} to the end of data.inputs, or take loss.kind \'mse\''
        for name, split in (("validation", loaded.validation), ("test", loaded.test)):
            if split is not None:
                _refuse_outside("loss.kind 'bce' in task 'reconstruction'", name, loaded, split, cure)


def _refuse_outside(wanting: str, name: str, loaded: LoadedData, split: Split, cure: str) -> None:
    if split.raw is None:
        return
    low, high = _range(loaded.inputs.apply(split.raw.inputs) if split.inputs is None else split.inputs.numpy())
    if low < -_SLACK or high > 1 + _SLACK:
        raise DataError(
            f"{wanting} wants inputs from 0 to 1, but data.inputs leaves the {name} inputs at {low:.4g} to"
            f" {high:.4g}; {cure}"
        )


def _wants_probabilities(config: RunConfig) -> str | None:
    pretraining = config.training.pretraining
    if pretraining is not None and pretraining.visible == "binary":
        return "training.pretraining.visible 'binary'"
    if config.model.kind == "rbm" and config.model.visible == "binary":
        return "model.visible 'binary'"
    if config.task == "reconstruction" and config.loss.kind in ("bce", "bce-with-logits"):
        return f"loss.kind '{config.loss.kind}' in task 'reconstruction'"
    return None


def _range(values: Array) -> tuple[float, float]:
    """Return the smallest and largest value, NaN left out: a rule of the checklist tells of these."""
    known = values[values == values]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
