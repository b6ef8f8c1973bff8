"""Predictions as CSV: a line a row, the class and its probabilities, values in original units, or windows of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_cli.views.table import Cell, Column, Table
from logbook_schemas.records.predictions import PredictDocument, RowPrediction

__all__ = ["predictions_table"]

_BEFORE = ("file", "text")
_AFTER = ("error", "loss", "perplexity")


def predictions_table(document: PredictDocument) -> Table:
    """Return a column `row`, one a predicted value, and `p(NAME)` for each class.

    `file` and `text` stand before them, `error`, `loss` and `perplexity` behind them, where a task has such.
    """
    rows = document.predictions
    before, after = ([name for name in names if any(_has(one, name) for one in rows)] for names in (_BEFORE, _AFTER))
    values = document.columns or _positions(rows)
    has_probabilities = any(one.probabilities for one in document.predictions)
    likely = [f"p({name})" for name in document.classes] if has_probabilities else []
    columns = tuple(Column(name) for name in ("row", *before, *values, *likely, *after))
    return Table(columns, [[*_cells(one, before, len(values), after)] for one in document.predictions])


def _has(one: RowPrediction, name: str) -> bool:
    return getattr(one, name) is not None


def _positions(rows: Sequence[RowPrediction]) -> tuple[str, ...]:
    """Name the values of predictions without names of their own: one, or a token at each position."""
    width = max((len(one.prediction) for one in rows if isinstance(one.prediction, list)), default=1)
    return ("prediction",) if width == 1 else tuple(f"position_{place}" for place in range(width))


def _cells(one: RowPrediction, before: Sequence[str], count: int, after: Sequence[str]) -> Iterator[Cell]:
    yield one.row
    yield from (getattr(one, name) for name in before)
    said = one.prediction if isinstance(one.prediction, list) else [one.prediction]
    for value in said[:count]:
        yield value if isinstance(value, str | int | float) else None
    yield from one.probabilities
    yield from (getattr(one, name) for name in after)
