"""What columns and models say of labels, each against a naive second version."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from logbook.training.data.contradictions import _linear, measure_sureness
from logbook.training.data.row_scaling import measure_row_scaling
from logbook.training.data.telling import measure_telling

NOTHING = np.empty((0, 0), dtype=np.float32)


def telling(x, y, *, has_classes=True):
    return {one.name: one for one in measure_telling(np.asarray(x), y, columns=(), has_classes=has_classes)}


def heaps(rows=600, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, rows)
    return rng.normal(size=(rows, 3)) + 4 * rng.normal(size=(classes, 3))[y], y


def test_each_row_is_predicted_by_the_fit_to_all_others():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    naive = cross_val_predict(Ridge(alpha=3 + 0.4, fit_intercept=False), x, y, cv=LeaveOneOut())
    np.testing.assert_allclose(_linear(x, y, 3.4), naive, rtol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_wrong_labels_are_counted_where_a_model_is_sure(seed):
    x, y = heaps(seed=seed)
    rng = np.random.default_rng(seed)
    wrong = np.where(rng.random(len(y)) < 0.3, (y + rng.integers(1, 4, len(y))) % 4, y)
    whole = np.empty((len(x), 0))
    found = measure_sureness((x - x.mean(0)) / x.std(0), whole, wrong)
    assert found.sure_wrong / found.sure_rows == pytest.approx(0.3, abs=0.08)
    assert found.middle_wrong / found.middle_rows == pytest.approx(0.3, abs=0.12)
    assert found.agreement == pytest.approx(1.0, abs=0.2)
    assert found.sure_rows + found.middle_rows + found.unsure_rows == len(x)
    clean = measure_sureness((x - x.mean(0)) / x.std(0), whole, y)
    assert clean.sure_wrong <= 0.02 * clean.sure_rows


def test_two_classes_have_no_other_class_to_agree_on():
    x, y = heaps(classes=2)
    assert measure_sureness(x, np.empty((len(x), 0)), y).agreement is None


@pytest.mark.parametrize("unit", [1.0, -37.5, 1e-6])
def test_a_column_that_is_the_target_is_found_in_any_unit(unit):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 3)), rng.normal(size=(200, 1))
    x[:, 1] = (unit * (y[:, 0] + 4)).astype(np.float32)
    assert {name for name, one in telling(x, y, has_classes=False).items() if one.is_label} == {"1"}
    x[:, 1] += 0.01 * unit * rng.normal(size=200)
    assert not any(one.is_label for one in telling(x, y, has_classes=False).values())


def test_an_autoencoder_may_be_asked_for_its_inputs():
    x = np.random.default_rng(0).normal(size=(200, 3))
    assert telling(x, x, has_classes=False) == {}


@pytest.mark.parametrize("seed", range(5))
def test_rare_counts_make_no_jumps(seed):
    rng = np.random.default_rng(seed)
    count = rng.geometric(0.2, 400)
    y = np.sqrt(count) + 0.6 * rng.normal(size=400)
    found = telling(np.c_[count, rng.normal(size=400)], y[:, None], has_classes=False)["0"]
    assert found.values < len(np.unique(count))
    assert found.jumps < 0.4


def test_a_column_of_one_value_for_each_class_is_found_in_any_order():
    x, y = heaps()
    codes = np.array([5.0, -1.0, 2.0, 9.0])[y]
    assert telling(np.c_[x, codes], y)["3"].is_label
    codes[0] += 1
    assert not telling(np.c_[x, codes], y).get("3")
    assert not telling(np.c_[x, np.array([0, 0, 1, 2])[y]], y).get("3")


def test_numbers_of_rows_sorted_by_class_are_found():
    x, y = heaps(rows=150)
    order, mixed = np.argsort(y, kind="stable"), np.random.default_rng(1).permutation(150)[:120]
    number = np.arange(150) / 50 - 1.5
    assert telling(np.c_[x[order], number][mixed], y[order][mixed])["3"].numbers_classes
    assert "3" not in telling(np.c_[x, number][mixed], y[mixed])
    even = np.c_[x[:, :1], np.sort(np.random.default_rng(2).normal(size=150))]
    assert "1" not in telling(even, y[order])  # sorted, and no number of a row


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("has_classes", [False, True])
def test_categories_jump_and_amounts_do_not(seed, has_classes):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 16, 800)
    other = rng.normal(size=800)
    for level, is_smooth in ((rng.normal(size=16), False), (np.sin(np.arange(16) / 3), True)):
        y = level[codes] + rng.normal(0, 0.3, 800)
        labels = np.digitize(y, np.quantile(y, [0.3, 0.6])) if has_classes else y[:, None]
        found = telling(np.c_[codes / 4.6 - 1.6, other], labels, has_classes=has_classes)["0"]
        assert found.values == 16
        assert found.category_share > 0.2
        assert (found.jumps < 0.25) if is_smooth else (found.jumps > 0.35)


def test_two_sides_of_a_number_are_no_sorted_file():
    line, other = np.linspace(-1, 1, 200), np.random.default_rng(0).normal(size=200)
    y = (line > 0).astype(int)
    assert telling(np.c_[line, other], y) == {}
    assert telling(np.c_[np.arange(200), other], y)["0"].numbers_classes


def test_codes_that_say_nothing_have_no_record():
    rng = np.random.default_rng(0)
    assert telling(rng.integers(0, 12, (500, 2)), rng.integers(0, 2, 500)) == {}


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((50, 2)), np.arange(50) % 2),
        (np.full((50, 2), np.nan), np.arange(50) % 2),
        (np.arange(50.0)[:, None], np.arange(50) % 2),
        (np.arange(20.0).reshape(10, 2), np.arange(10) % 2),
        (np.zeros((50, 2, 3)), np.arange(50) % 2),
        (np.arange(100.0).reshape(50, 2), np.zeros(50, dtype=int)),
    ],
)
def test_odd_tables_tell_nothing(x, y):
    assert not any(one.is_label or one.numbers_classes for one in telling(x, y).values())


def test_rows_scaled_by_themselves_are_measured():
    x = np.random.default_rng(0).normal(size=(60, 4)) * [1, 2, 3, 90] + [5, 20, 9, 900]
    rows = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    found = measure_row_scaling(rows)
    assert max(found.mean_error, found.std_error) < 1e-9
    assert found.distance == pytest.approx(np.median(np.abs(rows.mean(0)) / rows.std(0)))
    assert measure_row_scaling((x - x.mean(0)) / x.std(0)).std_error > 0.1
    unbiased = (x - x.mean(1, keepdims=True)) / x.std(1, ddof=1, keepdims=True)
    assert measure_row_scaling(unbiased).std_error < 1e-9
    assert measure_row_scaling(x[:, :2]) is None
