"""What a forest finds that rank correlations can't: settings that matter together."""

from __future__ import annotations

import random

from logbook.history.forest import forest_shares
from logbook.history.importance import Outcome, importance


def test_two_settings_that_matter_only_together_are_found() -> None:
    chance = random.Random(0)
    runs = [{"a": chance.choice([0, 1]), "b": chance.choice("xy"), "c": chance.random()} for _ in range(120)]
    results = [float((run["a"] == 1) != (run["b"] == "x")) + 0.1 * chance.random() for run in runs]
    alone = importance(
        [Outcome(settings=run, result=result) for run, result in zip(runs, results, strict=True)],
        metric="val_loss",
        mode="min",
    )
    assert not any(found.is_clear for found in alone.influences)
    score, shares = forest_shares(runs, results, ["a", "b", "c"])
    assert score > 0.5
    assert min(shares["a"], shares["b"]) > 5 * shares["c"]


def test_chance_teaches_a_forest_nothing() -> None:
    chance = random.Random(1)
    runs = [{"a": chance.random(), "b": chance.choice(["x", "y", None])} for _ in range(60)]
    score, shares = forest_shares(runs, [chance.random() for _ in runs], ["a", "b"])
    assert score < 0.2
    assert all(0 <= share < 0.2 for share in shares.values())


def test_the_same_runs_give_the_same_shares() -> None:
    runs = [{"a": k % 7, "b": [k % 2]} for k in range(30)]
    results = [float(k % 7) for k in range(30)]
    assert forest_shares(runs, results, ["a", "b"]) == forest_shares(runs, results, ["a", "b"])
