"""The command line in a folder, as the tests of whole runs have it, and a run there that was interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running.conftest import Command, folder, logbook, write_config

__all__ = ["folder", "kept", "logbook"]

_LOSS = """import os, signal, torch
def loss():
    steps = []
    def f(o, t):
        steps.append(0)
        if len(steps) == 80 and not os.path.exists("stopped"):
            open("stopped", "w").close()
            os.kill(os.getpid(), signal.SIGINT)
        return torch.nn.functional.cross_entropy(o, t)
    return f
"""


@pytest.fixture
def kept(logbook: Command, folder: Path) -> Path:
    """The checkpoints of r1, a run that was interrupted; rows.csv has a row to predict."""
    (folder / "stop.py").write_text(_LOSS)
    write_config(folder, {"loss": {"kind": "python", "target": "stop:loss"}, "training": {"epochs": 3}})
    assert logbook("run", "cfg.json", "--quiet").status == 130
    (place,) = (folder / ".logbook" / "checkpoints").iterdir()
    assert {file.name for file in place.iterdir()} == {"best.pt", "last.pt"}
    (folder / "rows.csv").write_text(",".join(f"pixel_{n // 8}_{n % 8}" for n in range(64)) + "\n" + "0," * 63 + "0\n")
    return place
