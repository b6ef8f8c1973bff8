"""`logbook export`: tables for other programs; nothing is lost, and nothing runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from logbook.exporting import WHAT
from logbook.store import open_writer
from logbook_cli.output import emit_pieces
from logbook_schemas.records.runs import JournalEntry
from tests.cli.books import logbook
from tests.cli.test_reading import answer
from tests.store.making import attempt, begin, config, epoch

EVIL = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil")')


def exported(home: Path, *arguments: str) -> list[dict[str, str]]:
    """Return the rows of an export as CSV."""
    done = logbook("export", *arguments, cwd=home)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def written(home: Path, name: str, *arguments: str) -> list[dict[str, Any]]:
    """Return the rows of an export to a file, as its format has them."""
    done = logbook("export", *arguments, "--output", name, cwd=home)
    assert done.returncode == 0, done.stderr
    assert not [path for path in home.iterdir() if path.name.endswith(".part")]
    path = home / name
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with a run of NaN and infinities, one that went back, and texts that a spreadsheet would run."""
    with open_writer(tmp_path / ".logbook") as writer:
        run = begin(writer, config(hypothesis="=cmd|' /C calc'!A0")).number
        values = {"train_loss": math.inf, "val_loss": math.nan, "metrics": {"=evil": -math.inf, "f1": 0.25}}
        writer.append_epoch(run, 1, epoch(1, **values))
        writer.append_epoch(run, 1, epoch(2, metrics={"f1": 0.5}, val_loss=None))
        for text in EVIL:
            writer.add_journal(run, JournalEntry(kind="note", text=text))
        writer.end_attempt(run, 1, status="finished")
        back = begin(writer).number
        for place in (1, 2, 3):
            writer.append_epoch(back, 1, epoch(place))
        writer.begin_attempt(back, attempt(resumed_from=1))
        writer.append_epoch(back, 2, epoch(2, val_loss=7.0))
        writer.end_attempt(back, 2, status="interrupted")
    return tmp_path


def test_runs_are_those_of_ls_oldest_first(home: Path) -> None:
    lines = answer("ls", cwd=home)["runs"][::-1]
    rows = written(home, "runs.jsonl")
    assert [set(row) for row in rows] == [set(line) for line in lines]
    for row, line in zip(rows, lines, strict=True):
        assert row == {**line, "tags": " ".join(line["tags"])}
    table = written(home, "runs.parquet")
    assert [row["best_value"] for row in table] == [line["best_value"] for line in lines]
    assert math.isnan(table[2]["last_val_loss"])
    assert [row["id"] for row in exported(home)] == ["r1", "r2", "r3"]


def test_a_query_or_a_run_narrows_what_is_written(home: Path) -> None:
    assert [row["id"] for row in exported(home, "--query", "lr<0.1")] == ["r1", "r2"]
    assert [row["id"] for row in exported(home, "r2")] == ["r2"]
    assert {row["id"] for row in exported(home, "wild", "--what", "epochs")} == {"r3"}
    logbook("search", "--save", "slow", "lr<0.005", cwd=home)
    assert [row["id"] for row in exported(home, "--query", "@slow")] == ["r1"]
    assert exported(home, "--query", "lr>100") == []


def test_columns_stand_beside_the_id(home: Path) -> None:
    asked = ("--columns", "lr,val_loss.last,hidden,outcome,seed")
    rows = exported(home, *asked)
    assert list(rows[0]) == ["id", "lr", "val_loss.last", "hidden", "outcome", "seed"]
    assert [row["val_loss.last"] for row in rows] == ["0.4", "0.8", "nan"]
    table = written(home, "chosen.parquet", *asked)
    assert [type(table[0][name]) for name in ("lr", "hidden", "seed")] == [float, str, int]
    assert math.isnan(table[2]["val_loss.last"])
    assert json.loads(table[0]["hidden"]) == json.loads(rows[0]["hidden"])


