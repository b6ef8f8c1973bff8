"""The person's own Datasets: never loaded whole. Statistics come from a seeded sample of the training Dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from logbook.errors import DataError, LogbookError
from logbook.training.data.arrays import Array, as_array, numbers_of
from logbook.training.data.loaded import RawRows
from logbook.training.data.preparation import Scaling
from logbook.training.data.targets import TargetEncoding
from logbook.training.own_code.raised import user_code_error
from logbook.training.seeding import isolated_rng

__all__ = ["SAMPLE_ROWS", "PreparedDataset", "read_example", "sample_dataset", "stored_targets", "to_inputs"]

SAMPLE_ROWS = 10_000
"""At most so many examples of a Dataset are read for statistics."""


def to_inputs(raw: Array, scaling: Scaling, *, keep_integers: bool) -> Tensor:
    """Return inputs as the network sees them: float32, or int64 for whole numbers that a person's model may look up.

    Bytes are taken for pixels, and become float32.
    """
    is_token = raw.dtype.kind in "iu" and raw.dtype.itemsize > 1
    if keep_integers and is_token and not scaling.steps:
        return torch.from_numpy(raw.astype(np.int64))
    return torch.from_numpy(scaling.apply(raw))


class PreparedDataset(Dataset[tuple[Tensor, Tensor]]):
    """A person's Dataset whose items come out prepared and encoded, like the rows of a split held in memory."""

    def __init__(
        self, raw: Dataset[Any], inputs: Scaling, targets: Scaling, encoding: TargetEncoding, *, keep_integers: bool
    ) -> None:
        self.raw = raw
        self._inputs, self._targets, self._encoding = inputs, targets, encoding
        self._keep_integers = keep_integers

    def gives_integers(self, raw: Array) -> bool:
        """Say whether inputs like these, as the Dataset has them, come out as whole numbers."""
        return not to_inputs(raw[:1], self._inputs, keep_integers=self._keep_integers).is_floating_point()

    def __len__(self) -> int:
        return len(self.raw)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if index >= len(self):  # how a `for` loop over a Dataset learns of its end
            raise IndexError(f"example {index} of {len(self)}")
        x, y = read_example(self.raw, index)
        inputs = to_inputs(_at_least_1d(x)[None], self._inputs, keep_integers=self._keep_integers)[0]
        encoded = self._encoding.encode(y[None])
        if self._encoding.as_indices:
            return inputs, torch.from_numpy(encoded)[0]
        return inputs, torch.from_numpy(self._targets.apply(encoded))[0]


def read_example(dataset: Dataset[Any], index: int) -> tuple[Array, Array]:
    """Return one example as arrays. Raises DataError for one that isn't a pair of numbers."""
    where = f"example {index} of the Dataset {type(dataset).__name__}"
    try:
        item = dataset[index]
    except LogbookError:
        raise
    except Exception as error:
        raise user_code_error(error, f"reading {where}", skip=(__file__,)) from error
    if not isinstance(item, tuple | list) or len(item) != 2:
        kind = f"a {type(item).__name__}" + (f" of {len(item)}" if isinstance(item, tuple | list | dict) else "")
        raise DataError(f"{where} is {kind}; expected (input, target)")
    inputs = numbers_of(as_array(item[0], where=f"{where}: the input"), where=f"{where}: the input")
    return inputs, as_array(item[1], where=f"{where}: the target")


def sample_dataset(dataset: Dataset[Any], *, seed: int) -> RawRows:
    """Read at most 10,000 examples, drawn with a seed, in ascending order; random numbers are as before afterwards.

    Raises DataError for examples of different shapes.
    """
    length = len(dataset)  # type: ignore[arg-type]
    rows = np.arange(length)
    if length > SAMPLE_ROWS:
        rows = np.sort(np.random.Generator(np.random.PCG64(seed)).permutation(length)[:SAMPLE_ROWS])
    with isolated_rng(seed):
        pairs = [read_example(dataset, int(row)) for row in rows]
    inputs = _stacked([_at_least_1d(x) for x, _ in pairs], rows, "input")
    targets = _stacked([y for _, y in pairs], rows, "target")
    return RawRows(inputs, targets, rows)


def stored_targets(dataset: Dataset[Any]) -> Array | None:
    """Return the targets of all examples where the Dataset carries them (`targets`, as torchvision's do), or None."""
    found = getattr(dataset, "targets", None)
    if found is None:
        return None
    try:
        array = as_array(found, where="targets")
    except DataError:
        return None
    return array if array.shape == (len(dataset),) else None  # type: ignore[arg-type]


def _at_least_1d(x: Array) -> Array:
    return x[None] if x.ndim == 0 else x


def _stacked(arrays: list[Array], rows: Array, what: str) -> Array:
    first = arrays[0].shape
    odd = next((place for place, array in enumerate(arrays) if array.shape != first), None)
    if odd is not None:
        raise DataError(
            f"the {what} of example {rows[odd]} has shape {arrays[odd].shape}, that of example {rows[0]} {first};"
            " expected one shape for all examples of the Dataset"
        )
    return np.stack(arrays)
