"""`search` and `ls` with columns, words that match, epochs; searches that are saved."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import jsonschema
import pytest

from logbook.json_schemas import json_schema
from logbook.store.verify import verify
from tests.cli.books import logbook
from tests.cli.test_reading import answer, printed


def found(*arguments: str, cwd: Path) -> list[str]:
    """Return the short ids of the runs that a search finds, in its order."""
    return [run["id"] for run in answer("search", *arguments, cwd=cwd)["runs"]]


def test_columns_are_shown_in_the_order_asked_for_with_the_id_first(home: Path) -> None:
    lines = printed("search", "val_loss<1", "--columns", "lr,val_loss,outcome,optimizer", cwd=home).splitlines()
    assert lines[0].split() == [
        "id",
        "lr",
        "val_loss",
        "outcome",
        "optimizer",
    ]  # none has an outcome: that is an answer
    assert lines[2].split() == ["r2", "0.01", "0.8", "adam"]
    assert printed("ls", "--columns", "val_loss,id", "--limit", "1", cwd=home).split() == [
        "val_loss",
        "id",
        "0.9",
        "r3",
    ]


def test_columns_in_json_keep_their_kinds(home: Path) -> None:
    asked = ("--columns", "lr,val_loss.last,val_loss@1,hidden,outcome,model.bias")
    runs = answer("ls", *asked, cwd=home)["runs"]
    assert runs == answer("search", "id>0", *asked, cwd=home)["runs"]
    assert runs[0]["id"] == "r3"
    assert runs[0]["val_loss.last"] == "NaN"
    assert runs[0]["val_loss@1"] == 0.9
    assert isinstance(runs[0]["hidden"], list)
    assert runs[0]["outcome"] is None
    jsonschema.validate({"runs": runs}, json_schema("runs"))


def test_columns_as_csv_have_full_figures_and_nothing_that_a_spreadsheet_runs(home: Path) -> None:
    done = logbook("ls", "--columns", "hypothesis,val_loss.last,hidden", "--csv", cwd=home)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows[1]["hypothesis"].startswith("'=faster")
    assert [row["val_loss.last"] for row in rows] == ["nan", "0.8", "0.4"]


def test_an_unknown_column_is_an_error_at_its_place(home: Path) -> None:
    for command in (("ls",), ("search", "lr<1"), ("search", "lr<0")):
        done = logbook(*command, "--columns", "lr,val_los", cwd=home)
        assert done.returncode == 2
        assert done.stderr.splitlines()[:3] == ["error: unknown field 'val_los'", "  lr,val_los", "     ^"]
        assert "val_loss" in done.stderr.splitlines()[3]


def test_the_words_that_match_are_shown(home: Path) -> None:
    assert "[better]" in printed("search", "better", cwd=home)
    run = answer("search", "better", cwd=home)["runs"][0]
    assert "[better]" in run["match"]
    jsonschema.validate({"runs": [run]}, json_schema("runs"))
    assert "match" not in answer("search", "lr<1", cwd=home)["runs"][0]
    assert "match" not in printed("search", "lr<1", cwd=home)


def test_what_a_person_wrote_is_shown_before_the_strings_of_the_config(home: Path) -> None:
    assert answer("search", "faster", cwd=home)["runs"][0]["match"].startswith("=[faster]")
    assert answer("search", "wild", cwd=home)["runs"][0]["match"] == "[wild]"
    assert "[sklearn]" in answer("search", "sklearn", cwd=home)["runs"][0]["match"]  # stands nowhere else


def test_words_alone_are_ranked_and_a_sort_overrides(home: Path) -> None:
    logbook("note", "r1", "finite, finite, finite: everything here is finite", cwd=home)
    logbook("note", "r2", "a long note about many other things, of which only one is that it is finite", cwd=home)
    assert found("finite", cwd=home) == ["r1", "r2"]
    assert found("finite", "--sort", "-id", cwd=home) == ["r2", "r1"]


def test_a_metric_at_an_epoch(home: Path) -> None:
    assert found("val_loss@2<0.5", cwd=home) == ["r1"]
    assert found("val_loss@2=nan", cwd=home) == ["r3"]
    assert found("id>0", "--sort", "val_loss@2", cwd=home) == [
        "r1",
        "r2",
        "r3",
    ]


def test_a_search_is_saved_asked_again_narrowed_listed_and_forgotten(home: Path) -> None:
    asked = ("val_loss<1 or diverged", "--sort", "val_loss", "--columns", "lr,val_loss")
    done = logbook("search", "--save", "good.ones", *asked, cwd=home)
    assert done.returncode == 0, done.stderr
    assert "logbook search @good.ones" in done.stderr
    expected = answer("search", *asked, cwd=home)
    assert [run["id"] for run in expected["runs"]] == ["r1", "r2", "r3"]
    assert answer("search", "@good.ones", cwd=home) == answer("search", "--saved", "good.ones", cwd=home) == expected
    assert answer("search", "@good.ones lr>0.1", cwd=home)["runs"] == expected["runs"][2:]
    assert found("@good.ones", "--sort", "-id", cwd=home) == [
        "r3",
        "r2",
        "r1",
    ]

    saved = answer("search", "--list", cwd=home)
    jsonschema.validate(saved, json_schema("saved-searches"))
    (one,) = saved["saved"]
    assert (one["name"], one["query"], one["sort"]) == ("good.ones", "val_loss<1 or diverged", "val_loss")
    assert "good.ones" in printed("search", "--list", cwd=home)

    assert logbook("search", "--forget", "good.ones", cwd=home).returncode == 0
    assert answer("search", "--list", cwd=home) == {"saved": []}
    assert logbook("search", "@good.ones", cwd=home).returncode == 4
    assert logbook("search", "--forget", "good.ones", cwd=home).returncode == 4
    assert verify(home / ".logbook") == []


def test_a_saved_search_may_stand_anywhere_in_a_query(home: Path) -> None:
    logbook("search", "--save", "slow", "lr<0.005 or lr=0.01", "--sort", "lr", "--columns", "lr", cwd=home)
    logbook("search", "--save", "wild", "name=wild", "--columns", "name", cwd=home)
    assert found("not @slow", cwd=home) == ["r3"]
    assert found("val_loss<1 (@wild or @slow)", cwd=home) == ["r3", "r2", "r1"]
    assert found("@slow lr=0.001", cwd=home) == ["r1"]
    first = answer("search", "id>0 @slow", cwd=home)["runs"]
    assert [list(run) for run in first] == [["id", "lr"]] * 2
    assert [run["lr"] for run in first] == [0.001, 0.01]
    logbook("search", "--save", "rest", "not @slow", cwd=home)
    logbook("search", "--save", "slow", "lr=nan", cwd=home)
    assert found("@rest", cwd=home) == ["r3"]  # what the name meant when it was saved
    logbook("note", "r1", "ask @slow", cwd=home)
    assert found("note~@slow", cwd=home) == found('"@slow"', cwd=home) == ["r1"]


def test_the_newest_search_of_a_name_stands(home: Path) -> None:
    logbook("search", "--save", "it", "lr<1", cwd=home)
    logbook("search", "--save", "it", "@it lr>0.1", cwd=home)
    assert [one["query"] for one in answer("search", "--list", cwd=home)["saved"]] == ["(lr<1) lr>0.1"]
    assert found("@it", cwd=home) == ["r3"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--save", "it", "lr<"), 2, "a value is expected"),
        (("--save", "it", "lr<1", "--sort", "nothing"), 2, "unknown field 'nothing'"),
        (("--save", "it", "lr<1", "--columns", "nothing"), 2, "unknown field 'nothing'"),
        (("--save", "it"), 2, "the query is empty"),
        (("--save", "not a name", "lr<1"), 2, "can't be saved as 'not a name'"),
        (("@stack",), 4, "did you mean @stuck?"),
        (
            ("@nothing",),
            4,
            "no search is saved as 'nothing'; 'logbook search --list' shows those that are saved. To look for",
        ),
        (("lr<1 or @stack",), 4, "did you mean @stuck? To look for the text, quote it"),
        (
            ("--forget", "nothing"),
            4,
            "no search is saved as 'nothing'; 'logbook search --list' shows those that are saved\n",
        ),
        (("--save", "it", "--forget", "stuck", "lr<1"), 2, "--save and --forget exclude each other"),
        (("--list", "lr<1"), 2, "--list takes no query, got 'lr<1'"),
        (("--forget", "stuck", "lr<1"), 2, "--forget takes no query"),
        (("lr<1", "--limit", "2", "--all"), 2, "--limit and --all exclude each other"),
        (("lr<1", "--columns", ""), 2, "a field is expected here"),
        (("lr<1", "--sort", ""), 2, "unknown field ''"),
        ((), 2, "the query is empty"),
    ],
)
def test_what_can_t_be_asked_or_saved_is_said_and_not_saved(
    home: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    logbook("search", "--save", "stuck", "rule:L101", cwd=home)
    done = logbook("search", *arguments, cwd=home)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert [one["name"] for one in answer("search", "--list", cwd=home)["saved"]] == ["stuck"]


def test_the_text_of_a_name_is_searched_for_in_quotes(home: Path) -> None:
    logbook("note", "r1", "ask @somebody", cwd=home)
    assert found('"@somebody"', cwd=home) == ["r1"]
