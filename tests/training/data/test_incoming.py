"""New rows for a trained network, found by name or by their number; what can't be taken is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from logbook.errors import DataError
from logbook.training.data.features import Features, features_of
from logbook.training.data.incoming import RowReader
from logbook.training.data.sources.raw import WHOLE, Examples, RawData

NAMES = ("age", "size")
TABLE = RowReader(features=Features(shape=(2,), columns=NAMES), run="r7", beside=("price",), names_needed=True)
BUILT_IN = RowReader(features=Features(shape=(2,), columns=NAMES), run="r7")
IMAGES = RowReader(features=Features(shape=(1, 2, 2)), run="r7")
COLOURS = RowReader(
    features=Features(
        shape=(4,), columns=("age", "colour=red", "colour=blue", "grade"),
        one_hot={"colour": ("red", "blue")}, categories={"grade": ("1", "2", "10")},
    ),
    run="r7",
    names_needed=True,
)  # fmt: skip
EXPECTED = [[1.0, 2.5], [3.0, -4.0]]


def write(folder: Path, text: str, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "age,size\n1,2.5\n3,-4\n",
        "size,age\n2.5,1\n-4,3\n",
        "\ufeff age , size \n1, 2.5\n\n3,-4\n",
        '"age","size"\n1,2.5\n3,-4',
    ],
)
def test_columns_are_found_by_name_in_any_order(tmp_path: Path, text: str) -> None:
    found = TABLE.read(write(tmp_path, text))
    np.testing.assert_array_equal(found.inputs, EXPECTED)
    assert found.remarks == ()


def test_other_columns_are_told_and_the_target_is_not(tmp_path: Path) -> None:
    found = TABLE.read(write(tmp_path, "id,age,price,size,note\n7,1,9,2.5,x\n8,3,,-4,y\n"))
    np.testing.assert_array_equal(found.inputs, EXPECTED)
    assert len(found.remarks) == 1
    assert "id, note" in found.remarks[0]


def test_rows_without_names_are_taken_by_their_number(tmp_path: Path) -> None:
    bare = write(tmp_path, "1,2.5\n3,-4\n")
    np.testing.assert_array_equal(BUILT_IN.read(bare).inputs, EXPECTED)
    with pytest.raises(DataError, match="has no column 'age', 'size'"):
        TABLE.read(bare)


@pytest.mark.parametrize("head", ["", "a,b,c,d\n"])
def test_images_are_rows_of_as_many_numbers(tmp_path: Path, head: str) -> None:
    found = IMAGES.read(write(tmp_path, f"{head}1,2,3,4\n5,6,7,8\n"))
    np.testing.assert_array_equal(found.inputs, np.arange(1.0, 9.0).reshape(2, 1, 2, 2))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("agee,size\n1,2\n", "rows.csv has no column 'age' (did you mean 'agee'?); r7 was trained on age, size"),
        ("age,size\n1,2\nx,4\n", "rows.csv:3: column 'age' holds 'x', expected a number"),
        ("age,size\n1,2\n3,\n", "rows.csv:3: the value of column 'size' is missing; expected a number"),
        ("age,size\n1,nan\n", "rows.csv:2: the value of column 'size' is missing"),
        ("age,size\n1,inf\n", "rows.csv:2: the value of column 'size' is inf"),
        ("age,size\n1,1_000\n", "rows.csv:2: column 'size' holds '1_000'"),
        ("age,size\n1,2\n3\n", "rows.csv:3: 1 value, expected 2 as the first line has"),
        ("age,age,size\n1,2,3\n", "rows.csv:1: two columns are named 'age'"),
        ("age,size\n", "rows.csv has column names and no rows"),
        ("", "rows.csv is empty"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        TABLE.read(write(tmp_path, text))
    assert says in str(caught.value)


def test_a_wrong_number_of_columns_is_told_with_the_shape(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has 3 columns, but one example of r7 is 4 numbers \(shape \(1, 2, 2\)\)"):
        IMAGES.read(write(tmp_path, "1,2,3\n"))


def test_categories_become_what_training_made_of_them(tmp_path: Path) -> None:
    found = COLOURS.read(write(tmp_path, "colour,grade,age\nblue,10,1\n red ,1.0,2\n"))
    np.testing.assert_array_equal(found.inputs, [[1, 0, 1, 2], [2, 1, 0, 0]])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour,grade,age\nblue,1,1\nbleu,1,2\n", "rows.csv:3: column 'colour' holds 'bleu', which is none of"),
        ("colour,grade,age\nblue,3,1\n", "rows.csv:2: column 'grade' holds '3', which is none of"),
        ("colour,grade,age\n,1,1\n", "rows.csv:2: the value of column 'colour=red' is missing"),
    ],
)
def test_an_unknown_category_is_named_with_line_and_column(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        COLOURS.read(write(tmp_path, text))
    assert says in str(caught.value)


def test_missing_values_are_filled_in_as_in_training(tmp_path: Path) -> None:
    features = Features(shape=(2,), columns=NAMES, fillers=np.array([7.0, 8.0]))
    found = RowReader(features=features, run="r7", names_needed=True).read(write(tmp_path, "age,size\n,1\n2,\n"))
    np.testing.assert_array_equal(found.inputs, [[7, 1], [2, 8]])


def test_true_and_false_are_categories_as_in_training() -> None:
    features = Features(shape=(2,), columns=("member=0", "member=1"), one_hot={"member": ("0", "1")})
    reader = RowReader(features=features, run="r7", names_needed=True)
    for cells in (np.array([True, False]), [True, False], ["1", "0"], [1.0, 0.0]):
        np.testing.assert_array_equal(reader.read({"member": cells}).inputs, [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    "rows",
    [
        EXPECTED,
        np.array(EXPECTED),
        {"size": [2.5, -4], "age": [1, 3]},
        [{"age": 1, "size": 2.5}, {"size": "-4", "age": 3}],
        pd.DataFrame({"size": [2.5, -4.0], "age": [1, 3]}),
    ],
    ids=["lists", "array", "columns", "dicts", "pandas"],
)
def test_rows_from_python(rows: Any) -> None:
    np.testing.assert_array_equal(BUILT_IN.read(rows).inputs, EXPECTED)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([[1.0, 2.0, 3.0]], r"the rows has shape \(1, 3\), expected \(rows, 2\)"),
        ([{"age": 1}], "the rows has no column 'size'"),
        ([{"age": 1, "size": 2}, {"age": 1}], "row 1: the value of column 'size' is missing"),
        ({"age": [1, 2], "size": [1]}, "different lengths"),
        (np.array([[1.0, np.nan]]), "row 0: the value of column 'size' is missing"),
        (np.array([["a", "b"]]), "expected numbers"),
        (np.zeros((0, 2)), "holds no rows"),
    ],
)
def test_bad_rows_from_python(rows: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        BUILT_IN.read(rows)


def test_arrays_are_found_by_the_name_of_the_config(tmp_path: Path) -> None:
    images = np.arange(8.0).reshape(2, 1, 2, 2)
    np.savez(tmp_path / "two.npz", pixels=images, y=[0, 1])
    np.savez(tmp_path / "one.npz", whatever=images.reshape(2, 4))
    np.save(tmp_path / "plain.npy", images)
    reader = RowReader(features=Features(shape=(1, 2, 2)), run="r7", array="pixels")
    for name in ("two.npz", "one.npz", "plain.npy"):
        np.testing.assert_array_equal(reader.read(tmp_path / name).inputs, images)
    with pytest.raises(DataError, match="has no array 'x'; it holds pixels, y"):
        IMAGES.read(tmp_path / "two.npz")


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    reader = RowReader(features=Features(shape=(2,)), run="r7", is_integer=True)
    assert reader.read(write(tmp_path, "1,2\n3,4\n")).inputs.dtype == np.int64
    with pytest.raises(DataError, match=r"rows.csv:1 holds 2.5, but r7 was trained on whole numbers"):
        reader.read(write(tmp_path, "1,2.5\n"))


def test_what_a_source_keeps_is_read_again() -> None:
    raw = RawData(
        label="x",
        parts={WHOLE: Examples(np.zeros((3, 2)), np.zeros(3))},
        columns=("a", "b=x"),
        one_hot={"b": ("x",)},
    )
    found = Features.from_kept({"features": features_of(raw)}, shape=(9,), columns=())
    assert found == Features(shape=(2,), columns=("a", "b=x"), one_hot={"b": ("x",)})
    assert found.source_columns == ("a", "b")


@pytest.mark.parametrize(("columns", "names"), [(("0,0,0", "0,0,1"), ()), (("0", "1"), ()), (("a", "b"), ("a", "b"))])
def test_a_run_of_an_early_release_is_read_by_its_data_record(columns: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert Features.from_kept({}, shape=(2,), columns=columns).columns == names
