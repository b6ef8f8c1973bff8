"""A checkpoint that would run code when it is unpickled is refused, with a message that advises nobody to run it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.running.conftest import Command, write_config


class Trap:
    """Unpickling it runs a command."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def by_torch(path: Path, trap: object) -> None:
    torch.save({"format": 1, "model": trap, "progress": {"epoch": 1}}, path)


def by_old_torch(path: Path, trap: object) -> None:
    torch.save({"format": 1, "model": trap}, path, _use_new_zipfile_serialization=False)


def by_pickle(path: Path, trap: object) -> None:
    path.write_bytes(pickle.dumps({"format": 1, "model": trap}, protocol=2))


def by_new_pickle(path: Path, trap: object) -> None:
    path.write_bytes(pickle.dumps(trap, protocol=5))


@pytest.mark.parametrize("write", [by_torch, by_old_torch, by_pickle, by_new_pickle])
def test_a_trap_in_the_place_of_a_checkpoint_is_refused(
    logbook: Command, folder: Path, kept: Path, write: Callable[[Path, Any], None]
) -> None:
    mark = folder / "mark"
    for name in ("best.pt", "last.pt"):
        (kept / name).unlink()
        write(kept / name, Trap(mark))
    write_config(folder, {"model": {"init": {"kind": "checkpoint", "run": "r1"}}}, name="init.json")
    for words in (
        ["resume", "r1"],
        ["predict", "r1", "rows.csv"],
        ["predict", "r1", "rows.csv", "--checkpoint", "last"],
    ):
        answer = logbook(*words)
        assert answer.status == 3, answer.err
        assert "is refused: it " in answer.err
        assert "nothing of it was run" in answer.err
        assert "weights_only" not in answer.err, "torch advises to load it all the same"
    answer = logbook("run", "init.json")
    assert answer.status == 2
    assert "could run code" in answer.err
    assert "weights_only" not in answer.err
    for words in (["show", "r1"], ["plot", "r1"], ["report", "r1"], ["fsck"], ["judge", "r1"]):
        logbook(*words)
    assert not mark.exists()
    pickle.loads(pickle.dumps(Trap(mark)))
    assert mark.exists(), "unpickled, the trap does leave a mark"


@pytest.mark.parametrize("content", [[1, 2], "text", None, {"format": 1}, {"format": 2}, 7])
def test_a_checkpoint_of_plain_data_that_is_none_is_told(logbook: Command, kept: Path, content: object) -> None:
    (kept / "last.pt").unlink()
    torch.save(content, kept / "last.pt")
    answer = logbook("resume", "r1")
    assert answer.status == 3
    assert str(kept / "last.pt") in answer.err
