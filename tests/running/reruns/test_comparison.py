"""What a rerun says: the losses and how the run ended, the packages, the environment."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.running.conftest import Command
from tests.running.reruns.projects import NET, Project, is_identical

NOISY = """import os, torch
from torch import nn

class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 2)
    def forward(self, x):
        noise = int.from_bytes(os.urandom(2), "big") / 2**16
        return self.line(x) * (1 + SCALE * noise)
"""


def test_losses_within_the_tolerance_are_told_apart_from_identical_and_different_ones(
    project: Project, ran: Command, rerun: Any
) -> None:
    project.code()
    project.write("noisy.py", NOISY.replace("SCALE", "1e-5"))
    project.config(model={"kind": "python", "target": "noisy:Noisy"}, optimizer={"kind": "sgd", "lr": 0.5})
    ran()
    document = rerun("r1")
    losses = document["losses"]
    assert losses["verdict"] == "within-tolerance"
    assert losses["tolerance"] == 1e-4
    assert losses["within_through"] == 2
    assert 0 < losses["largest"] <= 1e-4
    assert (document["same"], document["exit"], document["weights"]) == (True, 0, "different")
    assert "within a relative 0.0001" in document["sentence"]
    strict = rerun("r1", "--tolerance", "0")
    assert strict["losses"]["verdict"] == "different"
    assert strict["losses"]["first"]["epoch"] == 1
    assert strict["exit"] == 1


def test_packages_of_another_version_are_named(project: Project, tmp_path: Path) -> None:
    """Real processes: what is installed is found on the path, and Python reads its variables as it starts."""
    site = tmp_path / "site"
    # What the code prints gets into no document.
    project.write(
        "net.py",
        "import gizmo\nprint('a word of mine')\n"
        + NET.replace("from parts.layers import width", "width = gizmo.width"),
    )
    project.config()

    def install(name: str, version: str, source: str = "width = 8\n") -> None:
        shutil.rmtree(site / f"{name}.dist-info", ignore_errors=True)
        (site / f"{name}.dist-info").mkdir(parents=True)
        (site / f"{name}.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        (site / f"{name}.py").write_text(source)

    install("gizmo", "1.0")
    install("unrelated-thing", "1.0")
    path = {"PYTHONPATH": str(site)}
    assert project("run", "cfg.json", "--quiet", env=path).status == 0
    install("gizmo", "2.0")
    install("unrelated-thing", "3.0")
    document = project.rerun("@", env={**path, "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "7"})
    is_identical(document)
    assert document["packages"] == [
        {"name": "gizmo", "then": "1.0", "now": "2.0", "loaded": True},
        {"name": "unrelated-thing", "then": "1.0", "now": "3.0", "loaded": False},
    ]
    assert document["restored"] == {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": None}
    assert "OMP_NUM_THREADS" not in json.dumps(document["environment"])
    assert "a word of mine" in document["told"]


def test_a_divergence_is_made_again(project: Project, rerun: Any, logbook: Command) -> None:
    project.code()
    project.config(model={"kind": "mlp", "hidden": [8]}, optimizer={"kind": "sgd", "lr": 1e30})
    assert logbook("run", "cfg.json", "--quiet", "--force").status == 1
    document = rerun()
    assert (document["status_then"], document["status"]) == ("diverged", "diverged")
    assert document["losses"]["verdict"] == "identical"
    assert document["exit"] == 0


def test_a_failure_is_no_success(project: Project, rerun: Any, logbook: Command) -> None:
    project.code()
    project.write(
        "net.py", NET.replace("    return nn.Seq", "    raise ValueError('no network today')\n    return nn.Seq")
    )
    project.config()
    assert logbook("run", "cfg.json", "--quiet").status == 1
    document = rerun()
    assert (document["status"], document["exit"]) == ("failed", 1)
    assert document["losses"]["verdict"] == "unknown"
    assert "no network today" in document["reason"]
    assert logbook("rerun", "r9").status == 4
    assert logbook("rerun", "@", "--tolerance", "2").status == 2


def test_from_python(project: Project, ran: Command) -> None:
    import logbook as package

    project.begin()
    ran()
    run = package.open().run("r1")
    assert run.code()["parts/layers.py"] == "width = 16\n"
    project.write("parts/layers.py", "width = 99\n")
    done = run.rerun()
    assert done.same
    assert done.losses.verdict == "identical"
    assert package.open().run(done.run).record.start_of_run.rerun_of == "r1"
    assert project.left_over() == []
    assert "parts.layers" not in sys.modules
