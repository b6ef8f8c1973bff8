"""Real processes, stopped and killed for real: what was on disk stays, and resuming ends at the same weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running.conftest import Command, write_config

SLOW = {"training": {"epochs": 60}, "model": {"hidden": [256, 256]}}


def _obey_signals() -> None:
    """Under nohup a hang-up is ignored, by us too, and in a job in the background Ctrl-C is, by Python."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own that has at least three epochs on disk."""
    write_config(folder, SLOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "logbook_cli", "run", "cfg.json", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
        preexec_fn=_obey_signals,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.strip().startswith("epoch") and " 3/" in line:
            break
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_stop_signal_ends_the_run_as_interrupted(started: subprocess.Popen[str], logbook: Command, name: str) -> None:
    number = getattr(signal, name)
    began = time.monotonic()
    started.send_signal(number)
    out, err = started.communicate(timeout=30)
    assert time.monotonic() - began < 20  # a guard against hanging; the machine may be busy
    assert started.returncode == 128 + number, err
    assert json.loads(out)["status"] == "interrupted"
    shown = logbook("show", "@", "--json").json
    assert shown["status"] == "interrupted"
    assert len(shown["epochs"]) >= 3
    assert "Traceback" not in err


def test_ctrl_c_while_it_tells_of_a_run_says_that_the_run_is_recorded(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 6}})
    process = subprocess.Popen(
        [sys.executable, "-m", "logbook_cli", "run", "cfg.json", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=_obey_signals,
    )
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1)  # the document is longer than what a pipe takes: it waits for its reader
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode().splitlines()[-1] == "stopped; what was recorded until then stays"
    shown = logbook("show", "r1", "--json")
    assert (shown.json["status"], len(shown.out) > 2**16 + 4096) == ("finished", True)


def test_a_killed_run_is_crashed_and_resumes_to_the_same_weights(
    started: subprocess.Popen[str], folder: Path, logbook: Command
) -> None:
    started.send_signal(signal.SIGKILL)
    started.communicate(timeout=30)
    assert started.returncode == -signal.SIGKILL
    crashed = logbook("show", "@", "--json").json
    assert crashed["status"] == "crashed"
    assert [epoch["epoch"] for epoch in crashed["epochs"]] == list(range(1, len(crashed["epochs"]) + 1))
    assert logbook("resume", "@").status == 0
    resumed = logbook("show", "@", "--json").json
    assert resumed["id"] == crashed["id"]
    assert resumed["status"] == "finished"
    assert losses(resumed)[: len(crashed["epochs"]) - 1] == losses(crashed)[:-1]

    write_config(folder, SLOW, name="whole.json")
    whole = logbook("run", "whole.json", "--json").json
    assert losses(whole) == losses(resumed)
    assert whole["end"]["weights_hash"] == resumed["end"]["weights_hash"]
    assert logbook("fsck").status == 0


def losses(run: dict[str, Any]) -> list[tuple[int, float, float]]:
    return [(epoch["epoch"], epoch["train_loss"], epoch["val_loss"]) for epoch in run["epochs"]]


def test_a_finished_run_has_nothing_to_resume(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    logbook("run", "cfg.json")
    answer = logbook("resume", "@")
    assert answer.status == 2
    assert "nothing left" in answer.err


def test_resuming_with_other_code_is_said_and_kept(folder: Path, logbook: Command) -> None:
    module = folder / "own_net.py"
    good = "from torch import nn\ndef net(): return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\n"
    module.write_text(good.replace("nn.Linear(64, 10)", "nn.Linear(64, 11)"))
    write_config(folder, {"model": {"kind": "python", "target": "own_net:net"}})
    assert logbook("run", "cfg.json").status == 1
    module.write_text(f"{good}# mended\n")
    sys.modules.pop("own_net", None)  # a command of its own would import the module anew
    answer = logbook("resume", "@")
    assert answer.status == 0, answer.err
    assert "with other code: own_net.py" in answer.err
    assert "with other code: own_net.py" in logbook("show", "@").out
