"""Where sources say which rows belong together: columns, arrays, a person's own values, files of their own."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from logbook.errors import DataError

PEOPLE = np.repeat(np.arange(10), 6)


def write_table(path, people=PEOPLE, *, days=None, header="x,person,day,y"):
    rng = np.random.default_rng(0)
    days = np.arange(len(people)) if days is None else days
    rows = [f"{rng.normal():.3f},p{who},{day},{index % 2}" for index, (who, day) in enumerate(zip(people, days))]  # noqa: B905
    path.write_text("\n".join([header, *rows]) + "\n")


def csv(path="people.csv", **rest):
    return {"kind": "csv", "path": path, "target": "y", **rest}


BY_PERSON = {"kind": "group", "by": "person", "validation": 0.3}


def people_of(split, people=PEOPLE):
    return set(people[split.rows].tolist())


def test_the_column_of_groups_is_no_feature(load, tmp_path):
    write_table(tmp_path / "people.csv")
    loaded = load(csv(ignore=["day"]), split=BY_PERSON, task="binary")
    assert loaded.columns == ("x",)
    assert not people_of(loaded.train) & people_of(loaded.validation)
    assert len(loaded.validation) == 18
    assert len(loaded.train) == 42


def test_folds_keep_groups_whole(load, tmp_path):
    write_table(tmp_path / "people.csv")
    validated = []
    for fold in range(1, 6):
        split = {"kind": "k-fold", "folds": 5, "fold": fold, "by": "person"}
        loaded = load(csv(features=["x"]), split=split, task="binary")
        assert not people_of(loaded.train) & people_of(loaded.validation)
        validated += sorted(people_of(loaded.validation))
    assert sorted(validated) == list(range(10))


@pytest.mark.parametrize(
    "write_day",
    [str, lambda day: f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}", lambda day: f"2026-01-01T00:{day:02d}:00+01:00"],
)
def test_rows_are_ordered_by_numbers_or_dates(load, tmp_path, write_day):
    days = np.random.default_rng(1).permutation(60)
    write_table(tmp_path / "people.csv", days=[write_day(int(day)) for day in days])
    split = {"kind": "ordered", "by": "day", "validation": 0.2, "test": 0.1}
    loaded = load(csv(features=["x"]), split=split, task="binary")
    assert set(days[loaded.train.rows]) == set(range(42))
    assert set(days[loaded.validation.rows]) == set(range(42, 54))
    assert set(days[loaded.test.rows]) == set(range(54, 60))


def test_what_rows_are_ordered_by_is_a_feature_where_it_is_named(load, tmp_path):
    write_table(tmp_path / "people.csv")
    split = {"kind": "ordered", "by": "day"}
    assert load(csv(ignore=["person"]), split=split, task="binary").columns == ("x",)
    assert load(csv(features=["x", "day"]), split=split, task="binary").columns == ("x", "day")


def test_arrays_of_an_archive_tell_groups_apart(load, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(60.0), y=np.arange(60) % 2, groups=PEOPLE, odd=np.zeros((60, 2)))
    source = {"kind": "npz", "path": "a.npz"}
    loaded = load(source, split={"kind": "group"}, task="binary")
    assert not people_of(loaded.train) & people_of(loaded.validation)
    with pytest.raises(DataError, match=r"a\.npz: 'odd' has shape \(60, 2\); expected one value an example, \(60,\)"):
        load(source, split={"kind": "group", "by": "odd"}, task="binary")
    with pytest.raises(DataError, match=r"no array 'group'.*did you mean 'groups'"):
        load(source, split={"kind": "group", "by": "group"}, task="binary")


@pytest.mark.parametrize("third", ["np.repeat(np.arange(10), 6)", "{'groups': np.repeat(np.arange(10), 6), 'b': x}"])
def test_a_persons_own_data_bring_groups_along(load, person, third):
    source = person(f"def data():\n    x = np.arange(60.)\n    return x[:, None], x % 2, {third}\n")
    loaded = load(source, split={"kind": "group", "validation": 0.3}, task="binary")
    assert not people_of(loaded.train) & people_of(loaded.validation)


def test_datasets_are_grouped_by_an_attribute(load, person):
    code = "def data():\n    x = torch.arange(60.)[:, None]\n"
    code += "    d = torch.utils.data.TensorDataset(x, torch.arange(60) % 2)\n"
    code += "    d.groups = np.repeat(np.arange(10), 6)\n    return d\n"
    loaded = load(person(code), split={"kind": "k-fold", "by": "groups"}, task="binary")
    assert not people_of(loaded.train) & people_of(loaded.validation)
    assert len(loaded.validation) == 12
    with pytest.raises(DataError, match=r"data\.split\.by is 'who', and the Dataset has no attribute of that name"):
        load(person(code), split={"kind": "group", "by": "who"}, task="binary")


def test_a_group_on_both_sides_of_a_given_split_is_refused(load, person):
    code = "def data():\n    x = np.arange(12.)[:, None]\n    g = np.arange(12) // 2\n"
    code += "    return {'train': (x, x, g), 'validation': (x[:3], x[:3], g[4:7])}\n"
    with pytest.raises(DataError) as caught:
        load(person(code), split={"kind": "group"}, task="regression")
    assert "group 2 of 'groups' stands in its train and in its validation split (2 such groups)" in str(caught.value)
    with pytest.raises(DataError, match="gives its own validation split, which folds can't take turns with"):
        load(person(code), split={"kind": "k-fold"}, task="regression")


@pytest.mark.parametrize(
    ("split", "cells", "expected"),
    [
        (BY_PERSON, {3: "1.0,,4,1"}, "people.csv, line 3: 'person' is empty, and the split goes by it"),
        (
            {"kind": "ordered", "by": "day"},
            {5: "1.0,p1,tomorrow,1"},
            "line 5: 'day' is 'tomorrow', expected a number or a date",
        ),
        ({"kind": "group", "by": "persn"}, {}, "has no column 'persn' (did you mean 'person'?)"),
    ],
)
def test_columns_that_cannot_split_are_refused_with_their_line(load, tmp_path, split, cells, expected):
    write_table(tmp_path / "people.csv")
    lines = (tmp_path / "people.csv").read_text().splitlines()
    for line, text in cells.items():
        lines[line - 1] = text
    (tmp_path / "people.csv").write_text("\n".join(lines))
    with pytest.raises(DataError) as caught:
        load(csv(features=["x"]), split=split, task="binary")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("source", "split", "expected"),
    [
        ({"kind": "sklearn", "dataset": "iris"}, {"kind": "group"}, "source.kind 'sklearn' has none"),
        ({"kind": "sklearn", "dataset": "iris"}, {"kind": "files", "test": "a.csv"}, "source.kind 'sklearn' reads no"),
        (csv(features=["x", "person"]), BY_PERSON, "take it out of source.features"),
        (csv(), {"kind": "ordered", "by": "y"}, "split.by is 'y', which is source.target"),
        (csv(), {"kind": "files"}, "names no file"),
        (csv(), {"kind": "k-fold", "folds": 3, "fold": 4}, "fold is 4, but there are 3 folds"),
        (csv(), {"kind": "k-fold", "by": "person", "stratify": True}, "set one of them"),
        (csv(), {"kind": "stratified", "stratify": False}, "contradicts itself"),
    ],
)
def test_what_cannot_go_together_is_refused_before_anything_is_read(config, source, split, expected):
    with pytest.raises(ValidationError) as caught:
        config(source, split=split, task="binary")
    assert expected in str(caught.value)


def test_stratified_is_random_with_its_shares_kept(config):
    short, long = (
        config({"kind": "sklearn", "dataset": "diabetes"}, split=split)
        for split in ({"kind": "stratified", "validation": 0.1}, {"validation": 0.1, "stratify": True})
    )
    assert short == long
    assert config({"kind": "sklearn", "dataset": "iris"}, split="stratified").data.split.stratify is True


def test_files_of_their_own_validate_and_test(load, probe, tmp_path):
    write_table(tmp_path / "people.csv")
    rows = (tmp_path / "people.csv").read_text().splitlines()
    (tmp_path / "train.csv").write_text("\n".join([rows[0], *rows[1:41]]))
    (tmp_path / "test.csv").write_text("\n".join([rows[0], *rows[51:]]))
    # The same columns in another order.
    swapped = [",".join(reversed(row.split(","))) for row in [rows[0], *rows[41:51]]]
    (tmp_path / "validation.csv").write_text("\n".join(swapped))
    split = {"kind": "files", "validation": "validation.csv", "test": "test.csv"}
    options = {"split": split, "task": "binary", "inputs": []}
    loaded = load(csv("train.csv", ignore=["person"]), **options)
    assert [len(part) for part in loaded.splits().values()] == [40, 10, 10]
    assert loaded.validation.inputs[:, 1].tolist() == list(range(40, 50))
    record = probe(csv("train.csv", ignore=["person"]), **options)
    assert record.fingerprint.method.endswith("by split")
    (tmp_path / "test.csv").write_text("\n".join([rows[0], *rows[52:]]))
    assert probe(csv("train.csv", ignore=["person"]), **options).fingerprint != record.fingerprint


def test_files_with_other_columns_or_bad_rows_are_refused_by_name(load, tmp_path):
    write_table(tmp_path / "people.csv")
    write_table(tmp_path / "other.csv", header="z,person,day,y")
    options = {"split": {"kind": "files", "validation": "other.csv"}, "task": "binary"}
    with pytest.raises(DataError, match=r"csv other\.csv has no column 'x', which csv people\.csv has"):
        load(csv(ignore=["person"]), **options)
    lines = (tmp_path / "people.csv").read_text().splitlines()
    (tmp_path / "other.csv").write_text("\n".join([*lines[:4], "1.0,p1,3,"]))
    with pytest.raises(DataError, match=r"csv other\.csv, line 5: the target is missing"):
        load(csv(ignore=["person"]), **options)


def test_the_monitor_follows_the_files(config):
    assert config(csv(), split={"kind": "files", "test": "t.csv"}, task="binary").monitor.metric == "train_loss"
    assert config(csv(), split={"kind": "files", "validation": "v.csv"}, task="binary").monitor.metric == "val_loss"


def test_an_archive_validates_on_another(load, tmp_path):
    for name, count in (("a", 30), ("b", 7)):
        np.savez(tmp_path / f"{name}.npz", x=np.arange(2.0 * count).reshape(count, 2), y=np.arange(count) % 2)
    loaded = load({"kind": "npz", "path": "a.npz"}, split={"kind": "files", "validation": "b.npz"}, task="binary")
    assert (len(loaded.train), len(loaded.validation)) == (30, 7)


def test_findings_name_the_line_of_the_splits_own_file(probe, tmp_path):
    write_table(tmp_path / "people.csv")
    lines = (tmp_path / "people.csv").read_text().splitlines()
    (tmp_path / "other.csv").write_text("\n".join([lines[0], "", lines[1], ",p1,3,1"]))
    split = {"kind": "files", "validation": "other.csv"}
    record = probe(csv(features=["x", "day"]), split=split, task="binary")
    assert [(found.split, found.row, found.line) for found in record.nonfinite] == [("validation", 1, 4)]
    assert [(shared.examples, shared.lines) for shared in record.shared] == [((0,), (3,))]
