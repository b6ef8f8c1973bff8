"""Sequences of tokens among the inputs and targets: which inputs are tokens, and how many tokens there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import RawData
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook_schemas.config.model import PythonModel, Rnn, Transformer
from logbook_schemas.config.run import RunConfig

__all__ = ["check_token_targets", "count_tokens", "reads_tokens"]

_MOST = 10_000_000
"""Tokens that a table may have: a larger number is no token, but an amount that should have been prepared."""


class _Rows(Protocol):
    @property
    def inputs(self) -> Array: ...
    @property
    def targets(self) -> Array: ...
    @property
    def rows(self) -> Array: ...


def reads_tokens(config: RunConfig) -> bool:
    """Say whether whole numbers may be tokens: for a network that has a table to look them up in."""
    return isinstance(config.model, Rnn | Transformer | PythonModel)


def check_token_targets(raw: RawData, targets: Mapping[str, Array]) -> None:
    """Raise DataError where targets aren't a token from 0, or -100, at each position of each row."""
    for part, array in targets.items():
        if array.dtype.kind not in "iu":
            raise DataError(
                f"{raw.label}: targets are of type {array.dtype}; task language-model wants tokens: integers"
            )
        if array.ndim != 2:
            raise DataError(
                f"{raw.label}: targets have shape {array.shape}; task language-model wants (rows, positions), the"
                " wanted token at each position"
            )
        strange = (array < 0) & (array != NOT_COUNTED)
        if strange.any():
            row, position = (int(place) for place in np.argwhere(strange)[0])
            raise DataError(
                f"{raw.place(part, row)}, position {position}: the target is {array[row, position]}, expected a token"
                f" from 0, or {NOT_COUNTED} where none is counted"
            )


def count_tokens(config: RunConfig, raw: RawData, splits: Mapping[str, _Rows]) -> int:
    """Return how many different tokens the inputs may hold; 0 where they are numbers, or a person's own affair.

    Raises DataError for a token below 0, and for a language model whose inputs aren't tokens [N, L].
    """
    if config.task == "language-model":
        return max(len(raw.classes), *(_count_pairs(raw, name, rows) for name, rows in splits.items()))
    if not isinstance(config.model, Rnn | Transformer) or config.data.inputs:
        return 0
    if not all(_are_tokens(rows.inputs) for rows in splits.values()):
        return 0
    return max(_highest(raw, rows.inputs) + 1 for rows in splits.values())


def _are_tokens(inputs: Array) -> bool:
    # Bytes are taken for pixels.
    return inputs.dtype.kind in "iu" and inputs.dtype.itemsize > 1 and inputs.ndim == 2


def _count_pairs(raw: RawData, split: str, rows: _Rows) -> int:
    if not _are_tokens(rows.inputs):
        raise DataError(
            f"{raw.label}: inputs are of type {rows.inputs.dtype} and shape {rows.inputs.shape}; task language-model"
            " wants tokens: integers of more than one byte, (rows, positions)"
        )
    if rows.inputs.shape != rows.targets.shape:
        raise DataError(
            f"{raw.label}: inputs have shape {rows.inputs.shape} and targets {rows.targets.shape}; task language-model"
            " wants one target at each position"
        )
    if not (rows.targets != NOT_COUNTED).any():
        raise DataError(f"{raw.label}: no target of the {split} split is counted; there is nothing to predict")
    return max(_highest(raw, rows.inputs), int(rows.targets.max())) + 1


def _highest(raw: RawData, inputs: Array) -> int:
    low, high = int(inputs.min()), int(inputs.max())
    if low < 0 or high >= _MOST:
        raise DataError(
            f"{raw.label}: the inputs are whole numbers from {low} to {high}, and tokens go from 0 to {_MOST - 1:,};"
            " prepare amounts: data.inputs"
        )
    return high
