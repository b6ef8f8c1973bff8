"""Which settings go with the result over many runs: `importance --json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["Importance", "Influence"]


class Influence(Record):
    """One setting, or several that were always changed together, and how it goes with the result. Never a cause."""

    paths: tuple[str, ...]
    runs: int = Field(description="runs that have the setting")
    values: int = Field(description="different values among them")
    strength: float = Field(
        description="from 0 to 1: the size of Spearman's rank correlation where the values have an order, else the"
        " square root of the share of the variance of the results' ranks that lies between the values"
    )
    direction: Literal["lower", "higher"] | None = Field(
        None, description="which values go with better results; null where they have no order"
    )
    p: float = Field(description="how often chance alone would give a strength as large")
    is_clear: bool = Field(description="whether p is below 0.05 divided by the number of settings asked about")
    best: JsonValue = Field(None, description="the value with the best median result")
    best_result: float | None = None
    worst: JsonValue = None
    worst_result: float | None = Field(None, description="null where the median run diverged")
    forest: float | None = Field(
        None, description="how much worse a random forest predicts the ranks with this setting shuffled, in R²"
    )


class Importance(Record):
    """What goes with a metric over the runs of a search."""

    metric: str
    mode: Literal["min", "max"]
    runs: int = Field(description="runs with a result, those that diverged among them")
    diverged: int = Field(0, description="of them; they count as worse than all others")
    left_out: int = Field(0, description="runs without a result: running, failed, of another metric")
    influences: tuple[Influence, ...] = Field((), description="the strongest first")
    same: tuple[str, ...] = Field((), description="settings that are the same in all runs, and can say nothing")
    forest_score: float | None = Field(None, description="R² of the forest on rows that it had not seen")
    remarks: tuple[str, ...] = Field((), description="what speaks against the statement, or why there is none")
