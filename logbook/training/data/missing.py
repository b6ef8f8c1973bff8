"""Missing features of a table: filled with a number, or with a statistic of the training split alone."""

from __future__ import annotations

import warnings
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
) -> tuple[dict[str, RawRows], dict[str, list[float]]]:
    """Return the splits with their missing features filled in as the source says, and by what, feature by feature.

    The second is empty where nothing is filled. Raises DataError for a feature that has no value in training.
    """
    if not isinstance(source, Csv | Parquet):
        return rows_of, {}
    train = rows_of["train"].inputs
    match source.missing:
        case KeepMissing() | DropMissing():
            return rows_of, {}
        case FillMissing(value=value):
            fillers = np.where(_is_category(raw), 0.0, value)
        case ImputeMissing(statistic=statistic):
            fillers = _statistics(train, statistic, raw)
        case _:
            assert_never(source.missing)
    filled = {
        name: RawRows(np.where(np.isnan(rows.inputs), fillers, rows.inputs), rows.targets, rows.rows)
        for name, rows in rows_of.items()
    }
    return filled, {"missing": fillers.tolist()}


def _is_category(raw: RawData) -> Array:
    of_category = {f"{column}={name}" for column, names in raw.one_hot.items() for name in names}
    return np.array([column in of_category for column in raw.columns])


def _statistics(train: Array, statistic: str, raw: RawData) -> Array:
    is_empty = np.isnan(train).all(axis=0)
    if is_empty.any():
        name = column_label(int(np.argmax(is_empty)), train.shape[1:], raw.columns)
        raise DataError(
            f"{raw.label}: column '{name}' has no value in the training split, so that there is no {statistic} to fill"
            " in; leave it out with data.source.ignore"
        )
    compute: Any = {"mean": np.nanmean, "median": np.nanmedian}[statistic]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # infinities: the checklist names them
        return np.asarray(compute(train, axis=0))
