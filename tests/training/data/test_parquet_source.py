"""A table in a Parquet file."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logbook.errors import DataError

PARQUET = {"kind": "parquet", "path": "data.parquet", "target": "kind"}


def write(folder, **columns):
    pq.write_table(pa.table(columns), folder / "data.parquet")
    return dict(PARQUET)


def test_types_of_the_file_become_numbers_and_categories(load, tmp_path):
    source = write(
        tmp_path,
        count=pa.array([3, 1, 2, 5], pa.int8()),
        size=pa.array([0.5, 1.5, 2.5, 3.5], pa.float32()),
        price=pa.array([decimal.Decimal("1.25")] * 4, pa.decimal128(5, 2)),
        flag=[True, False, True, True],
        word=["b", "a", "b", "a"],
        band=pa.array(["10", "9", "10", "9"]).dictionary_encode(),
        kind=["no", "yes", "no", "yes"],
    )
    loaded = load(source, task="binary", inputs=[], split={"validation": 0.5})
    assert loaded.columns == ("count", "size", "price", "flag", "word=a", "word=b", "band=9", "band=10")
    assert loaded.classes == ("no", "yes")
    assert loaded.source.parts["all"].inputs[1].tolist() == [1, 1.5, 1.25, 0, 1, 0, 1, 0]


def test_the_same_table_is_the_same_data_in_csv_and_parquet(load, tmp_path):
    columns = {"x": [1.5, 2.5, 3.5, 4.5], "colour": ["red", "blue", "red", "blue"], "kind": [0, 1, 0, 1]}
    source = write(tmp_path, **columns)
    rows = ["x,colour,kind", *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    (tmp_path / "data.csv").write_text("\n".join(rows))
    one = load(source, task="binary")
    other = load({"kind": "csv", "path": "data.csv", "target": "kind"}, task="binary")
    assert one.columns == other.columns
    assert one.train.inputs.tolist() == other.train.inputs.tolist()
    assert one.train.targets.tolist() == other.train.targets.tolist()


def test_null_is_a_missing_value(load, tmp_path):
    source = write(tmp_path, a=[1, None, 3, 4], flag=[True, None, False, True], kind=[0, 1, 0, 1])
    loaded = load(source, task="binary", inputs=[])
    assert np.isnan(loaded.source.parts["all"].inputs[1]).all()
    assert len(load(source | {"missing": "drop"}, task="binary").source.parts["all"]) == 3


def test_only_columns_with_a_role_are_read(load, tmp_path):
    source = write(tmp_path, a=[1, 2, 3], nested=[[1], [2], [3]], kind=[0, 1, 0])
    assert load(source | {"features": ["a"]}, task="binary").columns == ("a",)
    assert load(source | {"ignore": ["nested"]}, task="binary").columns == ("a",)


@pytest.mark.parametrize(
    "value", [datetime.date(2026, 11, 21), datetime.datetime(2026, 11, 21, 10), datetime.timedelta(days=2)]
)
def test_dates_are_refused_with_column_example_and_remedy(load, tmp_path, value):
    source = write(tmp_path, when=[value] * 3, a=[1, 2, 3], kind=[0, 1, 0])
    with pytest.raises(DataError, match=r"row 0: column 'when' holds dates or times \('2") as caught:
        load(source, task="binary")
    assert "days since the first" in str(caught.value)
    assert load(source | {"ignore": ["when"]}, task="binary").columns == ("a",)


@pytest.mark.parametrize(
    ("columns", "changes", "expected"),
    [
        ({"a": [1, 2], "kind": [0, 1]}, {"target": "kinds"}, "has no column 'kinds' (did you mean 'kind'?)"),
        ({"a": [[1], [2]], "kind": [0, 1]}, {}, "column 'a' is of type list<"),
        ({"a": [b"x", b"y"], "kind": [0, 1]}, {}, "column 'a' is of type binary"),
        ({"a": pa.array([], pa.int64()), "kind": pa.array([], pa.int64())}, {}, "has columns and no rows"),
        ({"a": [1, 2], "kind": [1, 1]}, {}, "every target is 1; expected at least 2 classes"),
        ({"a": pa.nulls(2, pa.string()), "kind": [0, 1]}, {"categorical": ["a"]}, "column 'a' holds no value at all"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(load, tmp_path, columns, changes, expected):
    with pytest.raises(DataError) as caught:
        load(write(tmp_path, **columns) | changes, task="classification")
    assert expected in str(caught.value)


def test_columns_of_one_name_are_refused(load, tmp_path):
    pq.write_table(pa.table([[1, 2], [3, 4], [0, 1]], names=["a", "a", "kind"]), tmp_path / "data.parquet")
    with pytest.raises(DataError, match="two columns are named 'a'"):
        load(PARQUET, task="binary")


def test_text_that_is_no_text_is_refused(load, tmp_path):
    table = pa.table({"word": ["a word", "a bird"] * 10, "kind": np.arange(20) % 2})
    pq.write_table(table, tmp_path / "data.parquet", write_statistics=False)
    content = (tmp_path / "data.parquet").read_bytes()
    (tmp_path / "data.parquet").write_bytes(content.replace(b"a word", b"a \xfford"))
    with pytest.raises(DataError, match=r"data\.parquet is no Parquet file, or is damaged: .*can't decode"):
        load(dict(PARQUET), task="binary")


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "flipped"])
def test_a_damaged_file_is_refused(load, tmp_path, damage):
    rng = np.random.default_rng(0)
    source = write(tmp_path, a=rng.normal(size=1000), kind=np.arange(1000) % 2)
    content = bytearray((tmp_path / "data.parquet").read_bytes())
    flipped = bytearray(content)
    flipped[4:40] = b"\xff" * 36
    changed = {"empty": b"", "text": b"a,kind\n1,2\n", "cut": content[:-100], "flipped": flipped}[damage]
    (tmp_path / "data.parquet").write_bytes(changed)
    with pytest.raises(DataError, match=r"data\.parquet is no Parquet file, or is damaged"):
        load(source, task="binary")
