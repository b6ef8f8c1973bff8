"""Which rows a training is fed: shuffled for an epoch, in order for an evaluation, a fixed sample for probes."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import default_collate

from logbook.training.data import Split
from logbook.training.data.batches import Batch, augmented, split_batches
from logbook.training.data.class_batches import class_batches
from logbook.training.seeding import Generators, isolated_rng
from logbook_schemas.config.metric_learning import Triplets
from logbook_schemas.config.run import RunConfig

__all__ = ["epoch_batches", "probe_batch"]


def epoch_batches(
    config: RunConfig, split: Split, generators: Generators, device: torch.device, *, batch_size: int
) -> Iterator[Batch]:
    """Yield one epoch of training batches, shuffled and augmented from the run's own random streams."""
    procedure = config.training.procedure
    if isinstance(procedure, Triplets):
        return _batches_of_classes(config, procedure, split, generators)
    return split_batches(
        split,
        batch_size,
        order=generators.order,
        augment=config.data.augment,
        noise=generators.augmentation,
        reading=generators.reading,
        device=device,
    )


def _batches_of_classes(
    config: RunConfig, procedure: Triplets, split: Split, generators: Generators
) -> Iterator[Batch]:
    assert split.inputs is not None  # loading refuses Datasets for this task
    assert split.targets is not None
    size, per_class = config.training.rows, procedure.examples_per_class
    for rows in class_batches(split.targets.cpu(), rows=size, per_class=per_class, order=generators.order):
        index = rows.to(split.inputs.device, non_blocking=True)
        inputs = augmented(split.inputs.index_select(0, index), config.data.augment, generators.augmentation)
        yield inputs, split.targets.index_select(0, index)


def probe_batch(split: Split, rows: int, device: torch.device) -> Batch:
    """Return the same shuffled sample of a split each time it is asked for, whatever the run's seed.

    Shuffled, because the first rows of a file are often of one class.
    """
    chosen = torch.randperm(len(split), generator=torch.Generator().manual_seed(0))[:rows]
    if split.dataset is None:
        assert split.inputs is not None
        assert split.targets is not None
        index = chosen.to(split.inputs.device)
        return split.inputs.index_select(0, index), split.targets.index_select(0, index)
    # A Dataset may draw random numbers as it reads: they must neither differ nor be missing from the run's own.
    with isolated_rng(0):
        items: list[tuple[Tensor, Tensor]] = [split.dataset[int(place)] for place in chosen]
    inputs, targets = default_collate(items)
    return inputs.to(device), targets.to(device)
