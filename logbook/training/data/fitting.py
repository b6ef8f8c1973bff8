"""One step of preparation, fitted to the training split as the steps before it leave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array, ColumnStatistics, column_label, column_statistics
from logbook.training.data.columns import Layout, find_columns
from logbook.training.data.steps import Affine, Clipped, Log, OnColumns, OneHot, Ranks, Squash, Step, Whitening
from logbook_schemas.config import preparation as kinds

__all__ = ["Chunks", "fit_step"]

Chunks = Callable[[], Iterator[Array]]
"""The training rows, some at a time, float64 [n, …]; from the beginning each time it is called."""

_MOST_VALUES = 1000
"""A column of more values than this is a number or a name for each row, and no category."""
_MOST_WHITENED = 4096
"""Features to whiten: their covariance is a matrix of the square of this."""

_Scaled = kinds.Standardize | kinds.Center | kinds.MinMax


def fit_step(step: kinds.Preparation, chunks: Chunks, layout: Layout, *, where: str) -> tuple[Step, Layout]:
    """Return the fitted step, and what an example looks like after it.

    Raises DataError, which begins with `where`, for columns that aren't there, for statistics that these examples
    can't have, and for numbers so large that their deviation is none.
    """
    if isinstance(step, kinds.OneHot):
        return _fit_one_hot(step, chunks, layout, where)
    if step.columns is None:
        fitted = _fit(step, chunks, layout, where)
        if isinstance(fitted, Whitening) and not fitted.keeps_shape:
            count = fitted.matrix.shape[1]
            return fitted, Layout(shape=(count,), columns=tuple(f"component {n}" for n in range(1, count + 1)))
        return fitted, layout
    columns = find_columns(step.columns, layout, where=where)
    chosen = Layout(shape=(len(columns),), columns=tuple(layout.columns[n] for n in columns) if layout.columns else ())
    if isinstance(step, _Scaled) and step.groups is not None:
        places = [_places_of(group, columns, layout, where) for group in _groups(step.groups, layout, where)]
        step = step.model_copy(update={"groups": tuple(map(tuple, places))})
    fitted = _fit(step, lambda: (chunk[:, columns] for chunk in chunks()), chosen, where)
    return OnColumns(columns, fitted), layout


def _fit(step: kinds.Preparation, chunks: Chunks, layout: Layout, where: str) -> Step:
    match step:
        case kinds.ScaleBytes():
            is_unit = step.low == 0
            shift, scale = (0.0, 255.0) if is_unit else (127.5, 127.5)
            return Affine(step.kind, np.asarray(shift), np.asarray(scale))
        case kinds.TanhSquash():
            return Squash(step.c)
        case kinds.Log():
            return Log()
        case kinds.Clip():
            low, high = (-np.inf if step.low is None else step.low, np.inf if step.high is None else step.high)
            return Clipped(step.kind, np.asarray(low), np.asarray(high))
        case kinds.Standardize() | kinds.Center() | kinds.MinMax():
            return _fit_affine(step, chunks, layout, where)
        case kinds.ClipQuantiles():
            low, high = _quantiles(chunks, np.array([step.low, step.high]))
            return Clipped(step.kind, low.reshape(layout.shape), high.reshape(layout.shape))
        case kinds.Quantile():
            return Ranks(_quantiles(chunks, np.linspace(0, 1, step.points)))
        case kinds.Whiten():
            return _fit_whitening(step, chunks, layout, where)
        case kinds.OneHot():
            raise ValueError("one-hot changes the columns, and is fitted by itself")
        case _:
            assert_never(step)


def _fit_affine(step: _Scaled, chunks: Chunks, layout: Layout, where: str) -> Affine:
    statistics, shape = column_statistics(chunks), layout.shape
    if step.per == "whole":
        statistics, shape = statistics.whole(), ()
    elif step.per == "channel":
        if len(shape) != 3:
            raise DataError(
                f"{where}: per 'channel' is of images [channels, height, width], but one example has shape {shape}"
            )
        pixels = shape[1] * shape[2]
        statistics = statistics.pooled([np.arange(n * pixels, (n + 1) * pixels) for n in range(shape[0])])
        statistics, shape = statistics.at(np.arange(shape[0]) * pixels), (shape[0], 1, 1)
    elif step.groups is not None:
        statistics = statistics.pooled(_groups(step.groups, layout, where))
    return _affine(step, statistics, shape, where, layout.columns)


def _groups(groups: Sequence[Sequence[str | int]], layout: Layout, where: str) -> list[Array]:
    found = [find_columns(group, layout, where=f"{where}, groups") for group in groups]
    together = np.concatenate(found) if found else np.array([], dtype=np.int64)
    if len(np.unique(together)) < len(together):
        raise DataError(f"{where}: a column stands in two groups")
    return found


def _places_of(group: Array, columns: Array, layout: Layout, where: str) -> list[int]:
    """Return where a group's columns stand among the columns of its step."""
    outside = np.setdiff1d(group, columns)
    if len(outside):
        label = column_label(int(outside[0]), layout.shape, layout.columns)
        raise DataError(f"{where}: column {label} stands in a group, and not in columns")
    places: list[int] = np.searchsorted(columns, group).tolist()
    return places


