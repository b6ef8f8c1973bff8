"""Which settings go with the result: ranks against scipy's, diverged runs, what changed together, and small numbers."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from logbook.history.importance import FEWEST, Outcome, average_ranks, importance
from logbook_schemas.records.importance import Importance, Influence

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


def judged(rows: list[tuple[dict[str, object], float]], mode: str = "min") -> Importance:
    outcomes = [Outcome(settings=settings, result=result) for settings, result in rows]  # type: ignore[arg-type]
    return importance(outcomes, metric="val_loss", mode=mode)  # type: ignore[arg-type]


def only(rows: list[tuple[dict[str, object], float]], mode: str = "min") -> Influence:
    (found,) = judged(rows, mode).influences
    return found


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_ranks_are_those_of_scipy(values: list[float]) -> None:
    assert average_ranks(values) == list(stats.rankdata(values))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=FEWEST, max_size=25))
def test_the_strength_of_a_number_is_spearmans(pairs: list[tuple[float, float]]) -> None:
    assume(len({lr for lr, _ in pairs}) > 2 and len({loss for _, loss in pairs}) > 1)
    expected = stats.spearmanr(*zip(*pairs, strict=True))
    assume(abs(expected.statistic) < 1 - 1e-9)
    found = only([({"lr": lr}, loss) for lr, loss in pairs])
    assert found.strength == pytest.approx(abs(expected.statistic), abs=1e-9)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from("abc"), NUMBERS), min_size=8, max_size=25))
def test_the_p_of_a_category_is_that_of_kruskal_and_wallis(pairs: list[tuple[str, float]]) -> None:
    groups = [[loss for name, loss in pairs if name == one] for one in sorted({name for name, _ in pairs})]
    assume(len(groups) > 1 and len({loss for _, loss in pairs}) > 1)
    found = only([({"model.kind": name}, loss) for name, loss in pairs])
    assert found.p == pytest.approx(stats.kruskal(*groups).pvalue, abs=1e-9)


def test_a_setting_that_decides_comes_first_and_says_which_way() -> None:
    chance = random.Random(0)
    rows = [({"lr": lr, "seedling": chance.random()}, abs(lr) + 0.01 * chance.random()) for lr in range(1, 31)]
    first, second = judged(rows).influences  # type: ignore[arg-type]
    assert (first.paths, first.direction, first.is_clear) == (("lr",), "lower", True)
    assert (first.best, first.worst) == (1, 30)
    assert not second.is_clear
    assert judged(rows, "max").influences[0].direction == "higher"  # type: ignore[arg-type]


def test_a_run_that_diverged_is_the_worst_of_all() -> None:
    rows = [({"optimizer.kind": "adam"}, 0.1 * k) for k in range(1, 6)]
    rows += [({"optimizer.kind": "sgd"}, math.nan if k % 2 else math.inf) for k in range(5)]
    found = judged(rows)  # type: ignore[arg-type]
    assert found.diverged == 5
    assert (found.influences[0].best, found.influences[0].worst) == ("adam", "sgd")
    assert found.influences[0].worst_result is None
    assert found.influences[0].is_clear


def test_what_always_changed_together_is_told_together_by_the_one_with_an_order() -> None:
    rows = [
        ({"size": f"{lr // 3}", "lr": lr // 3, "epochs": -(lr // 3), "task": "binary"}, 1.0 * lr) for lr in range(12)
    ]
    found = judged(rows)  # type: ignore[arg-type]
    assert found.influences[0].paths == ("lr", "epochs", "size")
    assert found.influences[0].direction == "lower"
    assert found.same == ("task",)


def test_of_too_few_runs_nothing_is_said() -> None:
    assert judged([({"lr": k}, float(k)) for k in range(FEWEST - 1)]).influences == ()
    assert judged([]).influences == ()


def test_chance_is_seldom_called_clear() -> None:
    chance = random.Random(1)
    clear = 0
    for _ in range(200):
        rows = [({f"s{k}": chance.choice([1, 2, 3, 4]) for k in range(5)}, chance.random()) for _ in range(30)]
        clear += any(found.is_clear for found in judged(rows).influences)  # type: ignore[arg-type]
    assert clear <= 25  # 5 % of 200 are 10; 25 lie beyond any chance that a seed makes


def test_equal_results_are_no_influence() -> None:
    found = only([({"lr": k}, 1.0) for k in range(6)])
    assert (found.strength, found.is_clear) == (0.0, False)


def test_free_texts_are_no_groups() -> None:
    assert judged([({"hypothesis": f"idea {k}"}, float(k)) for k in range(30)]).influences == ()


def test_one_and_true_are_two_values_and_one_and_one_point_zero_are_one() -> None:
    rows = [({"x": value}, float(k)) for k, value in enumerate([1, 1.0, True, True, 1, True])]
    assert only(rows).values == 2  # type: ignore[arg-type]
