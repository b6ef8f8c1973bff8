"""Predictions as CSV: a line a row, the class and its probabilities, or the values in original units."""

from __future__ import annotations

from collections.abc import Iterator

from logbook_cli.views.table import Cell, Column, Table
from logbook_schemas.records.predictions import PredictDocument, RowPrediction

__all__ = ["predictions_table"]


def predictions_table(document: PredictDocument) -> Table:
    """Return a column `row`, one a predicted value, and `p(NAME)` for each class."""
    values = document.columns or ("prediction",)
    has_probabilities = any(one.probabilities for one in document.predictions)
    likely = [f"p({name})" for name in document.classes] if has_probabilities else []
    columns = tuple(Column(name) for name in ("row", *values, *likely))
    return Table(columns, [[*_cells(one, len(values))] for one in document.predictions])


def _cells(one: RowPrediction, count: int) -> Iterator[Cell]:
    yield one.row
    said = one.prediction if isinstance(one.prediction, list) else [one.prediction]
    for value in said[:count]:
        yield value if isinstance(value, str | int | float) else None
    yield from one.probabilities
