"""Where there is no commit to go back to, the sources that the run kept do; what was not kept is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.running.conftest import Command
from tests.running.reruns.projects import NET, Project, is_identical, untouched


def test_a_commit_that_was_rebased_away_and_collected_is_no_loss(project: Project, ran: Command, rerun: Any) -> None:
    project.begin()
    project.write("extra.txt", "kept by no commit")
    ran()
    repo = project.repo
    project.write("parts/layers.py", "width = 99\n")
    repo.git("commit", "-q", "-a", "--amend", "-m", "Begin otherwise")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    before = untouched(project)
    document = rerun()
    is_identical(document)
    assert document["place"]["kind"] == "sources"
    assert "no longer has the commit" in document["place"]["why"]
    assert "the sources that the run kept" in document["told"]
    assert document["code"]["verdict"] == "same"
    assert untouched(project) == before


def test_a_deleted_repository_is_no_loss(project: Project, ran: Command, rerun: Any) -> None:
    project.begin(config="configs/cfg.json")
    ran("configs/cfg.json")
    shutil.rmtree(project.folder / ".git")
    shutil.rmtree(project.folder / "parts")
    (project.folder / "net.py").unlink()
    document = rerun()
    is_identical(document)
    assert document["place"]["kind"] == "sources"
    assert document["place"]["why"]


def test_without_a_repository_the_sources_do(project: Project, ran: Command, logbook: Command) -> None:
    project.code()
    project.config()
    ran()
    project.write("parts/layers.py", "width = 99\n")
    told = logbook("rerun", "r1", "--quiet")
    assert told.status == 0
    lines = told.out.splitlines()
    assert lines[0] == "r2 is a rerun of r1: the losses are identical to the bit through epoch 2"
    assert "code         same (the sources that r1 kept: no repository was there)" in lines
    assert "weights      identical to the bit at the end" in lines
    assert project.left_over() == []


def test_code_of_the_current_folder_is_kept_too(
    project: Project, ran: Command, rerun: Any, logbook: Command, monkeypatch: Any
) -> None:
    """No repository, a config in a folder of its own, code above it: it comes from where the command was given."""
    project.code()
    project.write("sizes.txt", "kept by nobody, and read where it lies\n")
    project.write("parts/layers.py", "width = 16\nopen('sizes.txt').close()\n")
    project.config("configs/cfg.json")
    ran("configs/cfg.json")
    assert set(logbook("show", "--code", "--json").json["files"][0]) >= {"path", "sha256"}
    listed = [file["path"] for file in logbook("show", "--code", "--json").json["files"]]
    assert listed == ["net.py", "parts/__init__.py", "parts/layers.py"]
    project.write("parts/layers.py", "width = 99\n")
    shown = logbook("show", "@", "parts/layers.py", "--code", "--diff").out
    assert {"-width = 16", "+width = 99"} <= set(shown.splitlines())
    document = rerun()
    is_identical(document)
    assert document["code"]["verdict"] == "same"
    assert document["remarks"] == []


def test_before_the_first_commit_the_sources_do(project: Project, ran: Command, rerun: Any) -> None:
    project.repo.git("status")
    project.write(".gitignore", ".logbook\n")
    project.code()
    project.config()
    ran()
    project.write("net.py", "broken")
    document = rerun()
    is_identical(document)
    assert document["place"]["why"] == "the repository had no commit"


def test_without_the_git_program_the_sources_do(
    project: Project, ran: Command, rerun: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    project.begin()
    ran()
    project.write("net.py", "broken")
    monkeypatch.setenv("PATH", str(tmp_path))
    document = rerun()
    is_identical(document)
    assert document["place"]["why"] == "git is not installed, or not on the path"


def test_code_that_was_not_kept_is_named(project: Project, ran: Command, rerun: Any, logbook: Command) -> None:
    """A module named like a secret is never kept: it is taken from where it lies, if it lies there unchanged."""
    project.begin()
    project.write("net.py", NET.replace("parts.layers", "api_key_sizes"))
    project.write("api_key_sizes.py", "width = 4\n")
    ran()
    document = rerun()
    assert document["losses"]["verdict"] == "identical"
    assert document["remarks"] == ["loaded from your folder as it is now: api_key_sizes.py"]
    project.write("api_key_sizes.py", "width = 5\n")
    answer = logbook("rerun", "r1", "--json")
    assert answer.status != 0
    assert "api_key_sizes.py is not as the run loaded it" in answer.err
    assert "No module named 'api_key_sizes'" in answer.err + answer.out
    assert "not kept: its name says that it holds a secret" in logbook("show", "r1", "--code").out
    assert project.left_over() == []


def test_a_secret_in_the_source_is_missing_and_said(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    project.begin()
    project.write("net.py", NET + '\npassword = "correct-horse-battery"\n')
    ran()
    project.repo.git("checkout", "-q", "--", "net.py")
    document = rerun()
    assert document["losses"]["verdict"] == "identical"
    assert document["code"]["verdict"] == "different"
    assert [file["path"] for file in document["code"]["files"]] == ["net.py"]
    assert "correct-horse" not in json.dumps(document)
    assert any("net.py holds [secret removed]" in remark for remark in document["place"]["remarks"])
    shown = logbook("show", "r1", "--code").out
    assert "what looked like a secret was removed" in shown
    assert "correct-horse" not in shown
