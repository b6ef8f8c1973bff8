"""Runs killed at random moments, again and again: nothing acknowledged is lost, and the end is bit for bit the same.

`make test` kills a seeded sample; `make soak` kills two hundred times.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.running.conftest import write_config

KILLS = 200 if os.environ.get("LOGBOOK_SOAK") else 3
EPOCHS = 40 if KILLS < 10 else 1500
CONFIG = {
    "training": {"epochs": EPOCHS},
    "model": {"hidden": [128], "dropout": 0.2, "normalization": "batch"},
    "data": {"augment": [{"kind": "noise", "std": 0.1}]},
    "schedule": {"kind": "cosine", "warmup": 20},
}


def logbook(*words: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "logbook_cli", *words, "--logbook", str(folder / ".logbook")]


def ask(*words: str, folder: Path) -> Any:
    command = [*logbook(*words, folder=folder), "--json"]
    return json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)


def start(*words: str, folder: Path) -> subprocess.Popen[str]:
    """Start a command and return when it has made its first step in training, or has ended."""
    process = subprocess.Popen(
        logbook(*words, folder=folder), cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(("epoch", "next")):
            break
    return process


@pytest.mark.timeout(7200 if KILLS > 10 else 300)
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not(tmp_path: Path) -> None:
    write_config(tmp_path, CONFIG)
    draw = random.Random(0)
    words, kills = ("run", "cfg.json"), 0
    while kills < KILLS:
        process = start(*words, folder=tmp_path)
        time.sleep(draw.uniform(0.0, 0.4))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[1]
        kills += 1
        acknowledged = max((_epoch_of(line) for line in said.splitlines()), default=0)
        run = ask("show", "r1", folder=tmp_path)
        assert run["status"] == "crashed"
        assert [one["epoch"] for one in run["epochs"]] == list(range(1, len(run["epochs"]) + 1))
        assert len(run["epochs"]) >= acknowledged
        assert subprocess.run(logbook("fsck", folder=tmp_path), cwd=tmp_path, check=False).returncode == 0
        words = ("resume", "r1")
    subprocess.run(logbook(*words, folder=tmp_path), cwd=tmp_path, check=False, capture_output=True)
    resumed = ask("show", "r1", folder=tmp_path)
    assert resumed["status"] == "finished"
    whole = ask("run", "cfg.json", folder=tmp_path)
    assert kills > 0
    assert _curve(resumed) == _curve(whole)
    assert resumed["end"]["weights_hash"] == whole["end"]["weights_hash"]


def _epoch_of(line: str) -> int:
    words = line.split()
    return int(words[1].split("/")[0]) if len(words) > 1 and words[0] == "epoch" else 0


def _curve(run: dict[str, Any]) -> list[tuple[float, float]]:
    assert len(run["epochs"]) == EPOCHS
    return [(one["train_loss"], one["val_loss"]) for one in run["epochs"]]