@pytest.mark.parametrize("name", ["epochs.csv", "epochs.jsonl", "epochs.parquet"])
def test_nan_and_infinities_survive_and_missing_is_missing(odd: Path, name: str) -> None:
    first, second, *_ = written(odd, name, "--what", "epochs", "--query", "f1>0")
    evil = "'=evil" if name.endswith("csv") else "=evil"
    assert float(first["train_loss"]) == math.inf
    assert math.isnan(float(first["val_loss"]))
    assert float(first[evil]) == -math.inf
    assert (float(first["f1"]), int(first["epoch"]), first["phase"]) == (0.25, 1, "train")
    missing = "" if name.endswith("csv") else None
    assert (second["val_loss"], second[evil]) == (missing, missing)


def test_json_says_nan_and_infinities_by_name(odd: Path) -> None:
    assert logbook("export", "--what", "epochs", "--output", "epochs.json", cwd=odd).returncode == 0
    first = json.loads((odd / "epochs.json").read_text())["rows"][0]
    assert (first["train_loss"], first["val_loss"], first["=evil"]) == ("Infinity", "NaN", "-Infinity")


def test_epochs_are_those_that_count(odd: Path) -> None:
    rows = [(row["epoch"], row["val_loss"]) for row in exported(odd, "r2", "--what", "epochs")]
    assert rows == [("1", "3.0"), ("2", "7.0")]


def test_no_cell_or_heading_of_a_csv_is_run_by_a_spreadsheet(odd: Path) -> None:
    for what in ("runs", "epochs", "settings", "journal"):
        text = logbook("export", "--what", what, cwd=odd).stdout
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert len(cells) > 20
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and cell != "-inf"]
    assert [row["text"] for row in exported(odd, "--what", "journal")] == [f"'{text}" for text in EVIL]
    assert [row["text"] for row in written(odd, "journal.jsonl", "--what", "journal")] == list(EVIL)


def test_settings_have_their_kind_and_numbers_as_such(home: Path) -> None:
    rows = {row["path"]: row for row in written(home, "settings.parquet", "r1", "--what", "settings")}
    assert (rows["optimizer.lr"]["kind"], rows["optimizer.lr"]["number"], rows["optimizer.lr"]["text"]) == (
        *("number", 0.001, None),
    )
    assert (rows["optimizer.kind"]["text"], rows["optimizer.kind"]["number"]) == ("adam", None)
    assert rows["model.bias"]["text"] == "true"


def test_findings_are_whole(home: Path) -> None:
    rows = written(home, "findings.jsonl", "--what", "findings")
    assert [(row["id"], row["code"], row["epoch"]) for row in rows] == [("r3", "T101", 2), ("r3", "L101", None)]
    assert rows[1]["measured"] == "0.5"
    assert rows[1]["where"] == "optimizer.lr"


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "md", "parquet"])
def test_everything_goes_into_a_folder(home: Path, form: str) -> None:
    done = logbook("export", "--what", "all", "--format", form, "--output", "out", "--json", cwd=home)
    files = json.loads(done.stdout)["files"]
    assert [file["what"] for file in files] == [one for one in WHAT if one != "all"]
    assert sorted(path.name for path in (home / "out").iterdir()) == sorted(f"{one}.{form}" for one in WHAT[:-1])
    assert {file["what"]: file["rows"] for file in files}["epochs"] == 7
    assert "7 rows" in done.stderr


def test_lines_can_be_printed_and_a_file_is_replaced_whole(home: Path) -> None:
    done = logbook("export", "--format", "jsonl", cwd=home)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["r1", "r2", "r3"]
    (home / "runs.csv").write_text("old")
    assert len(written(home, "runs.csv")) == 3
    (home / "sub").mkdir()
    assert logbook("export", "--output", "sub", cwd=home).returncode == 0
    assert (home / "sub" / "runs.csv").is_file()


