"""Preparation: statistics fitted on the training split alone, applied to every split, undone for predictions.

Statistics are float64 and leave NaN and infinities out; prepared data keep them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from logbook.training.data.arrays import Array, column_label, row_chunks
from logbook.training.data.columns import Layout
from logbook.training.data.fitting import fit_step
from logbook.training.data.steps import OneHot, Step, step_from
from logbook_schemas.config.preparation import Preparation

__all__ = ["Scaling", "fit_scaling"]


@dataclass(frozen=True)
class Scaling:
    """Fitted steps of preparation, in order; without steps everything passes as it is.

    `layout` is what one example looks like after them, and `before` what it looks like before each.
    """

    steps: tuple[Step, ...] = ()
    layout: Layout | None = None
    before: tuple[Layout, ...] = field(default=(), compare=False)

    def apply(self, raw: Array) -> Array:
        """Return what the network sees, float32 [N, …], of `raw` [N, …]; computed in float64."""
        if not self.steps:
            return _as_float32(raw)
        prepared: Array | None = None
        start = 0
        with np.errstate(over="ignore", invalid="ignore"):
            for chunk in row_chunks(raw):
                ready = _run(self.steps, chunk)
                if prepared is None:
                    prepared = np.empty((len(raw), *ready.shape[1:]), dtype=np.float32)
                prepared[start : start + len(chunk)] = ready
                start += len(chunk)
        return _as_float32(raw) if prepared is None else prepared

    def unscale(self, values: Tensor) -> Tensor:
        """Return targets or predictions [N, K] in original units, in the tensor's own type and on its device."""
        if not self.steps:
            return values
        # A large offset eats float32's digits on the way; mps has no float64.
        wide = values if values.device.type == "mps" else values.double()
        for step in reversed(self.steps):
            wide = step.undo(wide)
        return wide.to(values.dtype)

    def statistics(self) -> list[dict[str, Any]]:
        """Return the fitted steps as JSON has them, in order."""
        return [step.statistics() for step in self.steps]

    @classmethod
    def from_statistics(cls, kept: Sequence[Mapping[str, Any]]) -> Scaling:
        """Return the fitted steps that `statistics` gave; they do the same, bit for bit. Layouts are not kept."""
        return cls(tuple(map(step_from, kept)))

    def first_unknown(self, raw: Array) -> tuple[int, int, float] | None:
        """Return row, column and value of the first category that one-hot columns don't know; None where all do.

        A missing one is none of them, as in training.
        """
        for place, step in enumerate(self.steps):
            if isinstance(step, OneHot):
                before = _run(self.steps[:place], raw.astype(np.float64))
                for column, known in step.values.items():
                    strange = ~np.isin(before[:, column], known) & ~np.isnan(before[:, column])
                    if strange.any():
                        row = int(np.argmax(strange))
                        return row, column, float(before[row, column])
        return None

    def unknown_categories(self, raw: Array) -> dict[str, int]:
        """Return, by column, how many rows hold a category that one-hot columns don't know."""
        counts: dict[str, int] = {}
        for place, step in enumerate(self.steps):
            if not isinstance(step, OneHot):
                continue
            before = self.before[place]
            for chunk in row_chunks(raw):
                for column, count in step.unknown(_run(self.steps[:place], chunk)).items():
                    name = column_label(column, before.shape, before.columns)
                    counts[name] = counts.get(name, 0) + count
        return counts


def fit_scaling(
    steps: Sequence[Preparation],
    train: Array,
    *,
    columns: tuple[str, ...] = (),
    categories: Mapping[str, tuple[str, ...]] | None = None,
    name: str,
) -> Scaling:
    """Fit steps to the training rows [N, ...], each on what the ones before it leave.

    `columns` and `categories` are those of `Layout`; `name` is inputs or targets. Raises DataError for columns that
    aren't there, for statistics that the examples can't have, and for numbers too large for them.
    """
    fitted: tuple[Step, ...] = ()
    layouts = [Layout(shape=train.shape[1:], columns=columns, categories=categories or {})]
    for step in steps:
        before = fitted

        def chunks(before: tuple[Step, ...] = before) -> Iterator[Array]:
            return (_run(before, chunk) for chunk in row_chunks(train))

        found, layout = fit_step(step, chunks, layouts[-1], where=f"data.{name}: {step.kind}")
        fitted = (*fitted, found)
        layouts.append(layout)
    return Scaling(fitted, layouts[-1], tuple(layouts[:-1]))


def _run(steps: Sequence[Step], chunk: Array) -> Array:
    for step in steps:
        chunk = step.apply(chunk)
    return chunk


def _as_float32(raw: Array) -> Array:
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(raw, dtype=np.float32)
    return values if values.flags.writeable else values.copy()
