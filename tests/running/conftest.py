"""The command line as a person uses it: a folder of their own, configs in it, commands one after the other."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from logbook_cli.app import main

DIGITS: dict[str, Any] = {
    "name": "digits-mlp",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
    "model": {"kind": "mlp", "hidden": [32]},
    "training": {"epochs": 2, "device": "cpu"},
}


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, that is no repository; its modules are forgotten afterwards, as a new process would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def logbook(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in the folder, in this process, and return what it said."""

    def run(*words: str) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)

    return run


def write_config(folder: Path, changes: dict[str, Any] | None = None, *, name: str = "cfg.json") -> Path:
    """Write the digits' config with some sections changed."""
    merged = dict(DIGITS)
    for section, value in (changes or {}).items():
        old = merged.get(section)
        is_new_kind = (
            isinstance(value, dict) and isinstance(old, dict) and value.get("kind") not in (None, old.get("kind"))
        )
        merged[section] = (
            {**old, **value} if isinstance(old, dict) and isinstance(value, dict) and not is_new_kind else value
        )
    path = folder / name
    path.write_text(json.dumps(merged, indent=2))
    return path


@pytest.fixture
def trained(folder: Path, logbook: Command) -> Path:
    """A folder with a run of three epochs, whose best is the first: its two checkpoints are two files."""
    standstill = {"schedule": {"kind": "step", "step_size": 1, "gamma": 1e-9}, "monitor": "accuracy"}
    write_config(folder, {"training": {"epochs": 3}, **standstill})
    assert logbook("run", "cfg.json", "--quiet").status == 0
    return folder


def checkpoints(folder: Path, name: str) -> list[Path]:
    return sorted((folder / ".logbook" / "checkpoints").glob(f"*/{name}"))
