"""What the network of a run says of new rows: `predict --json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["PredictDocument", "RowPrediction"]


class RowPrediction(Record):
    """One row."""

    row: int = Field(description="its place among the rows, from 0")
    file: str | None = Field(None, description="the file of an image, below the folder that was asked for")
    text: str | None = Field(
        None, description="of a text: what stands in this window from its second token on, unknown characters left out"
    )
    prediction: JsonValue = Field(
        None,
        description="the class; of a regression or a reconstruction the value in original units, of several columns a"
        " list in their order; of several labels a list of 0 and 1; of metric-learning the embedding; of a text the"
        " token said in the place of each of `text`; of rows of tokens a list of those said at each position; null"
        " where the network's outputs are not a number",
    )
    probabilities: tuple[float, ...] = Field(
        (), description="of each class, in the order of `classes`; empty where the outputs are no probabilities"
    )
    error: float | None = Field(
        None, description="of a reconstruction: the mean squared error over the row's entries, in prepared units"
    )
    loss: float | None = Field(
        None, description="of a text: the mean cross-entropy of the window's counted tokens, in nats"
    )
    perplexity: float | None = Field(None, description="the exponential of `loss`; null where it is too large")


class PredictDocument(Record):
    """What the network of a run says of new rows."""

    run: str
    uuid: str
    name: str
    checkpoint: Literal["best", "last"]
    epoch: int = Field(description="the epoch whose weights these are")
    task: str
    rows: str = Field(description="the file of the rows, or the folder of the images")
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = Field((), description="names of the values of a prediction that is of several, or one")
    loss: float | None = Field(
        None, description="of a text: the mean cross-entropy of all counted tokens, in nats; null elsewhere"
    )
    perplexity: float | None = Field(None, description="the exponential of `loss`; null where it is too large")
    tokens: int | None = Field(None, description="of a text: how many tokens are counted")
    predictions: tuple[RowPrediction, ...] = ()