def _affine(
    step: _Scaled, statistics: ColumnStatistics, shape: tuple[int, ...], where: str, columns: tuple[str, ...]
) -> Affine:
    """Return the fitted step. A feature that never changes is divided by 1: 0 would make it NaN."""
    one = np.ones_like(statistics.std)
    if isinstance(step, kinds.MinMax):
        width = (statistics.high - statistics.low) / (step.high - step.low)
        scale = np.where(width > 0, width, one)
        shift = statistics.low - step.low * scale
    else:
        shift = statistics.mean
        is_centred_only = isinstance(step, kinds.Center)
        scale = one if is_centred_only else np.where(statistics.std > 0, statistics.std, one)
    broken = ~(np.isfinite(shift) & np.isfinite(scale))
    if broken.any():
        feature = column_label(int(np.argmax(broken)), shape, columns)
        raise DataError(f"{where}: the numbers of feature {feature} are too large for a mean and a deviation")
    return Affine(step.kind, shift.reshape(shape), scale.reshape(shape))


def _quantiles(chunks: Chunks, shares: Array) -> Array:
    """Return the quantiles of each feature [len(shares), F], NaN and infinities left out; 0 where nothing is left."""
    # float32: in float64 a set that fits into memory might not fit twice more.
    values = np.concatenate([chunk.reshape(len(chunk), -1).astype(np.float32) for chunk in chunks()])
    found = np.zeros((len(shares), values.shape[1]))
    for place, column in enumerate(values.T):
        finite = column[np.isfinite(column)]
        if len(finite):
            found[:, place] = np.quantile(finite.astype(np.float64), shares)
    return found


def _fit_whitening(step: kinds.Whiten, chunks: Chunks, layout: Layout, where: str) -> Whitening:
    width = int(np.prod(layout.shape))
    if width > _MOST_WHITENED:
        raise DataError(f"{where}: an example has {width} features; at most {_MOST_WHITENED} can be whitened")
    if step.components is not None and step.components > width:
        raise DataError(f"{where}: components is {step.components}, but there are {width} features")
    rows = [_whole_rows(chunk) for chunk in chunks()]
    count = max(1, sum(map(len, rows)))
    mean = np.sum([part.sum(axis=0) for part in rows], axis=0) / count
    covariance = np.sum([(part - mean).T @ (part - mean) for part in rows], axis=0) / count
    if not np.isfinite(covariance).all():
        raise DataError(f"{where}: the numbers are too large for a covariance")
    variances, axes = np.linalg.eigh(covariance)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1]
    # An eigenvector's sign is arbitrary, and may differ from machine to machine.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(width)])
    scaled = axes / np.sqrt(variances + step.epsilon * (variances[0] or 1.0))
    if step.method == "zca":
        return Whitening(mean, scaled @ axes.T, keeps_shape=True)
    kept = width if step.components is None else step.components
    return Whitening(mean, scaled[:, :kept], keeps_shape=False)


def _whole_rows(chunk: Array) -> Array:
    flat = chunk.reshape(len(chunk), -1)
    return flat[np.isfinite(flat).all(axis=1)]


def _fit_one_hot(step: kinds.OneHot, chunks: Chunks, layout: Layout, where: str) -> tuple[Step, Layout]:
    if step.columns is None and not layout.categories:
        raise DataError(f"{where}: the source knows no column of categories; name the columns to replace in 'columns'")
    columns = find_columns(step.columns or tuple(layout.categories), layout, where=where)
    found = {int(place): np.array([]) for place in columns}
    for chunk in chunks():
        for place, known in found.items():
            here = chunk[:, place]
            found[place] = np.union1d(known, here[~np.isnan(here)])
            _check_values(found[place], f"{where}: column {column_label(place, layout.shape, layout.columns)}")
    names = [_names(place, found.get(place), layout) for place in range(layout.shape[0])]
    flat = tuple(name for group in names for name in group)
    kept = {name: named for name, named in layout.categories.items() if name in flat}
    return OneHot(found), Layout(shape=(len(flat),), columns=flat, categories=kept)


def _check_values(values: Array, where: str) -> None:
    broken = values[~(np.isfinite(values) & (values == np.round(values)))]
    if len(broken):
        raise DataError(f"{where} holds {broken[0]:g}; one-hot replaces whole numbers, one column a value")
    if len(values) > _MOST_VALUES:
        raise DataError(f"{where} has more than {_MOST_VALUES} values; one-hot is for categories")


def _names(place: int, values: Array | None, layout: Layout) -> list[str]:
    """Return the names of what stands in the place of a column: `colour=red`, or `colour=3`."""
    name = column_label(place, layout.shape, layout.columns)
    if values is None:
        return [name]
    known = layout.categories.get(name, ())
    return [f"{name}={known[int(one)] if 0 <= one < len(known) else int(one)}" for one in values]
