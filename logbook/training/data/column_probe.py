"""Column by column: how the inputs and targets of a run are distributed, and how its splits differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from logbook.training.data.arrays import Array, column_label
from logbook.training.data.distributions import describe_columns
from logbook.training.data.drift import describe_shift, sample
from logbook.training.data.loaded import LoadedData, RawRows
from logbook.training.data.streams import PreparedDataset
from logbook_schemas.records.measures import ColumnRecord, ShiftRecord

__all__ = ["is_integer", "measure_columns"]

_MOST_COLUMNS = 1000


def measure_columns(
    loaded: LoadedData, splits: Mapping[str, RawRows], raw: Array, prepared: Array, targets: Array
) -> dict[str, Any]:
    """Return the fields of the data's record that tell of columns.

    `raw` and `targets` are the training rows that are described, `prepared` the inputs as the network sees them.
    Tokens have no columns: their numbers are names.
    """
    if loaded.vocabulary or is_integer(loaded):
        return {}
    rows = splits["train"].rows
    rows_of_raw = rows if len(rows) == len(raw) else None
    return {
        "columns": _columns(loaded, raw, prepared, rows_of_raw),
        "shifts": tuple(
            _shift(loaded, name, split.inputs, prepared) for name, split in splits.items() if name != "train"
        ),
        **_targets(loaded, targets, rows_of_raw),
    }


def is_integer(loaded: LoadedData) -> bool:
    """Say whether the network is handed whole numbers, which it may look up in a table."""
    train = loaded.train
    if train.inputs is not None:
        return not train.inputs.is_floating_point()
    return (
        isinstance(train.dataset, PreparedDataset)
        and train.raw is not None
        and train.dataset.gives_integers(train.raw.inputs)
    )


def _columns(loaded: LoadedData, raw: Array, prepared: Array, rows: Array | None) -> tuple[ColumnRecord, ...]:
    """Return the columns of rows of features; pixels and steps of a sequence are none."""
    if raw.ndim != 2:
        return ()
    layout = loaded.inputs.layout
    is_other = layout is not None and layout.columns != loaded.columns
    return describe_columns(raw, raw if is_other else prepared, names=loaded.columns, rows=rows)


def _targets(loaded: LoadedData, raw: Array, rows: Array | None) -> dict[str, Any]:
    if loaded.encoding.labels is not None or loaded.encoding.of_inputs:
        return {}
    encoded = loaded.encoding.encode(raw)
    flat = encoded.reshape(len(encoded), -1)
    scaled = loaded.targets.apply(encoded).reshape(len(encoded), -1)
    return {
        "target_columns": describe_columns(flat, scaled, names=(), rows=rows),
        "one_hot_targets": bool(flat.shape[1] > 1 and ((flat == 0) | (flat == 1)).all() and (flat.sum(1) == 1).all()),
    }


def _shift(loaded: LoadedData, split: str, raw: Array, train: Array) -> ShiftRecord:
    shape = train.shape[1:]
    columns = loaded.columns if loaded.inputs.layout is None else loaded.inputs.layout.columns
    width = min(int(np.prod(shape)), _MOST_COLUMNS)
    is_given = split in (loaded.source.parts or loaded.source.datasets)
    return describe_shift(
        train,
        loaded.inputs.apply(sample(raw)),
        raw if is_given else raw[:0],  # own statistics are asked for where a person may have used them
        split=split,
        given=is_given,
        names=[column_label(place, shape, columns) for place in range(width)],
    )
