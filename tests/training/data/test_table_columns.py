"""Columns of a table by role: categories, true and false, dates, several targets, missing values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from logbook.errors import DataError
from logbook.training.data.sources.cells import Cells, read_feature
from logbook_schemas.config.sources import Csv

CSV = {"kind": "csv", "path": "data.csv", "target": "kind"}
PETS = "colour,age,kind\n" + "".join(f"{['red', 'green', 'blue'][n % 3]},{n},{n % 2}\n" for n in range(12))


@pytest.fixture
def table(tmp_path):
    def write(text, **changes):
        (tmp_path / "data.csv").write_text(text)
        return CSV | changes

    return write


def refusal(load, source, task="classification", **rest):
    with pytest.raises(DataError) as caught:
        load(source, task=task, **rest)
    return str(caught.value)


def rows_in_order(loaded):
    """Return the raw inputs of all splits in the order of the file."""
    pairs = [
        (row, values)
        for split in loaded.splits().values()
        for row, values in zip(split.rows.tolist(), split.raw.inputs.tolist(), strict=True)
    ]
    return [values for _, values in sorted(pairs)]


def test_text_becomes_a_column_for_each_category_in_its_place(load, probe, table):
    loaded = load(table(PETS), task="classification", inputs=[])
    assert loaded.columns == ("colour=blue", "colour=green", "colour=red", "age")
    assert rows_in_order(loaded)[:3] == [[0, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 2]]
    record = probe(table(PETS), task="classification")
    assert record.categories == {"colour": ("blue", "green", "red")}
    assert record.input_shape == (4,)


def test_the_shape_does_not_depend_on_the_split(load, table):
    text = PETS + "violet,99,1\n"
    shapes = {
        load(table(text), task="classification", split={"kind": "random", "validation": 0.3, "seed": seed}).input_shape
        for seed in range(5)
    }
    assert shapes == {(5,)}


def test_numbers_are_categories_where_the_config_says_so(load, table):
    loaded = load(table(PETS, categorical=["age"]), task="classification", inputs=[])
    assert loaded.columns[3:6] == ("age=0", "age=1", "age=2")
    assert loaded.columns[-1] == "age=11"
    assert rows_in_order(loaded)[11][3:] == [0] * 11 + [1]


def test_codes_with_letters_among_numbers_need_to_be_named(load, table):
    text = "zip,kind\n" + "".join(f"{n if n % 2 else 'A7'},{n % 2}\n" for n in range(6))
    assert "data.csv:2: column 'zip' holds 'A7', expected a number" in refusal(load, table(text))
    assert "name the column in data.source.categorical" in refusal(load, table(text))
    assert load(table(text, categorical=["zip"]), task="binary").columns == ("zip=1", "zip=3", "zip=5", "zip=A7")


def test_true_and_false_are_1_and_0(load, table):
    text = "flag,kind\n" + "".join(f"{['true', 'False', 'TRUE'][n % 3]},{n % 2}\n" for n in range(6))
    loaded = load(table(text), task="binary", inputs=[])
    assert loaded.columns == ("flag",)
    assert rows_in_order(loaded) == [[1], [0], [1], [1], [0], [1]]


@pytest.mark.parametrize(
    "cell",
    ["2026-11-21", "2026/1/2", "21.11.2026", "11/21/26", "2026-11-21T10:00:00Z", "21 Nov 2026", "Nov 21, 2026", "9:30"],
)
def test_dates_are_refused_with_column_example_and_remedy(load, table, cell):
    text = "when,x,kind\n" + "".join(f'"{cell}",{n},{n % 2}\n' for n in range(6))
    message = refusal(load, table(text))
    assert message.startswith(f"data.csv:2: column 'when' holds dates or times ('{cell}')")
    assert "days since the first" in message
    assert '"ignore": ["when"]' in message
    assert load(table(text, ignore=["when"]), task="binary").columns == ("x",)
    assert load(table(text, categorical=["when"]), task="binary").columns == (f"when={cell}", "x")
    assert "column 'when' holds dates" in refusal(load, table(text, target="when"), task="regression")


@pytest.mark.parametrize("cell", ["1,5", "1.000,5", "$5", "12%", "0x10", "1_000"])
def test_numbers_in_another_notation_are_no_categories(load, table, cell):
    text = "x,kind\n" + "".join(f'"{cell}",{n % 2}\n' for n in range(6))
    assert refusal(load, table(text)).startswith(f"data.csv:2: column 'x' holds '{cell}', expected a number written")


def test_too_many_categories_are_refused_and_the_bound_can_be_raised(load, table):
    text = "name,kind\n" + "".join(f"n{n:03},{n % 2}\n" for n in range(101))
    message = refusal(load, table(text))
    assert "column 'name' holds 101 different categories ('n000', 'n001', 'n002', …)" in message
    assert "data.source.max_categories, 100" in message
    assert load(table(text, max_categories=101), task="binary").input_shape == (101,)


def test_a_missing_category_is_named_with_its_line(probe, table):
    record = probe(table(PETS.replace("\nblue,2,", "\n,2,")), task="classification")
    found = record.nonfinite[0]
    assert (found.kind, found.line, found.column, found.count) == ("NaN", 4, "colour=blue", 3)


HOLES = "a,colour,kind\n1,red,0\n,green,1\n3,,0\n5,red,1\n7,red,\n7,green,1\n"


def test_rows_that_lack_a_value_can_be_dropped(load, probe, table):
    source = table(HOLES, missing="drop")
    loaded = load(source, task="classification", inputs=[], split={"validation": 0.3})
    assert sorted(values[0] for values in rows_in_order(loaded)) == [1, 5, 7]
    assert loaded.source.lines == (2, 5, 7)
    assert loaded.notes == ("csv data.csv: 3 of 6 rows lack a value and are left out",)
    assert probe(source, task="classification", split={"validation": 0.3}).nonfinite == ()
    assert "every row lacks a value" in refusal(load, table("a,kind\n,1\n2,\n", missing="drop"))


def test_missing_values_can_be_filled_with_a_number(load, table):
    text = HOLES.replace("7,red,\n", "")
    loaded = load(table(text, missing={"kind": "fill", "value": -1.0}), task="classification", inputs=[])
    assert rows_in_order(loaded) == [[1, 0, 1], [-1, 1, 0], [3, 0, 0], [5, 0, 1], [7, 1, 0]]


@pytest.mark.parametrize(("statistic", "compute"), [("mean", np.nanmean), ("median", np.nanmedian)])
def test_missing_values_are_imputed_from_the_training_split_alone(load, table, statistic, compute):
    text = "a,kind\n" + "".join(f"{'' if n % 5 == 0 else n * n},{n % 2}\n" for n in range(41))
    source = table(text, missing={"kind": "impute", "statistic": statistic})
    loaded = load(source, task="classification", inputs=[], split={"validation": 0.5, "seed": 1})
    as_written = np.array([np.nan if n % 5 == 0 else n * n for n in range(41)])
    expected = compute(as_written[loaded.train.rows])
    assert expected != compute(as_written)
    for split in loaded.splits().values():
        wanted = np.where(np.isnan(as_written[split.rows]), expected, as_written[split.rows])
        assert np.allclose(split.inputs[:, 0], wanted)
    assert loaded.preparation["missing"] == pytest.approx([expected])


def test_a_column_without_any_training_value_cannot_be_imputed(load, table):
    text = "a,b,kind\n" + "".join(f",{n},{n % 2}\n" for n in range(10))
    message = refusal(load, table(text, missing="impute"))
    assert "column 'a' has no value in the training split" in message


def test_several_targets_are_regressed_or_are_labels(load, table):
    text = "x,p,q\n" + "".join(f"{n},{n % 2},{(n + 1) % 2}\n" for n in range(10))
    loaded = load(table(text, target=["p", "q"]), task="regression", targets=[])
    assert loaded.output_size == 2
    assert loaded.columns == ("x",)
    assert loaded.train.targets.tolist() == [[n % 2, (n + 1) % 2] for n in loaded.train.rows]
    assert load(table(text, target=["p", "q"]), task="multilabel").classes == ("p", "q")


def test_text_in_one_of_several_targets_is_named_with_its_line(load, table):
    message = refusal(load, table("x,p,q\n1,2,3\n2,3,high\n", target=["p", "q"]), task="regression")
    assert message.startswith("data.csv:3: target 'q' holds 'high', expected a number")


def test_several_targets_of_one_class_are_refused_before_the_data_are_read(config):
    with pytest.raises(ValidationError, match=r"data\.source\.target names 2 columns, and task classification"):
        config(CSV | {"target": ["p", "q"]}, task="classification")


def test_one_target_in_a_list_is_the_same_config(config):
    assert config(CSV | {"target": ["kind"]}, task="binary") == config(CSV, task="binary")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"target": []}, "names no column"),
        ({"target": ["a", "a"]}, "names column 'a' twice"),
        ({"categorical": ["kind"]}, "categorical names 'kind', the target"),
        ({"categorical": ["a"], "ignore": ["a"]}, "categorical and ignore both name 'a'"),
        ({"max_categories": 1}, "greater than or equal to 2"),
    ],
)
def test_roles_that_contradict_each_other_are_refused(config, changes, expected):
    with pytest.raises(ValidationError, match=expected):
        config(CSV | changes, task="classification")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"categorical": ["color"]}, "has no column 'color' (did you mean 'colour'?)"),
        ({"categorical": ["age"], "features": ["colour"]}, "'age' of data.csv is in data.source.categorical and is no"),
        ({"target": "ages"}, "has no column 'ages' (did you mean 'age'?)"),
    ],
)
def test_columns_that_are_asked_for_must_be_there(load, table, changes, expected):
    assert expected in refusal(load, table(PETS, **changes))


WORDS = st.text(st.characters(codec="ascii", categories=("Ll",)), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS.filter(lambda word: word not in ("nan", "inf", "infinity", "true", "false")), min_size=1))
def test_every_cell_is_the_category_that_its_code_names(words):
    source = Csv(path="x.csv", target="y")
    feature = read_feature(Cells(words), "x", source, str)
    assert [feature.categories[int(code)] for code in feature.values] == words
    assert list(feature.categories) == sorted(set(words))
