"""Curves as text."""

from __future__ import annotations

import math

import pytest

from logbook.history.spark import chart, needs_log_axis, sparkline

NAN = float("nan")
FALLING = [2.0 * math.exp(-step / 5) for step in range(30)]


def test_a_sparkline_goes_from_its_highest_block_to_its_lowest() -> None:
    line = sparkline([3.0, 2.0, 1.0], 10)
    assert line == "█▅▁"
    assert sparkline([3.0, 2.0, 1.0], 10, ascii_only=True).isascii()


def test_a_long_curve_is_averaged_to_the_width() -> None:
    assert len(sparkline(FALLING, 10)) == 10


def test_what_is_not_finite_leaves_a_gap() -> None:
    assert sparkline([1.0, NAN, 2.0, math.inf, None], 10) == "▁ █  "
    assert sparkline([NAN, NAN], 10) == "  "
    assert sparkline([], 10) == ""


def test_a_flat_curve_draws() -> None:
    assert sparkline([1.0, 1.0], 10) == "▁▁"
    assert "1" in chart({"loss": [1.0, 1.0, 1.0]})


def plot_of(text: str, sign: str = "┤") -> list[str]:
    return [line.split(sign, 1)[1] for line in text.splitlines() if sign in line]


@pytest.mark.parametrize(("look", "sign"), [("braille", "┤"), ("marks", "┤"), ("ascii", "|")])
def test_a_chart_has_its_height_and_stays_in_its_width(look: str, sign: str) -> None:
    rows = plot_of(chart({"loss": FALLING}, width=40, height=8, look=look), sign)  # type: ignore[arg-type]
    assert len(rows) == 8
    assert max(map(len, rows)) == 40


def test_axes_say_the_range_and_the_epochs() -> None:
    text = chart({"train_loss": FALLING}, look="ascii")
    assert text.isascii()
    lines = text.splitlines()
    assert lines[0].split("|")[0].strip() == "2"
    assert lines[-2].split() == ["1", "30"]
    assert "train_loss" in lines[-1]


def test_a_falling_curve_starts_top_left_and_ends_bottom_right() -> None:
    rows = plot_of(chart({"loss": FALLING}, width=40, height=8, look="marks"))
    assert rows[0][0] == "●"
    assert rows[-1][39] == "●"
    assert "●" not in rows[-1][:10]


def test_two_curves_have_two_marks() -> None:
    text = chart({"train": FALLING, "val": [value + 1 for value in FALLING]}, look="ascii")
    plot = "".join(plot_of(text, "|"))
    assert "*" in plot
    assert "o" in plot
    assert "* train   o val" in text


def test_no_line_is_drawn_across_a_gap() -> None:
    whole = plot_of(chart({"loss": [1.0] * 11}, width=22, height=2, look="marks"))
    broken = plot_of(chart({"loss": [1.0] * 4 + [NAN] * 4 + [1.0] * 3}, width=22, height=2, look="marks"))
    assert " " not in whole[-1]
    assert "●   " in broken[-1]


def test_a_logarithmic_chart_straightens_decay_and_skips_what_is_not_above_zero() -> None:
    text = chart({"loss": [1.0, 0.1, 0.0, 0.01]}, log=True, look="ascii", height=3)
    assert [line.split("|")[0].strip() for line in text.splitlines()[:3]] == ["1", "0.1", "0.01"]


def test_a_logarithmic_axis_is_named() -> None:
    assert chart({"loss": [1.0, 0.1]}, log=True, look="ascii").endswith("* loss   logarithmic axis")


def test_an_axis_is_logarithmic_where_a_linear_one_would_show_the_peak_alone() -> None:
    assert needs_log_axis([[5e4, 2.0], [0.5, NAN, None]])
    assert not needs_log_axis([[500.0, 2.0], [0.6]])
    assert not needs_log_axis([[5e4, 0.0]])
    assert not needs_log_axis([[NAN, None], []])


def test_nothing_finite_is_said_and_not_drawn() -> None:
    assert chart({"loss": [NAN, None]}) == "(nothing finite to draw)"


def test_paint_is_given_the_index_of_the_series() -> None:
    seen = set()

    def paint(text: str, index: int) -> str:
        seen.add(index)
        return text

    chart({"a": FALLING, "b": FALLING[::-1]}, paint=paint)
    assert seen == {0, 1}
