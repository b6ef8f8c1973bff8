"""Progress: the best value so far over time, the runs that moved it, the runs since."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from logbook.history.progress import best_so_far, by_name, progress
from logbook_schemas.records.summary import RunSummary

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def run(number: int, days_ago: float, best: float | None, **changes: Any) -> RunSummary:
    """Return a run that had been trained so many days ago, after an hour."""
    began = NOW - timedelta(days=days_ago, hours=1)
    return RunSummary(
        number=number,
        uuid=f"uuid-{number}",
        words=f"words-{number}",
        version=number,
        config_hash="",
        recipe_hash="",
        best_value=best,
        **{"name": "net", "status": "finished", "started_at": began.isoformat(), "seconds": 3600.0, **changes},
    )


RUNS = [run(1, 40, 0.9), run(2, 30, 0.5), run(3, 20, 0.6), run(4, 10, 0.4), run(5, 5, math.nan), run(6, 1, 0.4)]


def test_a_run_that_is_better_than_all_before_moves_it() -> None:
    found = progress(RUNS, now=NOW, weeks=4)
    assert [(one.id, one.value, one.runs) for one in found.improvements] == [
        ("r1", 0.9, 1),
        ("r2", 0.5, 1),
        ("r4", 0.4, 2),
    ]
    assert [one.gain for one in found.improvements] == [None, pytest.approx(0.4), pytest.approx(0.1)]
    assert (found.runs, found.runs_since) == (6, 2)


def test_weeks_say_where_one_was() -> None:
    weeks = progress(RUNS, now=NOW, weeks=6).weeks
    assert [(week.weeks_ago, week.best, week.run, week.runs) for week in weeks] == [
        (0, 0.4, "r4", 0),
        (1, 0.4, "r4", 2),
        (2, 0.5, "r2", 3),
        (3, 0.5, "r2", 4),
        (4, 0.5, "r2", 4),
        (5, 0.9, "r1", 5),
        (6, None, None, 6),
    ]
    assert [week.gain for week in weeks[:3]] == [0.0, 0.0, pytest.approx(0.1)]
    assert weeks[-1].gain is None


def test_larger_is_better_where_the_metric_says_so() -> None:
    accuracy = {"monitor_metric": "accuracy", "monitor_mode": "max"}
    runs = [run(1, 20, 0.7, **accuracy), run(2, 10, 0.9, **accuracy), run(3, 5, 0.8, **accuracy)]
    found = progress(runs, now=NOW, weeks=2)
    assert [one.id for one in found.improvements] == ["r1", "r2"]
    assert found.weeks[2].gain == pytest.approx(0.2)
    assert (found.metric, found.mode) == ("accuracy", "max")


def test_runs_that_monitor_something_else_than_the_newest_are_left_out_and_counted() -> None:
    other = {"monitor_metric": "accuracy", "monitor_mode": "max"}
    found = progress([run(1, 3, 0.99, **other), run(2, 2, 0.5), run(3, 1, 0.4)], now=NOW, weeks=1)
    assert (found.runs, found.left_out, found.metric) == (2, 1, "val_loss")


def test_a_run_counts_from_when_it_had_been_trained() -> None:
    long = run(1, 0, 0.1, started_at=(NOW - timedelta(days=10)).isoformat(), seconds=9 * 86_400.0)
    found = progress([run(2, 8, 0.5), long], now=NOW, weeks=1)
    assert [one.id for one in found.improvements] == ["r2", "r1"]
    assert found.weeks[1].best == 0.5


def test_no_run_with_a_number_is_said() -> None:
    found = progress([run(1, 3, None), run(2, 1, math.inf)], now=NOW, weeks=1)
    assert found.improvements == ()
    assert found.sentence == "none of 2 runs has a val_loss that is a number"
    assert best_so_far(found, 5) == [None] * 5


@pytest.mark.parametrize(
    ("weeks", "sentence"),
    [
        (1, "a week ago it was the same, 2 runs ago; 2 runs since were no better"),
        (4, "4 weeks ago it was 0.5, 4 runs ago; 2 runs since were no better"),
        (9, "9 weeks ago there was none; 2 runs since were no better"),
    ],
)
def test_the_sentence_says_where_one_was(weeks: int, sentence: str) -> None:
    found = progress(RUNS, now=NOW, weeks=weeks)
    assert found.sentence == f"best val_loss 0.4, by r4 words-4 10 days ago; {sentence}"


def test_the_curve_is_the_naive_one() -> None:
    found = progress(RUNS, now=NOW, weeks=1)
    start = datetime.fromisoformat(found.first_at)
    for place, value in enumerate(best_so_far(found, 50)):
        at = NOW if place == 49 else start + (NOW - start) * place / 49
        ends = [(datetime.fromisoformat(one.started_at) + timedelta(hours=1), one.best_value) for one in RUNS]
        seen = [best for then, best in ends if then <= at and best is not None and not math.isnan(best)]
        assert value == (min(seen) if seen else None)


def test_each_name_has_its_own_the_one_worked_on_last_first() -> None:
    found = by_name([run(1, 9, 0.1, name="old"), run(2, 3, 0.5), run(3, 1, 0.7, name="new")], now=NOW, weeks=1)
    assert [(one.name, one.improvements[0].value) for one in found] == [("new", 0.7), ("net", 0.5), ("old", 0.1)]


def test_moments_in_other_zones_and_without_one_are_put_in_order() -> None:
    one = run(1, 0, 0.5, started_at="2026-11-20T12:00:00+05:00", seconds=0.0)
    two = run(2, 0, 0.4, started_at="2026-11-20T08:00:00", seconds=0.0)
    assert [step.id for step in progress([two, one], now=NOW, weeks=1).improvements] == ["r1", "r2"]
