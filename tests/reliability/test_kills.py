"""Runs killed at random moments, again and again: nothing acknowledged is lost, and the end is bit for bit the same.

`make test` kills a seeded sample; `make soak` kills two hundred times.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.points import Forking
from tests.running.conftest import write_config

KILLS = 200 if os.environ.get("LOGBOOK_SOAK") else 6
EPOCHS = 40 if KILLS < 10 else 600
CONFIG = {
    "training": {"epochs": EPOCHS},
    "model": {"hidden": [128], "dropout": 0.2, "normalization": "batch"},
    "data": {"augment": [{"kind": "noise", "std": 0.1}]},
    "schedule": {"kind": "cosine", "warmup": 20},
}


@pytest.mark.timeout(7200 if KILLS > 10 else 300)
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not(tmp_path: Path) -> None:
    """Most kills come while it trains; some while it loads, begins, or goes on where the last one left it."""
    write_config(tmp_path, CONFIG)
    draw = random.Random(0)
    kills: Counter[str] = Counter()
    with Forking(tmp_path) as forking:
        words, epochs = ("run", "cfg.json"), 0
        while kills.total() < KILLS:
            is_training = draw.random() < 0.8
            delay = draw.uniform(0.0, 0.4 if is_training else 1.0)
            killed = forking.run(*words, after=("epoch" if is_training else "", delay))
            if killed.status >= 0:
                break
            kills["while it trained" if killed.acknowledged else "before it trained"] += 1
            shown = forking.run("show", "r1", "--json")
            if words[0] == "run" and shown.status == 4:
                continue  # it had not begun to record
            run = shown.json
            if run["status"] == "finished":  # killed on its way out
                break
            assert run["status"] == "crashed"
            assert [one["epoch"] for one in run["epochs"]] == list(range(1, len(run["epochs"]) + 1))
            assert len(run["epochs"]) >= max(epochs, killed.acknowledged)
            assert forking.run("fsck").status == 0
            words, epochs = ("resume", "r1"), len(run["epochs"])
        assert kills.total() == KILLS or kills.total() > 3
        print(f"killed: {json.dumps(kills)}; {epochs} of {EPOCHS} epochs by then")
        forking.run(*words)
        resumed = forking.run("show", "r1", "--json").json
        whole = forking.run("run", "cfg.json", "--json", "--again").json
    assert resumed["status"] == "finished"
    assert _curve(resumed) == _curve(whole)
    assert resumed["end"]["weights_hash"] == whole["end"]["weights_hash"]


def _curve(run: dict[str, Any]) -> list[tuple[float, float]]:
    assert len(run["epochs"]) == EPOCHS
    return [(one["train_loss"], one["val_loss"]) for one in run["epochs"]]
