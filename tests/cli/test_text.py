"""What is printed: nothing in it that a terminal, a spreadsheet or a Markdown page obeys."""

from __future__ import annotations

import csv
import io

import pytest

from logbook_cli.views.table import Column, Table, render_csv, render_markdown, render_text
from logbook_cli.views.text import Ink, clean, clean_block, columns_of, cut, pad, show_number, show_seconds

NO_INK = Ink(False)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x9b2Jb", "a\\x9b2Jb"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("over\rwrite", "overwrite"),
        ("two\nlines", "two⏎lines"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \udc80", "half \\udc80"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("zażółć 神経", "zażółć 神経"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_and_not_sent(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_a_block_keeps_its_lines_and_loses_its_escapes() -> None:
    assert clean_block("one\ntwo\x1b[2J") == "one\ntwo\\x1b[2J"


def test_ink_paints_only_when_it_is_on() -> None:
    assert Ink(True).paint("x", "red", "bold") == "\x1b[31;1mx\x1b[0m"
    assert NO_INK.paint("x", "red") == "x"


def test_columns_count_what_is_seen() -> None:
    assert columns_of("神経") == 4
    assert columns_of("e\u0301") == 1
    assert columns_of(Ink(True).paint("abc", "red")) == 3
    assert pad("神", 4) == "神  "
    assert pad("7", 3, right=True) == "  7"


def test_a_cut_text_fits_and_says_that_it_was_cut() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("神経網", 4) == "神…"
    assert cut("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (0.123456, "0.1235"), (float("nan"), "NaN"), (float("inf"), "inf"), (float("-inf"), "-inf"), (3, "3")],
)
def test_numbers_have_four_figures_and_nan_is_nan(value: float | None, shown: str) -> None:
    assert show_number(value) == shown


def test_spans_are_told_as_people_do() -> None:
    assert [show_seconds(one) for one in (1.24, 185, 7800)] == ["1.2 s", "3 min 05 s", "2 h 10 min"]


def table(*cells: str | float | None) -> Table:
    return Table(
        (Column(name="name", is_flexible=True), Column(name="loss", is_number=True)), [(c, 0.5) for c in cells]
    )


def test_columns_are_aligned_and_numbers_stand_right() -> None:
    lines = render_text(table("a", "longer"), ink=NO_INK).splitlines()
    assert lines == ["name    loss", "a        0.5", "longer   0.5"]


def test_wide_characters_take_their_two_columns() -> None:
    lines = render_text(table("日本", "abc"), ink=NO_INK).splitlines()
    assert lines == ["name  loss", "日本   0.5", "abc    0.5"]
    narrow = render_text(table("日本日本日本日本日本", "abc"), ink=NO_INK, width=15).splitlines()
    assert narrow == ["name       loss", "日本日本…   0.5", "abc         0.5"]


def test_cells_are_coloured_by_their_value_and_aligned_all_the_same() -> None:
    column = Column(name="loss", is_number=True, style=lambda cell: ("red",) if cell == 10 else ())
    lines = render_text(Table((column, Column(name="b")), [(10, "x"), (1, "y")]), ink=Ink(True)).splitlines()
    assert lines[1:] == ["\x1b[31m  10\x1b[0m  x", "   1  y"]


def test_a_table_without_rows_is_its_heading() -> None:
    assert render_text(table(), ink=NO_INK) == "name  loss"


def test_a_table_fits_the_terminal() -> None:
    text = render_text(table("x" * 200), ink=NO_INK, width=60)
    assert max(map(len, text.splitlines())) == 60
    assert "…" in text


def test_empty_columns_are_left_out_for_people_and_kept_in_csv() -> None:
    empty = Table((Column(name="id"), Column(name="tags")), [("r1", ""), ("r2", None)])
    assert render_text(empty, ink=NO_INK) == "id\nr1\nr2"
    assert render_csv(empty).splitlines()[0] == "id,tags"


@pytest.mark.parametrize("formula", ["=1+1", "+cmd", "-rm", "@SUM(A1)", "\tx", "\rx", "=HYPERLINK()", "--1"])
def test_a_formula_is_no_formula_in_csv(formula: str) -> None:
    rows = list(csv.reader(io.StringIO(render_csv(table(formula)), newline="")))
    assert rows[1][0] == f"'{formula}"


@pytest.mark.parametrize("number", ["-1", "+1.5", "-1e-3", "-inf", "-.5"])
def test_a_number_stays_a_number_in_csv(number: str) -> None:
    rows = list(csv.reader(io.StringIO(render_csv(table(number)))))
    assert rows[1][0] == number


def test_csv_keeps_every_figure_commas_quotes_and_lines() -> None:
    cells = Table((Column(name="a"), Column(name="b")), [('x,"y"\nz', 0.1234567890123)])
    assert list(csv.reader(io.StringIO(render_csv(cells), newline="")))[1] == ['x,"y"\nz', "0.1234567890123"]


def test_markdown_escapes_what_would_break_the_table() -> None:
    lines = render_markdown(table("a|b <img> `x` [y](z) & c")).splitlines()
    assert lines[0] == "| name | loss |"
    assert lines[1] == "| --- | ---: |"
    assert lines[2] == "| a\\|b \\<img> \\`x\\` \\[y\\](z) &amp; c | 0.5 |"


def test_hostile_cells_are_clean_in_every_look() -> None:
    hostile = table("\x1b[31m\x9b")
    assert "\x1b" not in render_text(hostile, ink=NO_INK)
    assert "\x1b" not in render_markdown(hostile)
