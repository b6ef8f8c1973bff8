"""The data of a run as training takes them: tensors, or the person's own Datasets, and how they came to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from logbook.training.data.arrays import Array
from logbook.training.data.preparation import Scaling
from logbook.training.data.sources.raw import RawData
from logbook.training.data.targets import TargetEncoding

__all__ = ["LoadedData", "RawRows", "Split"]


@dataclass(frozen=True)
class RawRows:
    """Rows of a split as the source has them: all of them, or of a Dataset a seeded sample. For probes."""

    inputs: Array
    targets: Array
    rows: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """One split. Either `inputs` and `targets` are there, or `dataset` is, whose items are prepared as they are read.

    `inputs` are float32 [N, ...] or int64 [N, L] tokens; `targets` are int64 [N] class indices, int64 [N, L] tokens,
    float32 [N, K], or the inputs themselves, as `targets.py` lists them. `rows` are the row numbers in the source's own
    order (of the split itself, where the source is split already). `raw` is dropped once probes have seen it.
    """

    inputs: Tensor | None = None
    targets: Tensor | None = None
    dataset: Dataset[tuple[Tensor, Tensor]] | None = None
    rows: Array
    raw: RawRows | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def to(self, device: torch.device) -> Split:
        """Return the split with its tensors on a device; a Dataset stays where it is."""
        if self.inputs is None or self.targets is None:
            return self
        inputs = self.inputs.to(device)
        # What is to be reconstructed is the inputs themselves: they are kept once.
        targets = inputs if self.targets is self.inputs else self.targets.to(device)
        return replace(self, inputs=inputs, targets=targets)


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedData:
    """Everything that a run knows of its data. Shapes are of one example.

    `targets.unscale` brings targets and predictions back to original units. `preparation` is the fitted
    statistics as JSON. `vocabulary` is how many different tokens the inputs hold; 0 where they are numbers.
    `notes` say what a person should know of how the data were read. `class_weights` [C] are
    for the loss; `natural_targets` are the source's targets of the training split before classes were evened out.
    """

    train: Split
    validation: Split | None = None
    test: Split | None = None
    input_shape: tuple[int, ...]
    output_size: int
    vocabulary: int = 0
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    inputs: Scaling
    targets: Scaling
    encoding: TargetEncoding
    preparation: dict[str, Any]
    source: RawData
    source_rows: int
    folder: Path
    notes: tuple[str, ...] = ()
    class_weights: Tensor | None = None
    natural_targets: Array | None = None

    @property
    def is_text(self) -> bool:
        """Whether the rows of each split are windows of one text, in order."""
        return self.source.vocabulary is not None

    def splits(self) -> dict[str, Split]:
        """Return the splits there are, by name, train first."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in named.items() if split is not None}

    def to(self, device: torch.device) -> LoadedData:
        """Return the same on a device, without the source's own arrays: half the memory, once probes are through."""
        lean = {name: replace(split.to(device), raw=None) for name, split in self.splits().items()}
        return replace(
            self,
            **lean,  # type: ignore[arg-type]
            source=replace(self.source, parts={}, others={}),
            class_weights=None if self.class_weights is None else self.class_weights.to(device),
            natural_targets=None,
        )
