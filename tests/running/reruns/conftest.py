"""A project to make runs in and to make them again: in this process, the training itself in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from logbook import rerunning
from tests.own_modules import forgotten
from tests.running.conftest import Answer, Command
from tests.running.reruns.forking import forked_processes
from tests.running.reruns.projects import Project


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project beside a folder for what is temporary."""
    made = Project(folder / "work", folder / "temporary")
    for place in (made.folder, made.temporary):
        place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made.temporary))
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture(scope="session")
def forks() -> Iterator[SimpleNamespace]:
    with forked_processes() as made:
        yield made


@pytest.fixture
def logbook(folder: Path, logbook: Command, forks: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in this process: the person's modules are forgotten after each, as a new process would."""
    monkeypatch.setattr(rerunning, "subprocess", forks)

    def run(*words: str) -> Answer:
        with forgotten(folder):
            return logbook(*words)

    return run


@pytest.fixture
def ran(logbook: Command) -> Command:
    """Make a run that must come to its end."""

    def run(*words: str) -> Answer:
        answer = logbook("run", *(words or ("cfg.json",)), "--quiet", "--json")
        assert answer.status == 0, answer.err
        return answer

    return run


@pytest.fixture
def rerun(project: Project, logbook: Command, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a run again, and return the document with the exit status; nothing temporary is left of it."""

    def run(*words: str) -> dict[str, Any]:
        answer = logbook("rerun", *(words or ("@",)), "--json")
        assert project.left_over() == []
        assert answer.out, answer.err
        return {**answer.json, "exit": answer.status, "told": answer.err}

    return run
