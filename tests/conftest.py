"""What holds for every test: no logbook, home or git settings of the person's own, one thread."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _away_from_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of its own, and no logbook to find by accident."""
    home: Path = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.delenv("LOGBOOK_STORE", raising=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many healthy programs were trained, and how many of them raised a warning."""
    corpus = "test_a_healthy_program_raises_no_warning"
    done = {
        outcome: sum(corpus in report.nodeid for report in terminalreporter.getreports(outcome))
        for outcome in ("passed", "failed")
    }
    if trained := sum(done.values()):
        terminalreporter.write_line(f"healthy corpus: {trained} trainings, {done['failed']} with a warning")
