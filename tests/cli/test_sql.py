"""`logbook sql`: read-only SQL over the documented views, and nothing else."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest

from logbook.errors import UsageError
from logbook.json_schemas import json_schema
from logbook.store import open_reader, open_writer
from logbook.store import sql as sql_module
from logbook.store.sql import run_sql
from logbook.store.views import VIEWS
from logbook_schemas.records.runs import JournalEntry
from tests.cli.books import ROOT, logbook
from tests.cli.test_reading import answer, printed
from tests.store.making import attempt, begin, epoch

DOCS = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")


def rows(home: Path, statement: str) -> list[tuple[object, ...]]:
    with open_reader(home / ".logbook") as reader:
        return list(run_sql(reader, statement).rows)


def test_the_documented_views_are_the_codes() -> None:
    parts = re.split(r"^## (\w+)$", DOCS, flags=re.MULTILINE)[1:]
    documented = {
        name: tuple(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
    assert documented == {name: view.columns for name, view in VIEWS.items()}
    assert len(documented) == 9


def test_the_documented_examples_run(home: Path) -> None:
    statements = re.findall(r'^    logbook sql "(.+?)"', DOCS, flags=re.MULTILINE)
    assert len(statements) == 3
    for statement in statements:
        assert logbook("sql", statement, cwd=home).returncode == 0


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_rows_of_what_was_recorded(home: Path, view: str) -> None:
    with open_writer(home / ".logbook") as writer:
        writer.add_journal(1, JournalEntry(kind="note", text="look here"))
    found = answer("sql", f"select * from {view}", cwd=home)
    assert found["columns"] == list(VIEWS[view].columns)
    assert found["rows"]
    jsonschema.validate(found, json_schema("sql"))


def test_rows_say_what_the_other_commands_say(home: Path) -> None:
    for run in answer("ls", cwd=home)["runs"]:
        told = "select id, uuid, words, status, seconds, best, best_epoch, train_loss, tags from runs where run_id = "
        wanted = (run["id"], run["uuid"], run["words"], run["status"], run["seconds"], run["best_value"])
        loss = None if run["last_train_loss"] == "NaN" else run["last_train_loss"]
        assert rows(home, f"{told}{run['number']}") == [(*wanted, run["best_epoch"], loss, None)]
    assert rows(home, "select run_id, value from settings where path = 'optimizer.lr' order by 1")[1] == (2, 0.01)
    assert rows(home, "select value from settings where path = 'model.bias' and run_id = 1") == [(1,)]
    assert rows(home, "select code, severity, place from findings order by code") == [
        ("L101", "warning", "optimizer.lr"),
        ("T101", "error", None),
    ]
    ends = "select run_id, first, first_kind, last, last_kind from metrics where metric = 'val_loss' and run_id = 3"
    assert rows(home, ends) == [(3, 0.9, "number", None, "nan")]
    assert rows(home, "select epoch, val_loss from epochs where run_id = 3") == [(1, 0.9), (2, None)]
    assert rows(home, "select distinct metric, value, value_kind from epoch_metrics") == [("accuracy", 0.9, "number")]
    second = "select name, version, parent_version from versions where version = 2"
    assert rows(home, second) == [("digits-mlp", 2, 1)]


def test_epochs_are_those_that_count(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder = elsewhere / ".logbook"
    with open_writer(folder) as writer:
        number = begin(writer).number
        for place in (1, 2, 3):
            writer.append_epoch(number, 1, epoch(place))
        writer.begin_attempt(number, attempt(resumed_from=1))
        writer.append_epoch(number, 2, epoch(2, val_loss=float("inf")))
        # While the writer is open the summary may be behind the rows; a reader never sees that.
        assert rows(elsewhere, "select epoch, attempt, val_loss from epochs order by epoch") == [
            (1, 1, 3.0),
            (2, 2, float("inf")),
        ]
        assert rows(elsewhere, "select epochs, status from runs") == [(2, "crashed")]
        assert rows(elsewhere, "select last from metrics where metric = 'val_loss'") == [(float("inf"),)]
        with open_reader(folder) as reader:
            assert [one.epoch for one in reader.epochs(number)] == [1, 2]


def test_tables_for_people_csv_and_markdown(home: Path) -> None:
    statement = "select id, hypothesis, best, 1e999 inf, null missing from runs order by run_id"
    lines = printed("sql", statement, cwd=home).splitlines()
    assert lines[0].split() == ["id", "hypothesis", "best", "inf", "missing"]
    done = logbook("sql", statement, "--csv", cwd=home)
    read = list(csv.DictReader(io.StringIO(done.stdout)))
    assert read[1]["hypothesis"].startswith("'=faster")
    assert (read[0]["best"], read[0]["inf"], read[0]["missing"]) == ("0.3", "inf", "")
    assert printed("sql", statement, "--md", cwd=home).startswith("| id | hypothesis |")
    assert answer("sql", statement, cwd=home)["rows"][0][3] == "Infinity"
    assert answer("sql", "select x'00ff' as b", cwd=home) == {"columns": ["b"], "rows": [["00ff"]]}


def test_many_rows_are_cut_for_people_and_nobody_else(home: Path) -> None:
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1200) select i from n"
    done = logbook("sql", many, cwd=home)
    assert len(done.stdout.splitlines()) == 1001
    assert "the first 1,000 of 1,200 rows" in done.stderr
    assert len(answer("sql", many, cwd=home)["rows"]) == 1200


ATTACKS = [
    "insert into journal values (1, '', 'note', 'x', '', '')",
    "delete from runs",
    "update main.summary set outcome = 'done'",
    "drop table main.epoch",
    "create table t (x)",
    "create temp table t (x)",
    "pragma query_only = off",
    "pragma table_info(runs)",
    "attach 'other.db' as other",
    "vacuum into 'stolen.db'",
    "begin",
    "select * from sqlite_master",
    "select count(*) from sqlite_master",
    "select * from sqlite_temp_master",
    "select * from pragma_database_list",
    "select count(*) from pragma_database_list",
    "select * from dbstat",
    "select * from main.config",
    "select * from config_leaf",
    "select * from summary",
    "select * from temp.true_summary",
    "select * from run_metric",
    "select * from search_text",
    "with runs as (select * from main.config) select * from runs",
    "with summary as (select * from main.summary) select * from summary",
    "select (select body from config limit 1) from runs",
    "select load_extension('evil')",
    "select fts3_tokenizer('simple')",
    "explain select 1",
    "select 1; delete from main.journal",
    "select readfile('/etc/passwd')",
    "select * from runs union select * from main.run",
    "with t as (delete from main.run returning *) select * from t",
]


@pytest.mark.parametrize("statement", ATTACKS)
def test_nothing_else_is_read_and_nothing_is_written(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / ".logbook" / "logbook.db")) as raw:
        before = list(raw.iterdump())
    with pytest.raises(UsageError):
        rows(home, statement)
    with closing(sqlite3.connect(home / ".logbook" / "logbook.db")) as raw:
        assert list(raw.iterdump()) == before
    assert not [*home.glob("*.db"), *Path().glob("stolen.db")]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("", "the statement is empty; write a SELECT over runs, settings, "),
        ("/* nothing */ ; -- at all", "the statement is empty"),
        ("-- select 1", "the statement is empty"),
        ("/* never closed", "the statement is empty"),
        ("selct 1", "syntax error at 'selct'\n  selct 1\n  ^\nwrite a SELECT (docs/sql.md)"),
        ("vacuum into 'stolen.db'", "only read, and only through runs, settings, "),
        ("delete from runs", "only read, and only through runs, settings, "),
        ("select 1; select 2", "one statement at a time"),
        ("select * from run", "did you mean runs?"),
        ("select nam from runs", "did you mean name?"),
        ("select nothing_like_it from journal", "journal has run_id, at, kind, text, reason, author"),
        ("select * form runs", "syntax error at 'form'\n  select * form runs\n           ^"),
        ("select * from runs where", "SQL: incomplete input"),
        ("select ?", "a value that nobody gives"),
        ("select :x", "a value that nobody gives"),
        ("select zeroblob(1000000000)", "too big"),
        ("select * from runs a join runs b on a.id = b.id where id = 1", "ambiguous column name: id"),
        ("select json('{')", "malformed JSON"),
        ("select '\x00'", ""),
    ],
)
def test_what_can_t_be_asked_is_said_in_words(home: Path, statement: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        rows(home, statement)
    assert said in str(error.value)


def test_wrong_sql_is_wrong_use(home: Path) -> None:
    done = logbook("sql", "select nam from runs", cwd=home)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: no such column: nam",
        "  select nam from runs",
        "         ^",
        "did you mean name?",
    ]


def test_a_statement_that_takes_too_long_or_yields_too_much_is_stopped(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select {} from n"
    with open_reader(home / ".logbook") as reader:
        with pytest.raises(UsageError, match=r"the statement took longer than 0\.1 s"):
            run_sql(reader, endless.format("count(*)"), seconds=0.1)
        monkeypatch.setattr(sql_module, "MOST_ROWS", 10)
        with pytest.raises(UsageError, match="more than 10 rows"):
            run_sql(reader, endless.format("i"))
        assert run_sql(reader, "select count(*) from runs").rows == [(3,)]
        assert len(reader.journal(1)) == 0


@pytest.fixture(autouse=True)
def _in_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
