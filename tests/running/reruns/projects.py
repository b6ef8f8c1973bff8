"""What tests of `logbook rerun` share: a project with a network and rows of one's own, the command as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.provenance.conftest import Repo
from tests.running.conftest import Answer

NET = """import numpy as np
from torch import nn
from parts.layers import width

def net():
    return nn.Sequential(nn.Linear(3, width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, 2))

def rows():
    inputs = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    return inputs, (inputs.sum(1) > 0).astype("int64")
"""
CONFIG: dict[str, Any] = {
    "name": "own",
    "task": "classification",
    "data": {"source": {"kind": "python", "target": "net:rows"}},
    "model": {"kind": "python", "target": "net:net"},
    "training": {"epochs": 2, "device": "cpu", "seed": 3},
    "diagnostics": {"every": 0},
}


@dataclass(frozen=True)
class Project:
    """A folder with code, a config and a logbook, and a folder for what is temporary."""

    folder: Path
    temporary: Path

    @property
    def repo(self) -> Repo:
        return Repo(self.folder)

    def write(self, path: str, content: str) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        return place

    def config(self, path: str = "cfg.json", **changes: Any) -> None:
        self.write(path, json.dumps(merged(CONFIG, changes)))

    def code(self) -> None:
        """Write a network of two files."""
        self.write("net.py", NET)
        self.write("parts/__init__.py", "")
        self.write("parts/layers.py", "width = 16\n")

    def commit(self, message: str = "Go on") -> None:
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "-m", message)

    def begin(self, config: str = "cfg.json", **changes: Any) -> None:
        """Commit a network of two files and a config."""
        self.write(".gitignore", ".logbook\n__pycache__\n")
        self.code()
        self.config(config, **changes)
        self.commit("Begin")

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(self.temporary), **more}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "logbook_cli", *words]

    def __call__(self, *words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Answer:
        """Run the command as a process of its own."""
        done = subprocess.run(
            self.command(*words),
            cwd=cwd or self.folder,
            env=self.environment(**(env or {})),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def rerun(self, *words: str, **how: Any) -> dict[str, Any]:
        """Make a run again and return the document; whatever came of it, nothing temporary is left."""
        answer = self("rerun", *words, "--json", **how)
        assert "Traceback" not in answer.err, answer.err
        assert answer.out, answer.err
        document = {**answer.json, "exit": answer.status, "told": answer.err}
        assert self.left_over() == []
        return document

    def left_over(self) -> list[str]:
        """Return the temporary folders, and the worktrees that git knows of beside the person's own."""
        folders = [path.name for path in self.temporary.iterdir() if path.name.startswith("logbook-")]
        entries = self.folder / ".git" / "worktrees"
        return [*folders, *(entry.name for entry in entries.iterdir())] if entries.is_dir() else folders


def merged(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the config with some sections changed; one of another kind replaces the old one."""
    both = dict(old)
    for name, value in changes.items():
        before = both.get(name)
        is_part = isinstance(before, dict) and isinstance(value, dict) and "kind" not in value
        both[name] = merged(before, value) if is_part else value
    return both


def untouched(project: Project) -> dict[str, Any]:
    """Return all that a rerun must leave alone, to the byte: each file of the working tree, and of git's own folder."""
    return {
        str(path.relative_to(project.folder)): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(project.folder.rglob("*"))
        if path.is_file() and not {".logbook", "__pycache__"} & {*path.relative_to(project.folder).parts}
    }


def is_identical(document: dict[str, Any], epochs: int = 2) -> None:
    """Hold a document against what a rerun of code and data that are the same must say."""
    assert document["losses"]["verdict"] == "identical", document
    assert document["losses"]["identical_through"] == epochs
    assert document["weights"] == "same"
    assert document["same"] is True
    assert document["exit"] == 0
