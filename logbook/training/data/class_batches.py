"""Batches that hold several examples of each of several classes, as triplets need them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from logbook.errors import DataError
from logbook.training.data.batches import count_batches
from logbook.training.data.loaded import LoadedData
from logbook_schemas.config.run import RunConfig

__all__ = ["check_classes_to_compare", "class_batches"]


def class_batches(labels: Tensor, *, rows: int, per_class: int, order: torch.Generator) -> Iterator[Tensor]:
    """Yield the row numbers, int64 on the CPU, of as many batches as an epoch of `rows` rows each has.

    `labels` are classes, int64 [N] on the CPU. A batch holds rows // per_class classes and per_class examples of
    each, no example twice; fewer where there are no more. Classes come in turn, and so do the examples of each:
    of classes of one size each example is seen about once an epoch. Order is drawn from `order`, on the CPU.
    """
    classes, places = torch.unique(labels, return_inverse=True)
    members = [torch.nonzero(places == place).flatten() for place in range(len(classes))]
    examples = [_Turns(rows_of, order) for rows_of in members]
    turns = _Turns(torch.arange(len(classes)), order)
    for _ in range(count_batches(len(labels), rows)):
        chosen = turns.take(max(rows // per_class, 1)).tolist()
        yield torch.cat([examples[place].take(per_class) for place in chosen])


class _Turns:
    """Hands out the values of a list in turn, in another order each time round."""

    def __init__(self, values: Tensor, order: torch.Generator) -> None:
        self._values, self._order = values, order
        self._waiting = values[:0]

    def take(self, count: int) -> Tensor:
        """Return the next values, none twice: at most as many as there are."""
        count = min(count, len(self._values))
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        if missing := count - len(taken):
            again = self._values[torch.randperm(len(self._values), generator=self._order)]
            # What was just taken goes to the end of the new round.
            is_taken = torch.isin(again, taken)
            again = torch.cat([again[~is_taken], again[is_taken]])
            taken, self._waiting = torch.cat([taken, again[:missing]]), again[missing:]
        return taken


def check_classes_to_compare(config: RunConfig, loaded: LoadedData) -> None:
    """Raise DataError where a split of task metric-learning has no class of two examples, or only one class."""
    if config.task != "metric-learning":
        return
    for name, split in loaded.splits().items():
        if split.targets is None:
            raise DataError(
                f"{loaded.source.label} gives Datasets, but task 'metric-learning' puts batches together by class, and"
                " needs arrays: return (inputs, targets)"
            )
        counts = torch.bincount(split.targets)
        if int((counts > 0).sum()) < 2 or int(counts.max()) < 2:
            raise DataError(
                f"the {name} split has {len(split)} rows of {int((counts > 0).sum())} classes, at most"
                f" {int(counts.max())} of one: no triplet can be made of two of one class and one of another"
            )
