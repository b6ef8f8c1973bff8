"""`deterministic: true` says what it can't hold, and fails no model for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running.conftest import Command, write_config

NET = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(64, 10)
    def forward(self, x):
        scale = torch.zeros(1).put_(torch.tensor([0]), torch.ones(1))
        return self.line(x.flatten(1)) * scale
"""
NOT_HELD = "not held    training.deterministic: torch has no deterministic kernel for put_"


@pytest.mark.parametrize("flag", [True, False])
def test_operations_without_a_deterministic_kernel_are_recorded_and_shown(
    folder: Path, logbook: Command, flag: bool
) -> None:
    (folder / "putting.py").write_text(NET)
    model = {"kind": "python", "target": "putting:Net"}
    write_config(folder, {"model": model, "training": {"epochs": 1, "deterministic": flag}})
    checked = logbook("check", "cfg.json", "--start")
    assert (NOT_HELD in checked.out) is flag
    document = logbook("check", "cfg.json", "--start", "--json").json
    assert document["nondeterministic"] == (["put_"] if flag else [])
    answer = logbook("run", "cfg.json")
    assert answer.status == 0, answer.err
    assert (NOT_HELD in answer.err) is flag
    assert (NOT_HELD in logbook("show").out) is flag
    assert logbook("show", "--json").json["end"]["nondeterministic"] == (["put_"] if flag else [])


def test_a_training_whose_kernels_are_deterministic_has_nothing_to_say(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    assert logbook("run", "cfg.json").status == 0
    assert "not held" not in logbook("show").out