def test_each_form_has_a_word_of_its_own_as_in_the_other_commands(home: Path) -> None:
    asked = ("--query", "id<3", "--columns", "lr,val_loss.last,hypothesis,error")
    assert logbook("export", *asked, "--csv", cwd=home).stdout == logbook("export", *asked, cwd=home).stdout
    rows = json.loads(logbook("export", *asked, "--json", cwd=home).stdout)
    assert rows["what"] == "runs"
    assert [list(row) for row in rows["rows"]] == [["id", "lr", "val_loss.last", "hypothesis", "error"]] * 2
    lines = logbook("export", *asked, "--format", "jsonl", cwd=home).stdout.splitlines()
    assert rows["rows"] == [json.loads(line) for line in lines]
    assert logbook("export", *asked, "--parquet", "--output", "runs", cwd=home).returncode == 0
    assert parquet.read_table(home / "runs").to_pylist() == rows["rows"]
    table = logbook("export", *asked, "--md", cwd=home).stdout.splitlines()
    assert table[:3] == [
        "| id | lr | val_loss.last | hypothesis | error |",
        "| --- | ---: | ---: | --- | --- |",
        "| r1 | 0.001 | 0.4 |  |  |",
    ]
    assert json.loads(logbook("export", "--query", "lr=nan", "--json", cwd=home).stdout) == {"what": "runs", "rows": []}


def test_markdown_holds_nothing_that_breaks_its_table(odd: Path) -> None:
    logbook("note", "r1", "a | b\n*c* <d> `e` [f]", cwd=odd)
    table = logbook("export", "--what", "journal", "--md", cwd=odd).stdout.splitlines()
    assert r"a \| b \*c\* \<d> \`e\` \[f\]" in table[-1]
    assert len({line.replace(r"\|", "").count("|") for line in table}) == 1


def test_a_terminal_gets_nothing_that_it_obeys(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logbook("note", "r1", "\x1b[2J\x9b2J\u202e", cwd=odd)
    exported_text = logbook("export", "--what", "journal", "--md", cwd=odd).stdout
    assert "\x1b" in exported_text  # a program gets what was written
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout", shown)
    emit_pieces([exported_text, "id,text\r\n1,2\r\n"])
    assert not set(shown.getvalue()) & {"\x1b", "\x9b", "\u202e", "\r"}
    assert shown.getvalue().endswith("id,text\n1,2\n")


def test_a_table_with_no_rows_has_its_columns(home: Path) -> None:
    assert logbook("export", "--what", "journal", cwd=home).stdout == "id,at,kind,text,reason,author\n"
    assert written(home, "journal.parquet", "--what", "journal") == []
    assert parquet.read_schema(home / "journal.parquet").names[0] == "id"


def test_the_config_with_its_losses_is_kept(home: Path) -> None:
    done = logbook("export", "r1", "--commented", "--output", "r1.json", cwd=home)
    assert (done.returncode, done.stderr) == (0, "r1.json is written\n")
    assert "0.3" in (home / "r1.json").read_text()
    assert logbook("export", "r1", "--commented", cwd=home).stdout == (home / "r1.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--what", "epoch"), 2, "there is no table 'epoch' to export; did you mean 'epochs'?"),
        (("--format", "xlsx"), 2, "there is no format 'xlsx' to export; it is one of csv, json, jsonl, md, parquet"),
        (("--parquet",), 2, "can't be printed; write it to a file"),
        (("--csv", "--md"), 2, "one format at a time, got csv and md"),
        (("--format", "csv", "--parquet"), 2, "one format at a time, got csv and parquet"),
        (("--csv", "--json"), 2, "--json and --format csv exclude each other"),
        (("r1", "--commented", "--csv"), 2, "--commented writes a config, not a table"),
        (("r1", "--commented", "--what", "epochs"), 2, "--commented writes a config, not a table"),
        (("--format", "parquet"), 2, "can't be printed; write it to a file"),
        (("--what", "all"), 2, "--output FOLDER"),
        (("--output", "runs.xlsx"), 2, "doesn't say its format"),
        (("--output", "missing/runs.csv"), 2, "can't be written"),
        (("--what", "epochs", "--columns", "lr"), 2, "columns are chosen for runs"),
        (("--columns", "val_los"), 2, "unknown field 'val_los'"),
        (("--query", "lr<"), 2, "a value is expected"),
        (("r1", "--query", "lr<1"), 2, "exclude each other"),
        (("r99",), 4, "r99"),
        (("--commented",), 2, "the config of which run?"),
    ],
)
def test_what_can_t_be_exported_is_said(home: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = logbook("export", *arguments, cwd=home)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert not [path for path in home.iterdir() if path.name != ".logbook"]
