"""The probes of rows and labels, each against a naive second version."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, ks_2samp

from logbook.training.data.duplicates import find_repeated_rows
from logbook.training.data.label_drift import compare_classes, compare_numbers
from logbook.training.data.label_order import measure_order
from logbook.training.data.loaded import RawRows
from logbook.training.data.nearness import measure_nearness
from logbook.training.data.padding import measure_padding
from logbook.training.data.sharing import find_shared_rows, row_keys
from logbook.training.data.signal import measure_signal
from logbook.training.data.transfer import measure_transfer


def repeats_of(inputs, labels=None, rows=None):
    inputs = np.asarray(inputs, dtype=np.float64)
    rows = np.arange(len(inputs)) if rows is None else np.asarray(rows)
    raw = RawRows(inputs, np.zeros(len(inputs)), rows)
    classes = None if labels is None else np.asarray(labels)
    return find_repeated_rows("train", raw, row_keys({"train": raw})["train"], classes)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=30))
def test_repeats_are_those_that_a_naive_search_finds(rows):
    pairs = [row[:2] for row in rows]
    found = repeats_of(pairs, [row[2] for row in rows])
    later = [place for place, pair in enumerate(pairs) if pair in pairs[:place]]
    conflicting = {
        place for place, row in enumerate(rows) if any(other[:2] == row[:2] and other[2] != row[2] for other in rows)
    }
    if not later:
        assert found is None
        return
    assert (found.repeated, found.distinct_rows, found.of_rows) == (len(later), len(set(pairs)), len(rows))
    assert found.examples == tuple(later[:5])
    assert found.conflicting == len(conflicting)
    assert set(found.conflicting_examples) <= conflicting
    every = [(one, other) for place, one in enumerate(rows) for other in rows[:place]]
    differ = [one[2] != other[2] for one, other in every if one[:2] == other[:2]]
    assert found.conflict_rate == pytest.approx(np.mean(differ))


def test_rows_that_balance_repeats_count_once():
    assert repeats_of([[1.0], [1.0], [2.0]], rows=[7, 7, 8]) is None
    assert repeats_of([[1.0], [1.0], [1.0]], rows=[7, 7, 8]).repeated == 1


def test_without_classes_nothing_conflicts():
    assert repeats_of([[1.0], [1.0]]).conflicting == 0


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, np.bool_])
def test_hashes_of_rows_differ_where_rows_do(dtype):
    """Whole numbers differ in few high bits, which a weak hash would lose."""
    side = np.arange(2 if dtype is np.bool_ else 16)
    rows = np.stack(np.meshgrid(side, side, side, side[:7]), axis=-1).reshape(-1, 4).astype(dtype)
    keys = row_keys({"train": RawRows(rows, rows, np.arange(len(rows)))})["train"].keys
    assert len(np.unique(keys)) == len(rows)


def test_rows_of_few_values_meet_by_chance():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, size=(2000, 10)).astype(float)
    split = {
        "train": RawRows(bits[:1600], bits[:1600], np.arange(1600)),
        "validation": RawRows(bits[1600:], bits[1600:], np.arange(1600, 2000)),
    }
    (found,) = find_shared_rows(split)
    assert found.chance_share == pytest.approx(1 - np.exp(-1600 / 1024), rel=0.02)
    assert found.share == pytest.approx(found.chance_share, abs=0.1)


@given(st.lists(st.integers(5, 40), min_size=2, max_size=5), st.integers(0, 9))
def test_the_drift_of_classes_is_scipys(counts, seed):
    other = np.random.default_rng(seed).integers(5, 40, len(counts))
    here, there = (np.repeat(np.arange(len(counts)), rows) for rows in (counts, other))
    found = compare_classes("validation", here, "train", there, len(counts))
    assert found.probability == pytest.approx(chi2_contingency([counts, other], correction=False).pvalue, rel=1e-9)
    shares = np.array(counts) / sum(counts) - other / other.sum()
    assert found.distance == pytest.approx(np.abs(shares).sum() / 2)


def test_the_drift_of_numbers_is_scipys():
    rng = np.random.default_rng(0)
    here, there = rng.normal(size=(300, 2)), rng.normal([0.0, 0.4], size=(500, 2))
    found = compare_numbers("validation", here, "train", there)
    wanted = ks_2samp(here[:, 1], there[:, 1], method="asymp")
    assert found.column == "1"
    assert found.distance == pytest.approx(wanted.statistic)
    assert found.probability == pytest.approx(2 * wanted.pvalue, rel=0.3)  # of two columns the worse one
    assert compare_numbers("validation", np.full((3, 1), np.nan), "train", there[:, :1]) is None


def test_the_order_of_labels_is_told():
    rows = (np.arange(6), np.arange(6, 8))
    sorted_classes = measure_order(np.array([0, 0, 1, 1, 2, 2]), np.array([2, 3]), rows=rows, has_classes=True)
    assert (sorted_classes.runs, sorted_classes.classes, sorted_classes.goes_on) == (3, 3, True)
    again = measure_order(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 2]), rows=rows, has_classes=True)
    assert again.goes_on is False
    rising = measure_order(np.arange(6.0), np.array([6.0, 7.0]), rows=rows, has_classes=False)
    assert (rising.runs, rising.goes_on) == (1, True)
    zigzag = measure_order(np.array([0.0, 3, 1, 4, 2, 5]), np.array([6.0, 7.0]), rows=rows, has_classes=False)
    assert zigzag.runs == 5
    mixed = measure_order(np.arange(6.0), np.array([6.0, 7.0]), rows=(np.arange(6), np.arange(2)), has_classes=False)
    assert mixed.goes_on is False


def naive_near(row, others, radius, own=None):
    """Whether a row lies upon another, unequal one, as no third row does."""
    gaps = np.linalg.norm(others - row, axis=1)
    gaps[[own] if own is not None else []] = np.inf
    gaps[gaps == 0] = np.inf
    best = int(gaps.argmin())
    crowd = np.linalg.norm(others - others[best], axis=1)
    crowd[[best, *([own] if own is not None else [])]] = np.inf
    crowd[crowd == 0] = np.inf
    return gaps[best] < radius and crowd.min() > 5 * gaps[best]


@pytest.mark.parametrize("width", [2, 6, 40])
def test_near_rows_are_those_that_a_naive_search_finds(width):
    rng = np.random.default_rng(width)
    there = rng.normal(size=(400, width)).astype(np.float32)
    here = np.concatenate([there[:60] + np.float32(0.001), rng.normal(size=(40, width))]).astype(np.float32)
    found = measure_nearness("validation", here, np.arange(100), "train", there)
    radius = 0.2 * found.typical_distance
    assert found.share == np.mean([naive_near(row, there, radius) for row in here])
    assert found.expected_share == np.mean([naive_near(row, there, radius, own) for own, row in enumerate(there)])
    assert found.share > 0.3


def test_many_rows_are_searched_in_a_tree_alike():
    rng = np.random.default_rng(0)
    there = rng.normal(size=(25_000, 5)).astype(np.float32)
    here = np.concatenate([there[:50] + np.float32(1e-4), rng.normal(size=(50, 5))]).astype(np.float32)
    found = measure_nearness("validation", here, np.arange(100), "train", there)
    radius = 0.2 * found.typical_distance
    assert found.share == np.mean([naive_near(row, there, radius) for row in here])


def test_few_rows_have_no_typical_distance():
    rows = np.zeros((200, 3), dtype=np.float32)
    assert measure_nearness("validation", rows[:10], np.arange(10), "train", rows) is None
    assert measure_nearness("validation", rows, np.arange(200), "train", rows) is None


def test_padding_is_counted_at_either_end():
    tokens = np.array([[1, 2, 0, 0], [0, 0, 0, 5], [1, 0, 0, 2], [0, 0, 0, 0]])
    found = measure_padding(tokens)
    assert found.share == (2 + 3 + 0 + 4) / 16
    assert found.padded_rows == 0.75
    assert measure_padding(np.arange(5)) is None


def test_a_signal_is_found_and_a_shuffled_one_is_not():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 6))
    y = (x[:, 0] + x[:, 1] > 0).astype(np.int64)
    assert measure_signal(x, y, has_classes=True).probes[-1].deviations > 10
    nothing = measure_signal(x, rng.permutation(y), has_classes=True)
    assert len(nothing.probes) == 5
    assert max(abs(probe.deviations) for probe in nothing.probes) < 4
    assert nothing.accuracy == pytest.approx(nothing.chance_accuracy, abs=0.1)


def test_votes_are_those_of_the_ten_nearest():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(120, 2)) + 6 * np.arange(120)[:, None] % 12
    y = np.arange(120) % 2
    y[:5] = 1 - y[:5]
    found = measure_signal(x, y, has_classes=True)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    votes = []
    for own, row in enumerate(scaled):
        gaps = np.linalg.norm(scaled - row, axis=1)
        gaps[own] = np.inf
        votes.append(y[np.argsort(gaps)[:10]].mean())
    votes = np.array(votes)
    disagree = ((votes >= 0.8) & (y == 0)) | ((votes <= 0.2) & (y == 1))
    assert found.disagreeing_share == pytest.approx(disagree.mean())
    assert found.unanimous_share == pytest.approx(((votes == 0) | (votes == 1)).mean())


def test_what_was_learnt_is_tried_on_validation():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 4))
    y = x @ np.array([1.0, 2.0, 0.0, 0.0])
    train, validation = (x[:400], y[:400, None]), (x[400:], y[400:, None])
    assert all(probe.score > 0.8 for probe in measure_transfer(train, validation, has_classes=False))
    turned = measure_transfer(train, (validation[0], -validation[1]), has_classes=False)
    assert all(probe.score < -0.8 for probe in turned)
    assert measure_transfer(train, (x[:5], y[:5, None]), has_classes=False) == ()
