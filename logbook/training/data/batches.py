"""Batches: slices of tensors that live on the device, or a stream from a person's Dataset.

The order comes from a generator of its own, one permutation an epoch, so that neither probes nor augmentation
move it; augmentation draws from another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from logbook.training.data.augmentation import augmented
from logbook.training.data.loaded import Split
from logbook.training.seeding import OwnNumbers
from logbook_schemas.config.augmentation import Augmentation
from logbook_schemas.config.course import count_batches

__all__ = ["Batch", "augmented", "count_batches", "index_batches", "split_batches"]

Batch: TypeAlias = tuple[Tensor, Tensor]


def index_batches(
    examples: int, batch_size: int, generator: torch.Generator, *, device: torch.device | None = None
) -> Iterator[Tensor]:
    """Yield the row numbers of each batch of one shuffled epoch, int64 on `device`, every row once.

    The order is drawn on the generator's device and copied once: nothing waits for the device batch by batch.
    """
    order = torch.randperm(examples, generator=generator, device=generator.device)
    if device is not None:
        order = order.to(device, non_blocking=True)
    batches = list(_slices(order, batch_size))
    if len(batches) > count_batches(examples, batch_size):
        batches[-2:] = [torch.cat(batches[-2:])]
    return iter(batches)


def split_batches(
    split: Split,
    batch_size: int,
    *,
    order: torch.Generator | None = None,
    augment: Sequence[Augmentation] = (),
    noise: torch.Generator | None = None,
    reading: OwnNumbers | None = None,
    workers: int = 0,
    device: torch.device | None = None,
) -> Iterator[Batch]:
    """Yield the batches of one epoch: shuffled where `order` is given, else in the order of the rows.

    Tensors are sliced where they are (`Split.to` brings them to a device); a Dataset is read by `workers`
    processes, and its batches are sent to `device`. `augment` changes the inputs, with random numbers of `noise`. What
    a Dataset itself draws comes from `reading`; without one, it is the same each time.
    """
    if split.dataset is None:
        batches = _sliced(split, batch_size, order)
    else:
        batches = _read(split, batch_size, order, workers, reading or OwnNumbers(0))
    for inputs, targets in batches:
        if device is not None and split.dataset is not None:
            inputs, targets = inputs.to(device, non_blocking=True), targets.to(device, non_blocking=True)
        yield (augmented(inputs, augment, noise) if augment else inputs), targets


def _sliced(split: Split, batch_size: int, order: torch.Generator | None) -> Iterator[Batch]:
    inputs, targets = split.inputs, split.targets
    if inputs is None or targets is None:
        raise ValueError("a split holds tensors or a Dataset")
    if order is None:
        return zip(_slices(inputs, batch_size), _slices(targets, batch_size), strict=True)
    indices = index_batches(len(split), batch_size, order, device=inputs.device)
    return ((inputs.index_select(0, index), targets.index_select(0, index)) for index in indices)


def _slices(tensor: Tensor, size: int) -> Iterator[Tensor]:
    return (tensor[start : start + size] for start in range(0, len(tensor), size))


def _read(
    split: Split, batch_size: int, order: torch.Generator | None, workers: int, reading: OwnNumbers
) -> Iterator[Batch]:
    if split.dataset is None:
        raise ValueError("a split holds tensors or a Dataset")
    # Without a generator of its own, a loader draws its workers' seed from the global one, which dropout uses.
    own = torch.Generator()
    if order is None:
        loader = DataLoader(split.dataset, batch_size=batch_size, num_workers=workers, generator=own)
    else:
        rows = [batch.tolist() for batch in index_batches(len(split), batch_size, order)]
        loader = DataLoader(split.dataset, batch_sampler=rows, num_workers=workers, generator=own)
    batches = iter(loader)
    while True:
        with reading.drawn():
            batch = next(batches, None)
        if batch is None:
            return
        inputs, targets = batch
        yield inputs, targets
