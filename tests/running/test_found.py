"""`logbook.open().search(…)`: the runs, the rows of --json, and the same as a pandas frame."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import logbook
from logbook.errors import UsageError
from tests.cli.books import logbook as command
from tests.cli.books import make_book

COLUMNS = ["lr", "val_loss", "val_loss.last", "val_loss@2", "outcome", "optimizer", "hidden", "started"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    make_book(home / ".logbook")
    return home


@pytest.fixture(scope="module")
def book(home: Path) -> logbook.Book:
    return logbook.open(home / ".logbook")


def test_a_search_finds_runs_in_its_order(book: logbook.Book) -> None:
    found = book.search("lr<1", sort="val_loss")
    assert [run.id for run in found] == ["r1", "r3", "r2"] or [run.id for run in found] == ["r1", "r2", "r3"]
    assert len(found) == 3
    assert found[0].id == "r1"
    assert found[0].config["name"] == "digits-mlp"
    assert repr(book.search("lr<1", sort="id", limit=2)) == "<2 runs: r1, r2>"
    assert repr(book.search("lr>100")) == "<0 runs>"


def test_the_frame_is_what_search_prints_as_json(home: Path, book: logbook.Book) -> None:
    done = command("search", "lr<1", "--columns", ",".join(COLUMNS), "--json", cwd=home)
    printed = json.loads(done.stdout)["runs"]
    frame = book.search("lr<1", columns=COLUMNS).frame()
    assert list(frame.columns) == ["id", *COLUMNS] == list(printed[0])
    for row, line in zip(frame.to_dict("records"), printed, strict=True):
        assert row["id"] == line["id"]
        for name in ("lr", "val_loss", "val_loss.last", "val_loss@2"):
            assert row[name] == line[name] or (math.isnan(row[name]) and line[name] == "NaN")
        assert list(row["hidden"]) == line["hidden"]
        assert row["started"] == pd.Timestamp(line["started"])
        assert pd.isna(row["outcome"])
    assert frame["lr"].dtype == "float64"
    assert str(frame["started"].dtype).endswith("UTC]")


def test_without_columns_the_frame_has_the_summaries(home: Path, book: logbook.Book) -> None:
    printed = json.loads(command("search", "lr<1", "--json", cwd=home).stdout)["runs"]
    frame = book.search("lr<1").frame()
    assert list(frame.columns) == list(printed[0])
    assert list(frame["best_value"]) == [run["best_value"] for run in printed]


def test_nothing_found_is_an_empty_frame_with_the_columns(book: logbook.Book) -> None:
    frame = book.search("lr>100", columns="lr,val_loss").frame()
    assert (list(frame.columns), len(frame)) == (["id", "lr", "val_loss"], 0)


def test_nothing_found_without_columns_has_those_of_the_summaries(book: logbook.Book) -> None:
    whole, nothing = book.search("lr<1").frame(), book.search("lr>100").frame()
    assert sorted(nothing.columns) == sorted(whole.columns)
    assert len(nothing) == 0
    assert str(nothing["started_at"].dtype).endswith("UTC]")


def test_some_of_what_was_found(book: logbook.Book) -> None:
    found = book.search("lr<1", sort="id")
    assert [run.id for run in found[1:]] == ["r2", "r3"]
    assert found[-1].id == "r3"
    with pytest.raises(IndexError):
        found[3]
    assert len(book.search("lr<1", limit=0)) == 0
    with pytest.raises(UsageError, match="the limit must be 0 or more, got -1"):
        book.search("lr<1", limit=-1)


def test_rows_tell_missing_from_nan(book: logbook.Book) -> None:
    rows = book.search("lr<1", columns="val_loss.last,seed,momentum", sort="-id").rows
    assert math.isnan(rows[0]["val_loss.last"])
    assert rows[0]["momentum"] is None


@pytest.mark.parametrize("columns", ["lr,val_los", ["lr", "val_los"], ["lr", "no, such"], ['a "b']])
def test_a_column_that_is_no_field_is_an_error(book: logbook.Book, columns: str | list[str]) -> None:
    with pytest.raises(UsageError, match="unknown field"):
        book.search("lr<1", columns=columns)


def test_where_pandas_is_missing_a_message_says_what_to_install(
    book: logbook.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    found = book.search("lr<1", columns="lr")
    with pytest.raises(UsageError, match=r"pip install 'training-logbook\[pandas\]'"):
        found.frame()
    assert len(found.rows) == 3


def test_searching_imports_no_pandas(home: Path) -> None:
    code = "import sys, logbook; logbook.open().search('lr<1', columns='lr').rows; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=home, timeout=60, check=False).returncode == 0
