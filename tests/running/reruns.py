"""What tests of `logbook rerun` share: a project with a network of one's own, the command as a process."""

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

NET = """from torch import nn
from parts.layers import width

def net():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, 10))
"""
CONFIG: dict[str, Any] = {
    "name": "own",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 200},
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
        if not (self.folder / ".git").is_dir():
            return folders
        told = self.repo.git("worktree", "list", "--porcelain").split("\n\n")
        return [*folders, *told[1:]]


def merged(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the config with some sections changed; one of another kind replaces the old one."""
    both = dict(old)
    for name, value in changes.items():
        before = both.get(name)
        is_part = isinstance(before, dict) and isinstance(value, dict) and "kind" not in value
        both[name] = merged(before, value) if is_part else value
    return both


def untouched(project: Project) -> dict[str, Any]:
    """Return all of the person's that a rerun must leave alone: status, HEAD, refs, stash, index, files, times."""
    repo, folder = project.repo, project.folder
    files = {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", ".logbook"} & {*path.relative_to(folder).parts}
    }
    return {
        "status": repo.git("status", "--porcelain=v2", "--branch", "--ignored"),
        "head": (folder / ".git" / "HEAD").read_text(),
        "refs": repo.git("for-each-ref"),
        "stash": repo.git("stash", "list"),
        "reflog": repo.git("reflog"),
        "index": repo.git("ls-files", "--stage", "--debug"),
        "config": (folder / ".git" / "config").read_text(),
        "files": files,
    }
