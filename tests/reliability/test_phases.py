"""A stop signal at each phase of a run: the end is recorded, or nothing is; a second signal ends at once."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.points import Ended, Forking

NET = """
import contextlib, os, signal
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line, self.steps, self.tested = nn.Linear(4, 3), 0, False
        stop("build")
    def forward(self, x):
        if done:
            os.write(2, b"went on\\n")
        self.steps += self.training
        if self.training and self.steps == 4:
            stop("step")
        if not self.training and self.steps == 0:
            stop("start")
        if not self.training and self.tested:
            stop("last")
        if not self.training and self.steps > 8 and len(x) in (30, 36):
            self.tested = len(x) == 36
            stop("test" if self.tested else "evaluation")
        return self.line(x)

done = []

def stop(phase):
    if phase == PHASE and not done:
        done.append(phase)
        with contextlib.ExitStack() as stack:  # the second one comes, too, where the first ends this
            for one in reversed(SIGNALS):
                stack.callback(os.kill, os.getpid(), getattr(signal, one))
"""
CONFIG: dict[str, Any] = {
    "name": "phases",
    "data": {"source": {"kind": "sklearn", "dataset": "iris"}, "split": {"validation": 30 / 150, "test": 36 / 150}},
    "model": {"kind": "python", "target": "phase_net:Net"},
    "training": {"epochs": 4, "batch_size": 16, "device": "cpu"},
}
POINTS = {"checkpoint": "open .last.pt.tmp", "rename": "replace last.pt", "best": "link .best.pt.tmp"}
UNRECORDED = ("build",)


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forking]:
    with Forking(tmp_path_factory.mktemp("phases")) as forking:
        yield forking


def run_until(phase: str, signals: list[str], forking: Forking, folder: Path) -> Ended:
    """Run the config; at the phase it is sent the signals, from its own code or at a point (`points.py`)."""
    own = f"\nPHASE, SIGNALS = {phase!r}, {signals!r}\n"
    (folder / "phase_net.py").write_text(NET + own)
    (folder / "cfg.json").write_text(json.dumps(CONFIG))
    at: int | str = POINTS.get(phase, int(phase) if phase.isdigit() else 0)
    return forking.run("run", "cfg.json", "--logbook", "book", at=at, send=signals, cwd=folder)


@pytest.mark.parametrize("phase", ["build", "start", "step", "evaluation", "test", "last", *POINTS])
def test_a_signal_ends_each_phase_and_resuming_comes_to_the_same_end(
    forking: Forking, tmp_path: Path, phase: str
) -> None:
    whole = run_until("none", [], forking, tmp_path)
    assert whole.status == 0, whole.err
    expected = forking.run("show", "r1", "--json", "--logbook", "book", cwd=tmp_path).json
    name = ("SIGTERM", "SIGHUP", "SIGINT")[len(phase) % 3]
    stopped = run_until(phase, [name], forking, tmp_path / _folder(tmp_path, "once"))
    folder = tmp_path / "once"
    assert stopped.status == 128 + getattr(signal, name), stopped.err
    assert "Traceback" not in stopped.err
    assert "went on" not in stopped.err
    if phase in UNRECORDED:
        assert stopped.err.splitlines()[-1] == f"error: stopped by {name}; nothing was recorded"
        assert not (folder / "book").exists()
        return
    shown = forking.run("show", "r1", "--json", "--logbook", "book", cwd=folder).json
    assert (shown["status"], shown["reason"]) == ("interrupted", name)
    assert list((folder / "book" / "live").iterdir()) == []
    (folder / "phase_net.py").write_text((folder / "phase_net.py").read_text().replace(repr(phase), "'none'"))
    assert forking.run("resume", "r1", "--logbook", "book", cwd=folder).status == 0
    ended = forking.run("show", "r1", "--json", "--logbook", "book", cwd=folder).json
    assert ended["end"]["weights_hash"] == expected["end"]["weights_hash"]
    assert ended["end"]["test_loss"] == expected["end"]["test_loss"]
    assert [one["val_loss"] for one in ended["epochs"]] == [one["val_loss"] for one in expected["epochs"]]


@pytest.mark.parametrize("phase", ["start", "step", "evaluation", "checkpoint", "rename"])
def test_a_second_signal_ends_at_once_and_loses_nothing(forking: Forking, tmp_path: Path, phase: str) -> None:
    stopped = run_until(phase, ["SIGTERM", "SIGTERM"], forking, tmp_path)
    assert stopped.status == -signal.SIGTERM
    shown = forking.run("show", "r1", "--json", "--logbook", "book", cwd=tmp_path).json
    assert shown["status"] == "crashed"
    assert len(shown["epochs"]) == (0 if phase in ("start", "step") else 1) or phase == "evaluation"
    assert forking.run("fsck", "--logbook", "book", cwd=tmp_path).status == 0


def test_a_signal_while_the_freeze_or_the_end_is_written_leaves_it_whole(forking: Forking, tmp_path: Path) -> None:
    points = run_until("none", [], forking, tmp_path / _folder(tmp_path, "whole")).points
    for at in (points.index("commit") + 1, len(points) - 1):
        folder = tmp_path / _folder(tmp_path, str(at))
        stopped = run_until(str(at), ["SIGTERM"], forking, folder)
        shown = forking.run("show", "r1", "--json", "--logbook", "book", cwd=folder).json
        is_end = at > points.index("commit") + 1
        assert (stopped.status, shown["status"]) == ((0, "finished") if is_end else (143, "interrupted"))
        assert list((folder / "book" / "live").iterdir()) == []


def _folder(parent: Path, name: str) -> str:
    (parent / name).mkdir()
    return name
