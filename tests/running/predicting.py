"""A quick training, what is predicted after it, and what its own record says of the same rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.running.conftest import Answer, Command

__all__ = ["MLP", "QUICK", "SENTENCE", "asked", "recorded", "said", "train"]

QUICK = {"epochs": 1, "device": "cpu", "batch_size": 16}
MLP = {"kind": "mlp", "hidden": [8]}
SENTENCE = "the cat sat on the mat, and the dog sat on the log. "


def train(logbook: Command, config: dict[str, Any]) -> dict[str, Any]:
    Path("c.json").write_text(json.dumps({"training": QUICK, "diagnostics": {"every": 0}} | config))
    answer = logbook("run", "c.json", "--json", "--force")
    assert answer.status == 0, answer.err
    run: dict[str, Any] = answer.json
    assert len(run["end"]["predictions"]) >= 3 or config["task"] in ("reconstruction", "metric-learning")
    return run


def asked(answer: Answer) -> Any:
    assert answer.status == 0, answer.err
    return answer.json


def said(document: Any, key: str = "prediction") -> list[Any]:
    return [one[key] for one in document["predictions"]]


def recorded(run: dict[str, Any], key: str = "prediction") -> list[Any]:
    return [one[key] for one in run["end"]["predictions"]]
