"""Mean and deviation of runs that differ in seed or fold alone."""

from __future__ import annotations

import math
import statistics

import pytest

from logbook.history.replicates import spread
from logbook_schemas.records.summary import RunSummary
from tests.history.records import run


def summaries(*values: float | None, **fields: object) -> list[RunSummary]:
    return [run().summary.model_copy(update={"best_value": value, **fields}) for value in values]


def test_the_spread_is_the_mean_and_deviation_of_the_best_values() -> None:
    found = spread(summaries(0.5, 0.25, 0.75, None, math.nan))
    assert found is not None
    assert (found.runs, found.mean, found.low, found.high) == (3, 0.5, 0.25, 0.75)
    assert found.deviation == pytest.approx(statistics.stdev([0.5, 0.25, 0.75]))


def test_runs_that_are_no_replicates_have_no_spread() -> None:
    assert spread(summaries(0.5)) is None
    assert spread(summaries(0.5, None)) is None
    assert spread([*summaries(0.5), *summaries(0.5, recipe_hash="f" * 64)]) is None
    assert spread([*summaries(0.5), *summaries(0.5, monitor_metric="accuracy")]) is None
