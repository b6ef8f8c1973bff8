"""`note`, `tag`, `outcome`: what people say of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.books import logbook


def shown(home: Path, run: str = "r1") -> Any:
    return json.loads(logbook("show", run, "--json", cwd=home).stdout)


def test_an_outcome_that_is_none_is_told_the_list(home: Path) -> None:
    told = "it is one of dead-end, promising, baseline, done, inconclusive"
    for word, said in (("nonsense", told), ("deadend", f"did you mean 'dead-end'? It{told[2:]}")):
        done = logbook("outcome", "r1", word, "--because", "x", cwd=home)
        assert (done.returncode, done.stderr) == (2, f"error: unknown outcome {word!r}; {said}\n")


def test_notes_are_kept_in_order(home: Path) -> None:
    assert logbook("note", "r1", "first", cwd=home).returncode == 0
    assert logbook("note", "@-2", "second: it's 100 % fine", cwd=home).returncode == 0
    journal = shown(home)["journal"]
    assert [(entry["kind"], entry["text"]) for entry in journal] == [
        ("note", "first"),
        ("note", "second: it's 100 % fine"),
    ]
    assert all(entry["at"].endswith("Z") for entry in journal)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_note_is_wrong_use(home: Path, text: str) -> None:
    assert logbook("note", "r1", text, cwd=home).returncode == 2


def test_tags_are_put_on_and_taken_off(home: Path) -> None:
    done = logbook("tag", "r1", "paper", "fig:3", "paper", cwd=home)
    assert done.returncode == 0
    assert sorted(shown(home)["tags"]) == ["fig:3", "paper"]
    assert logbook("tag", "r1", "paper", "--remove", cwd=home).returncode == 0
    assert shown(home)["tags"] == ["fig:3"]


def test_a_tag_with_a_blank_or_one_that_is_not_there_is_wrong_use(home: Path) -> None:
    blank = logbook("tag", "r1", "two words", cwd=home)
    assert blank.returncode == 2
    assert "'two words'" in blank.stderr
    absent = logbook("tag", "r1", "absent", "--remove", cwd=home)
    assert absent.returncode == 2
    assert "'absent'" in absent.stderr
    assert shown(home)["journal"] == []


def test_the_newest_outcome_stands_and_carries_its_reason(home: Path) -> None:
    assert logbook("outcome", "r1", "promising", "--because", "falls steadily", cwd=home).returncode == 0
    done = logbook("outcome", "r1", "dead-end", "--because", "overfits", "--json", cwd=home)
    line = json.loads(done.stdout)
    assert (line["id"], line["outcome"], line["outcome_reason"]) == ("r1", "dead-end", "overfits")
    assert len(shown(home)["journal"]) == 2


def test_a_misspelt_outcome_names_the_nearest(home: Path) -> None:
    done = logbook("outcome", "r1", "deadend", "--because", "x", cwd=home)
    assert done.returncode == 2
    assert "did you mean 'dead-end'?" in done.stderr


def test_an_outcome_needs_a_reason_that_says_something(home: Path) -> None:
    assert logbook("outcome", "r1", "done", cwd=home).returncode == 2
    assert logbook("outcome", "r1", "done", "--because", " ", cwd=home).returncode == 2


def test_a_run_that_is_not_there_gets_no_word(home: Path) -> None:
    for arguments in (("note", "r99", "x"), ("tag", "r99", "x"), ("outcome", "r99", "done", "--because", "x")):
        assert logbook(*arguments, cwd=home).returncode == 4


def test_no_logbook_is_made_for_a_word(tmp_path: Path) -> None:
    assert logbook("note", "@", "x", cwd=tmp_path).returncode == 4
    assert not list(tmp_path.iterdir())
