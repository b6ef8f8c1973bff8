"""A secret that slipped through is taken out of contents, byte for byte; of rows it is said."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running.conftest import write_config
from tests.running.test_careful import environment

SECRET = "hunter-Zq7-very-own-secret-words"


@pytest.fixture
def leaky(folder, logbook):
    """A run whose untracked file holds a secret that looks like nothing, and whose note holds it too."""
    write_config(folder, {"training": {"epochs": 1}})
    for words in (
        ["init", "-q"],
        ["add", "cfg.json"],
        ["-c", "user.email=a@b", "-c", "user.name=x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    (folder / "notes.txt").write_text(f"remember {SECRET}\n")
    assert logbook("run", "cfg.json", "--quiet").status == 0
    return folder


def raw_files(folder: Path) -> list[str]:
    """Return the files of the logbook that hold the secret, byte for byte."""
    found = [
        path for path in (folder / ".logbook").rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    return [path.name for path in found]


def test_a_redacted_content_is_gone_from_the_files_and_its_hash_stays(leaky, logbook):
    assert "logbook.db" in " ".join(raw_files(leaky))
    before = logbook("show", "r1", "--json").json
    found = logbook("redact", "--match", r"hunter-\w+", "--dry-run", "--json").json
    (content,) = found["contents"]
    assert (content["what"], content["runs"], content["matches"]) == ("untracked notes.txt", ["r1"], 1)
    assert raw_files(leaky) != []
    done = logbook("redact", "--match", SECRET, "--yes", "--json").json
    assert (done["done"], done["scrubbed"]) == (True, True)
    assert raw_files(leaky) == []
    assert logbook("fsck").status == 0
    assert logbook("show", "r1", "--json").json == before
    assert before["git"]["untracked"][0]["blob"] == content["hash"]
    # The same file in a later run doesn't bring it back.
    assert logbook("run", "cfg.json", "--again", "--quiet").status == 0
    assert raw_files(leaky) == []
    assert logbook("fsck").status == 0
    assert logbook("diff", "r1", "r2").status == 0


def test_nobody_who_can_be_asked_means_that_nothing_goes(leaky, logbook):
    refused = logbook("redact", "--match", SECRET)
    assert (refused.status, "--yes" in refused.err) == (2, True)
    assert raw_files(leaky) != []


@pytest.mark.parametrize(("reply", "is_done"), [("YES\n", True), ("n\n", False), ("\x04", False)])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_a_person_at_a_terminal_sees_what_is_asked_about(leaky, reply, is_done, form):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "logbook_cli", "redact", "--match", SECRET, *form],
        cwd=leaky,
        env=environment(),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 1024)
    assert b"untracked notes.txt" in said
    assert SECRET.encode() not in said
    assert raw_files(leaky) != []
    os.write(ours, reply.encode())
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0
    assert (raw_files(leaky) == []) == is_done
    if form:
        assert json.loads(out)["done"] == is_done


def test_rows_that_hold_the_secret_are_told_and_stay(leaky, logbook):
    logbook("note", "r1", f"the word is {SECRET}")
    done = logbook("redact", "--match", SECRET, "--yes")
    assert done.status == 0
    assert "r1: journal note" in done.out
    assert "can't be changed; revoke the secret" in done.out
    assert SECRET not in done.out
    assert logbook("fsck").status == 0
    again = logbook("redact", "r1", "--match", SECRET, "--json")
    assert again.json["contents"] == []
    assert again.json["rows"] == ["r1: journal note"]


def test_a_content_is_named_by_run_and_file(leaky, logbook):
    wrong = logbook("redact", "r1", "--file", "note.txt", "--yes")
    assert (wrong.status, "preparation, untracked notes.txt" in wrong.err) == (4, True)
    assert logbook("redact", "r1", "--file", "notes.txt", "--file", "packages", "--yes").status == 0
    assert raw_files(leaky) == []
    assert "was redacted before" in logbook("redact", "r1", "--file", "notes.txt", "--yes").err
    assert logbook("redact", "r1", "--file", "preparation", "--yes").status == 0
    rows = leaky / "rows.csv"
    rows.write_text(",".join(["1"] * 64))
    gone = logbook("predict", "r1", str(rows))
    assert (gone.status, "was redacted on" in gone.err) == (4, True)
    assert logbook("fsck").status == 0


def test_a_reader_that_is_in_the_way_is_told_and_the_rest_can_be_done_later(leaky, logbook, monkeypatch):
    from logbook.store import engine, open_reader

    monkeypatch.setattr(engine, "COMPACT_SECONDS", 0.3)
    with open_reader(leaky / ".logbook") as reader, reader.connection() as raw:
        raw.execute("SELECT count(*) FROM run").fetchone()
        done = logbook("redact", "--match", SECRET, "--yes")
    assert done.status == 0
    assert "logbook redact --scrub" in done.out
    assert logbook("redact", "--scrub").status == 0
    assert raw_files(leaky) == []


def test_copies_made_before_are_named(leaky, logbook):
    copy = logbook("backup", "--json").json["path"]
    done = logbook("redact", "--match", SECRET, "--yes")
    assert copy in done.out
    assert logbook("fsck", "--logbook", copy).status == 0


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "say what is to go"),
        (["--match", "("], 2, "no regular expression"),
        (["--match", "x*"], 2, "fits an empty text"),
        (["--file", "notes.txt"], 2, "--file needs a run"),
        (["--match", "no-such-thing-at-all"], 4, "nothing here matches no-s… (20 characters)"),
        (["r9", "--match", "x"], 4, "no run 'r9'"),
    ],
)
def test_what_cannot_be_meant_is_told(leaky, logbook, words, status, said):
    done = logbook("redact", *words)
    assert (done.status, said in done.err) == (status, True), done.err
