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

KILLS = 200 if os.environ.get("LOGBOOK_SOAK") else 5
EPOCHS = 2400 if KILLS == 200 else 120
"""A fast machine trains some of them between the moment to kill and the death."""
CONFIG = {
    # No epoch counts as better than the first: it ends early where the count of those that didn't has survived.
    "training": {"epochs": EPOCHS + 100, "early_stopping": {"patience": EPOCHS - 1, "min_delta": 10.0}},
    "gradients": {"accumulation": 2},
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
        whole = forking.run("run", "cfg.json", "--json", "--logbook", "whole").json
        words, epochs = ("run", "cfg.json"), 0
        while kills.total() < KILLS:
            is_training = draw.random() < 0.8
            # So long that the kills come all over the training, and that it isn't over before the last of them.
            left = (EPOCHS - epochs) / EPOCHS / (KILLS - kills.total())
            longest = 0.7 * whole["end"]["seconds"] * left
            delay = draw.uniform(0.0, longest if is_training else 1.0)
            killed = forking.run(*words, after=("epoch" if is_training else "", delay))
            if killed.status >= 0:
                break
            kills["while it trained" if killed.acknowledged else "before it trained"] += 1
            shown = forking.run("show", "r1", "--json")
            if words[0] == "run" and shown.status == 4:
                continue  # it had not begun to record
            run = shown.json
            if run["status"] == "early-stopped":  # killed on its way out
                break
            assert run["status"] == "crashed"
            assert _measured(run) == _measured(whole)[: len(run["epochs"])]
            assert len(run["epochs"]) >= max(epochs, killed.acknowledged)
            assert forking.run("fsck").status == 0
            words, epochs = ("resume", "r1"), len(run["epochs"])
        assert kills.total() == KILLS
        print(f"killed: {json.dumps(kills)}; {epochs} of {EPOCHS} epochs by then")
        assert forking.run(*words).status == 0
        resumed = forking.run("show", "r1", "--json").json
        assert forking.run("fsck").status == 0
    assert resumed["status"] == whole["status"] == "early-stopped"
    assert len(resumed["epochs"]) == EPOCHS
    assert _measured(resumed) == _measured(whole)
    for name in ("weights_hash", "best_epoch", "predictions"):
        assert resumed["end"][name] == whole["end"][name]


def _measured(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the epochs without the time that they took."""
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in run["epochs"]]
