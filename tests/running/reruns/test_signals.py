"""`logbook rerun` stopped while it works: the run ends as any, and neither a worktree nor a folder is left behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import logbook
from tests.running.reruns.projects import Project, untouched


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository with a run of many epochs that was stopped, as `r1`; each test makes it again."""
    tmp_path = tmp_path_factory.mktemp("stopped")
    made = Project(tmp_path / "work", tmp_path / "temporary")
    for folder in (made.folder, made.temporary):
        folder.mkdir()
    made.begin(training={"epochs": 5000, "time_limit": 2.0})
    made.write("parts/layers.py", "width = 24\n")
    run = subprocess.Popen(made.command("run", "cfg.json"), **pipes(made))
    read_until(run, "epoch    3/")
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=60) == 130
    run.communicate()
    return made


def pipes(project: Project) -> dict:
    return {
        "cwd": project.folder,
        "env": project.environment(PYTHONUNBUFFERED="1"),
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def read_until(process: subprocess.Popen[str], beginning: str) -> None:
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith(beginning):
            return
    raise AssertionError("".join(seen))


def runs(project: Project) -> dict[str, str]:
    """Return how each run of the logbook ended."""
    found = logbook.open(project.folder / ".logbook").search("started>2020-01-01")
    return {run.id: run.summary.status for run in found}


@pytest.fixture
def started(project: Project) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(project.command("rerun", "r1", "--json"), **pipes(project))
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_stop_signal_ends_the_rerun_as_interrupted_and_leaves_nothing(
    project: Project, started: subprocess.Popen[str], name: str
) -> None:
    before = untouched(project)
    number = getattr(signal, name)
    read_until(started, "epoch    2/")
    assert project.left_over() != [], "the worktree is there while it trains"
    started.send_signal(number)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 128 + number, err
    assert "Traceback" not in err
    document = json.loads(out)
    assert (document["status"], document["status_then"], document["same"]) == ("interrupted", "interrupted", False)
    assert document["losses"]["identical_through"] >= 2
    assert project.left_over() == []
    assert untouched(project) == before
    assert runs(project)[document["run"]] == "interrupted"


def test_a_signal_before_there_is_a_run_records_nothing(project: Project, started: subprocess.Popen[str]) -> None:
    there = runs(project)
    read_until(started, "code of r1: ")
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert "stopped by SIGINT; nothing was recorded" in json.loads(out)["error"]["message"]
    assert "Traceback" not in err
    assert project.left_over() == []
    assert runs(project) == there


def test_a_signal_while_the_commit_is_checked_out_leaves_nothing(project: Project, tmp_path: Path) -> None:
    """A filter of the person's own, as git-lfs is one, makes the checkout slow."""
    home = tmp_path / "slow"
    home.mkdir()
    (home / ".gitconfig").write_text('[filter "slow"]\n\tsmudge = "sleep 60; cat"\n\tclean = cat\n')
    before, there = untouched(project), runs(project)
    attributes = project.write(".git/info/attributes", "*.py filter=slow\n")
    process = subprocess.Popen(
        project.command("rerun", "r1", "--json"),
        **{**pipes(project), "env": project.environment(HOME=str(home), XDG_CONFIG_HOME=str(home))},
    )
    entries, deadline = project.folder / ".git" / "worktrees", time.monotonic() + 60
    while not entries.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=50)
    attributes.unlink()
    assert process.returncode == 128 + signal.SIGTERM, err
    assert "nothing was recorded" in json.loads(out)["error"]["message"]
    assert "Traceback" not in err
    assert project.left_over() == []
    assert not entries.exists()
    assert untouched(project) == before
    assert runs(project) == there


def test_a_second_signal_ends_it_at_once_and_leaves_nothing(project: Project, started: subprocess.Popen[str]) -> None:
    read_until(started, "epoch    2/")
    for _ in range(20):
        started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert "Traceback" not in err
    assert project.left_over() == []
    assert runs(project)[json.loads(out)["run"]] in ("interrupted", "crashed")


def test_the_training_stops_where_whoever_asked_for_it_was_killed(
    project: Project, started: subprocess.Popen[str]
) -> None:
    """Then there is nobody to remove the worktree: docs/rerun.md says how a person does."""
    read_until(started, "epoch    2/")
    started.kill()
    started.communicate()
    deadline = time.monotonic() + 60
    while "running" in (there := runs(project)).values() and time.monotonic() < deadline:
        time.sleep(0.05)
    newest = logbook.open(project.folder / ".logbook").run("@").record
    assert (there[newest.summary.id], newest.start_of_run.rerun_of) == ("interrupted", "r1")
    for left in project.temporary.iterdir():
        shutil.rmtree(left)
    project.repo.git("worktree", "prune")
    assert project.left_over() == []
