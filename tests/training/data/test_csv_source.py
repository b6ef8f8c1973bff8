"""A table in a text file: what is read, and one clear message for what can't be."""

from __future__ import annotations

import numpy as np
import pytest

from logbook.errors import DataError

CSV = {"kind": "csv", "path": "data.csv", "target": "kind"}
GOOD = "age,height,kind\n" + "".join(f"{n},{n / 2},{'cat' if n % 2 else 'dog'}\n" for n in range(20))


@pytest.fixture
def table(tmp_path):
    def write(text, **changes):
        (tmp_path / "data.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return CSV | changes

    return write


def refusal(load, source, task="classification", **rest):
    with pytest.raises(DataError) as caught:
        load(source, task=task, **rest)
    return str(caught.value)


def test_text_targets_become_sorted_classes(load, table):
    loaded = load(table(GOOD), task="classification", inputs=[])
    assert loaded.classes == ("cat", "dog")
    assert loaded.columns == ("age", "height")
    expected = (loaded.train.rows % 2 == 0).astype(int)
    assert loaded.train.targets.tolist() == expected.tolist()
    assert loaded.train.inputs[:, 0].tolist() == loaded.train.rows.tolist()


def test_numeric_classes_sort_as_numbers(load, table):
    text = "x,kind\n" + "".join(f"{n},{value}\n" for n, value in enumerate([10, 9, 2] * 5))
    assert load(table(text), task="classification").classes == ("2", "9", "10")


def test_byte_order_mark_delimiter_and_quotes_are_read(load, table):
    text = b"\xef\xbb\xbf" + b'age; kind\n1;"a;b"\n2;c\n3;"a;b"\n4;c\n5;c\n6;"a;b"\n'
    loaded = load(table(text, delimiter=";"), task="classification")
    assert loaded.columns == ("age",)
    assert loaded.classes == ("a;b", "c")


def test_features_keep_the_order_of_the_config_and_ignored_columns_are_left_out(load, table):
    assert load(table(GOOD, features=["height", "age"]), task="classification").columns == ("height", "age")
    assert load(table(GOOD, ignore=["age"]), task="classification").columns == ("height",)


def test_empty_cell_is_a_missing_value(load, table):
    loaded = load(table("x,kind\n1,0\n,1\n3,0\n4,1\n5,0\n6,1\n"), task="classification", inputs=[])
    values = {int(row): float(x) for row, x in zip(loaded.train.rows, loaded.train.raw.inputs[:, 0], strict=True)}
    values |= dict(zip(loaded.validation.rows.tolist(), loaded.validation.raw.inputs[:, 0].tolist(), strict=True))
    assert np.isnan(values[1])
    assert values[2] == 3


@pytest.mark.parametrize(
    ("delimiter", "written"), [(";", '"delimiter": ";"'), ("\t", r'"delimiter": "\t"'), ("|", '"delimiter": "|"')]
)
@pytest.mark.parametrize("values", ["1,5{0}2,5{0}cat", "1{0}2{0}cat"])
def test_a_table_of_another_delimiter_is_told_which(load, table, delimiter, written, values):
    text = f"age{delimiter}height{delimiter} kind\n" + f"{values.format(delimiter)}\n" * 5
    message = refusal(load, table(text))
    assert message.startswith("data.csv:1: ")
    assert written in message
    header, _, rows = text.partition("\n")
    swapped = table(f"{header.replace(delimiter, ',')}\n{rows}", delimiter=delimiter)
    assert '"delimiter": ","' in refusal(load, swapped)


def test_a_column_that_isn_t_there_is_no_matter_of_the_delimiter(load, table):
    assert "delimiter" not in refusal(load, table("age;cm,kinds\n1;2,3\n"))
    assert "delimiter" not in refusal(load, table("kinds\n1\n"))


def test_one_column_that_another_delimiter_parts_is_told_even_where_the_target_is_misspelt(load, table):
    message = refusal(load, table("age;height|cm;kinds\n1;2;3\n"))
    assert message.startswith("data.csv:1: \",\" doesn't part the columns, 'age;height|cm;kinds'")
    assert '"delimiter": ";"' in message


def test_text_in_a_number_column_is_named_with_its_line(load, table):
    text = GOOD.replace("\n15,", "\nabc,")
    message = refusal(load, table(text))
    assert message.startswith("data.csv:17: column 'age' holds 'abc', expected a number")


def test_what_counts_as_a_blank_around_a_number_is_one_for_all(load, table):
    """A character that `strip` removes and `float` refuses ended in a traceback."""
    text = "x,kind\n" + "".join(f"\x1c{n},{n % 2}\n" for n in range(20))
    loaded = load(table(text), task="classification", inputs=[])
    assert loaded.train.inputs[:, 0].tolist() == loaded.train.rows.tolist()


def test_lines_are_counted_over_quoted_line_breaks(load, table):
    text = 'x,kind\n1,"a\nb"\n2,c\nzz,c\n'
    assert "data.csv:5: column 'x' holds 'zz'" in refusal(load, table(text))


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1,5", "--", "NA", "true"])
def test_what_is_no_number_is_refused(load, table, cell):
    assert f"holds '{cell}'" in refusal(load, table(f'x,kind\n1,a\n"{cell}",b\n'))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"target": "kinds"}, "has no column 'kinds' (did you mean 'kind'?); its columns are age, height, kind"),
        ({"features": ["hieght"]}, "has no column 'hieght' (did you mean 'height'?)"),
        ({"ignore": ["zzz"]}, "has no column 'zzz'; its columns are"),
        ({"features": ["kind"]}, "it can't be a feature too"),
        ({"ignore": ["age", "height"]}, "no column left"),
        ({"path": "none.csv"}, "none.csv is not there; looked in "),
        ({"path": "."}, ". is a folder, not a file"),
        ({"path": "a" * 300}, "can't be read: File name too long"),
    ],
)
def test_what_the_config_asks_for_must_be_there(load, table, changes, expected):
    assert expected in refusal(load, table(GOOD, **changes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "data.csv is empty"),
        ("\n\n", "data.csv is empty"),
        ("x,kind\n", "column names and no rows"),
        ("x,kind\n1,2,3\n", "data.csv:2: 3 values, expected 2"),
        ("x,kind\n1,a\n2\n", "data.csv:3: 1 value, expected 2"),
        ("x,x,kind\n1,2,a\n", "two columns are named 'x'"),
        (",kind\n1,a\n", "column 1 has no name"),
        (b"x,kind\n1,\xff\n", "not UTF-8 (byte 0xff)"),
        ('x,kind\n1,"a\n', "can't be read as CSV"),
        ("x,kind\n1,a\n2,\n", "csv data.csv, line 3: the target is missing, expected a class"),
        ("x,kind\n1,0\n2,0.5\n", "line 3: the target is 0.5, expected a class"),
        ("x,kind\n1,a\n2,a\n3,a\n", "every target is a; expected at least 2 classes"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_reason(load, table, text, expected):
    assert expected in refusal(load, table(text))


def test_text_target_of_a_regression_is_named_with_its_line(load, table):
    message = refusal(load, table("x,kind\n1,2.5\n2,abc\n"), task="regression")
    assert message == "csv data.csv, line 3: the target is 'abc', expected a number"
