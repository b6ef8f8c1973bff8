"""Missing features of a table: filled with a number, or with a statistic of the training split alone."""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array, column_label
from logbook.training.data.loaded import RawRows
from logbook.training.data.sources.raw import RawData
from logbook_schemas.config.sources import Csv, Parquet, Source
from logbook_schemas.config.tables import DropMissing, FillMissing, ImputeMissing, KeepMissing

__all__ = ["fill_missing"]


def fill_missing(
    source: Source, rows_of: dict[str, RawRows], raw: RawData
) -> tuple[dict[str, RawRows], dict[str, list[float | None]]]:
    """Return the splits with their missing features filled in as the source says, and by what, feature by feature.

    The second is empty where nothing is filled. Codes that a one-hot step is to expand keep what they lack, None: no
    number stands between two categories. Raises DataError for a feature that has no value in training.
    """
    if not isinstance(source, Csv | Parquet):
        return rows_of, {}
    match source.missing:
        case KeepMissing() | DropMissing():
            return rows_of, {}
        case FillMissing(value=value):
            fillers = np.where(_are_categories(raw), 0.0, value)
        case ImputeMissing(statistic=statistic):
            fillers = _statistics(rows_of["train"].inputs, statistic, raw)
        case _:
            assert_never(source.missing)
    fillers[[column in raw.categories for column in raw.columns]] = np.nan
    filled = {
        name: RawRows(np.where(np.isnan(rows.inputs), fillers, rows.inputs), rows.targets, rows.rows)
        for name, rows in rows_of.items()
    }
    return filled, {"missing": [None if np.isnan(filler) else float(filler) for filler in fillers]}


def _are_categories(raw: RawData) -> Array:
    of_category = {f"{column}={name}" for column, names in raw.one_hot.items() for name in names}
    return np.array([column in of_category for column in raw.columns])


def _statistics(train: Array, statistic: str, raw: RawData) -> Array:
    """Return the mean or median of each column's finite values: of infinities, the checklist speaks."""
    known = np.where(np.isfinite(train), train, np.nan)
    is_empty = np.isnan(known).all(axis=0)
    if is_empty.any():
        name = column_label(int(np.argmax(is_empty)), train.shape[1:], raw.columns)
        raise DataError(
            f"{raw.label}: column '{name}' has no value in the training split, so that there is no {statistic} to fill"
            " in; leave it out with data.source.ignore"
        )
    compute: Any = {"mean": np.nanmean, "median": np.nanmedian}[statistic]
    return np.array(compute(known, axis=0))
