"""Tables with categories, split by the ways that need more than their features: files, groups, a one-hot step."""

from __future__ import annotations

import numpy as np
import pytest

from logbook.errors import DataError

CSV = {"kind": "csv", "path": "train.csv", "target": "kind"}
FILES = {"kind": "files", "validation": "validation.csv"}


@pytest.fixture
def write(tmp_path):
    def rows(name, *lines):
        (tmp_path / name).write_text("\n".join(["colour,x,kind", *lines]))

    return rows


def test_categories_of_other_files_are_columns_too(load, write):
    write("train.csv", "red,1,0", "green,2,1", "red,3,0")
    write("validation.csv", "violet,4,1", "red,5,0")
    loaded = load(CSV, task="binary", split=FILES, inputs=[])
    assert loaded.columns == ("colour=green", "colour=red", "colour=violet", "x")
    assert loaded.train.inputs.tolist() == [[0, 1, 0, 1], [1, 0, 0, 2], [0, 1, 0, 3]]
    assert loaded.validation.inputs.tolist() == [[0, 0, 1, 4], [0, 1, 0, 5]]


@pytest.mark.parametrize(("train", "validation"), [("red", "7"), ("7", "red")])
def test_categories_in_one_file_and_numbers_in_the_other_are_refused(load, write, train, validation):
    write("train.csv", f"{train},1,0", f"{train},2,1")
    write("validation.csv", f"{validation},3,0")
    with pytest.raises(DataError, match=r"column 'colour' holds categories in csv .* and numbers in csv"):
        load(CSV, task="binary", split=FILES)
    assert load(CSV | {"categorical": ["colour"]}, task="binary", split=FILES).input_shape == (3,)


def test_a_one_hot_step_learns_the_categories_of_the_training_split(load, write):
    write("train.csv", "red,1,0", "green,2,1", "red,3,0")
    write("validation.csv", "violet,4,1", "red,5,0")
    for columns in (None, ["colour"]):
        loaded = load(CSV, task="binary", split=FILES, inputs=[{"kind": "one-hot", "columns": columns}])
        assert loaded.input_shape == (3,)
        assert loaded.validation.inputs.sum(axis=1).tolist() == [4, 6]  # violet is none of the known ones
        assert any("violet" in note or "colour" in note for note in loaded.notes)


def test_a_column_that_decides_the_split_is_no_feature(load, write):
    write("train.csv", *(f"c{n % 4},{n},{n % 2}" for n in range(20)))
    split = {"kind": "group", "by": "colour", "validation": 0.25}
    loaded = load(CSV, task="binary", split=split, inputs=[])
    assert loaded.columns == ("x",)
    groups = [{row % 4 for row in part.rows} for part in loaded.splits().values()]
    assert not set.intersection(*groups)


def test_codes_that_a_step_expands_are_not_averaged(load, write):
    write("train.csv", "red,1,0", ",,1", "green,3,0", "red,4,1")
    loaded = load(CSV | {"missing": "impute"}, task="binary", inputs=["one-hot"], split={"validation": 0.0})
    assert loaded.preparation["missing"] == [None, pytest.approx(8 / 3)]
    assert np.isnan(loaded.train.raw.inputs[1, 0])
