"""Mean and deviation of runs that differ in seed or fold alone, and whether two recipes differ by more."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from logbook.history.replicates import noise, spread
from logbook_schemas.records.replicates import Noise
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


# -- two recipes ----------------------------------------------------------------------------------------------

VALUES = st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=8)


def held(left: Sequence[float], right: Sequence[float], *, comparisons: int = 1) -> Noise:
    found = noise(spread(summaries(*left)), spread(summaries(*right)), comparisons=comparisons)
    assert found is not None
    return found


@given(VALUES, VALUES)
def test_the_test_is_welchs_as_scipy_has_it(left: list[float], right: list[float]) -> None:
    assume(statistics.stdev(left) > 1e-2 and statistics.stdev(right) > 1e-2)
    expected = stats.ttest_ind(right, left, equal_var=False)
    found = held(left, right)
    assert found.p == pytest.approx(float(expected.pvalue), rel=1e-6, abs=1e-12)
    assert found.freedom == pytest.approx(float(expected.df), rel=1e-6)


@given(VALUES, VALUES)
def test_it_makes_no_difference_which_recipe_is_the_baseline(left: list[float], right: list[float]) -> None:
    one, other = held(left, right), held(right, left)
    assert one.p == pytest.approx(other.p)
    assert one.difference == pytest.approx(-other.difference)


def test_what_is_far_beyond_the_seeds_exceeds_the_noise_and_what_is_within_does_not() -> None:
    assert held((0.50, 0.51, 0.49), (0.30, 0.31, 0.29)).is_exceeded
    assert not held((0.50, 0.60, 0.40), (0.45, 0.58, 0.38)).is_exceeded


def test_of_several_comparisons_each_must_pass_a_harder_test() -> None:
    left, right = (0.50, 0.52, 0.48), (0.43, 0.47, 0.46)
    assert held(left, right).is_exceeded
    assert not held(left, right, comparisons=5).is_exceeded


def test_recipes_that_seeds_do_not_change_differ_or_do_not() -> None:
    assert held((0.5, 0.5), (0.4, 0.4)).is_exceeded
    assert not held((0.5, 0.5), (0.5, 0.5)).is_exceeded


def test_one_run_has_no_noise_to_compare_with() -> None:
    assert noise(spread(summaries(0.5)), spread(summaries(0.4, 0.3))) is None
    other = summaries(0.4, 0.3, monitor_metric="accuracy")
    assert noise(spread(summaries(0.5, 0.6)), spread(other)) is None
