"""What the network of a run says of new rows: `predict --json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["PredictDocument", "RowPrediction"]


class RowPrediction(Record):
    """One row."""

    row: int = Field(description="its place among the rows, from 0")
    prediction: JsonValue = Field(
        None,
        description="the class; of a regression the value in original units, of several columns a list in their order;"
        " of several labels a list of 0 and 1; null where the network's outputs are not a number",
    )
    probabilities: tuple[float, ...] = Field(
        (), description="of each class, in the order of `classes`; empty where the outputs are no probabilities"
    )


class PredictDocument(Record):
    """What the network of a run says of new rows."""

    run: str
    uuid: str
    name: str
    checkpoint: Literal["best", "last"]
    epoch: int = Field(description="the epoch whose weights these are")
    task: str
    rows: str = Field(description="the file of the rows")
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = Field((), description="names of the values of a prediction that is of several, or one")
    predictions: tuple[RowPrediction, ...] = ()
