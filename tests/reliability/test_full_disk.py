"""A disk that fills up during a run: said loudly, nothing lost, and the run goes on when there is room again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = {
    "name": "full",
    "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
    "model": {"kind": "mlp", "hidden": [8]},
    "training": {"epochs": 300, "batch_size": 64},
}
SCRIPT = """
mount -t tmpfs -o size=1500k tmpfs small || exit 77
{logbook} run cfg.json {store}; echo "run $?"
{logbook} show r1 --json {store} > full.json; echo "show $?"
{logbook} fsck {store}; echo "fsck $?"
mount -o remount,size=40m small
{logbook} resume r1 --quiet {store}; echo "resume $?"
{logbook} show r1 --json {store} > whole.json; echo "show $?"
{logbook} fsck {store}; echo "fsck $?"
"""


def in_small_room(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that mounts a small file system of its own at `small`."""
    (folder / "small").mkdir()
    script = script.format(logbook=f"{sys.executable} -m logbook_cli", store="--logbook small/.logbook")
    done = subprocess.run(
        ["unshare", "-m", "bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode in (1, 77) and "run" not in done.stdout:
        pytest.skip(f"no file system of its own here: {done.stderr.strip()[:200]}")
    return done


def test_epochs_wait_for_room_and_the_run_resumes_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "cfg.json").write_text(json.dumps(CONFIG))
    done = in_small_room(SCRIPT, tmp_path)
    statuses = [line for line in done.stdout.splitlines() if line[-2:].strip().isdigit() and " " in line]
    assert statuses == ["run 3", "show 0", "fsck 0", "resume 0", "show 0", "fsck 0"], done.stderr[-2000:]
    assert "NOT ON DISK" in done.stderr
    assert "100 of at most 100 epochs wait" in done.stderr
    assert re.search(r"logbook resume r1\. Epochs \d+ to \d+ are not on disk; it trains them again", done.stderr)
    assert "Traceback" not in done.stderr
    full, whole = (json.loads((tmp_path / name).read_text()) for name in ("full.json", "whole.json"))
    assert 0 < len(full["epochs"]) < 200
    assert [epoch["epoch"] for epoch in whole["epochs"]] == list(range(1, 301))
    assert whole["status"] == "finished"
    # A few more epochs than checkpoints fitted: they are trained again, to the same numbers in another time.
    resumed_from = whole["attempts"][-1]["resumed_from"]
    assert 0 < len(full["epochs"]) - 10 < resumed_from <= len(full["epochs"])
    assert whole["epochs"][:resumed_from] == full["epochs"][:resumed_from]
    assert [_without_time(one) for one in whole["epochs"][: len(full["epochs"])]] == [
        _without_time(one) for one in full["epochs"]
    ]


NET = """
from torch import nn

def fill():
    with open("small/filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line, self.steps = nn.Linear(4, 3), 0
    def forward(self, x):
        self.steps += self.training
        if self.training == {in_training} and self.steps == {full_at}:
            fill()
        if self.training and self.steps == {empty_at}:
            open("small/filler", "wb").close()
        return self.line(x)
"""
"""A network that fills the disk, in training or at its first evaluation, and makes room at a later step."""
START = """
mount -t tmpfs -o size=3m tmpfs small || exit 77
{logbook} run cfg.json {store}; echo "run $?"
{logbook} show r1 --json {store} > run.json; echo "show $?"
{logbook} fsck {store} > /dev/null; echo "fsck $?"
"""


def test_the_record_of_the_untrained_model_waits_for_room_too(tmp_path: Path) -> None:
    (tmp_path / "filling_net.py").write_text(NET.format(in_training=False, full_at=0, empty_at=5))
    own = {"model": {"kind": "python", "target": "filling_net:Net"}, "training": {"epochs": 5, "batch_size": 64}}
    (tmp_path / "cfg.json").write_text(json.dumps({**CONFIG, **own}))
    done = in_small_room(START, tmp_path)
    assert done.stdout.split("\n")[:3] == ["run 0", "show 0", "fsck 0"], done.stderr[-2000:]
    assert "NOT ON DISK" in done.stderr
    assert "the record waits in memory" in done.stderr
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["start"]["parameters"] == 15
    assert [epoch["epoch"] for epoch in run["epochs"]] == [1, 2, 3, 4, 5]


def test_epochs_that_waited_are_written_in_order_when_room_returns(tmp_path: Path) -> None:
    (tmp_path / "midway_net.py").write_text(NET.format(in_training=True, full_at=10, empty_at=60))
    own = {"model": {"kind": "python", "target": "midway_net:Net"}, "training": {"epochs": 40, "batch_size": 64}}
    (tmp_path / "cfg.json").write_text(json.dumps({**CONFIG, **own}))
    done = in_small_room(START, tmp_path)
    assert done.stdout.split("\n")[:3] == ["run 0", "show 0", "fsck 0"], done.stderr[-2000:]
    assert "2 of at most 100 epochs wait in memory" in done.stderr
    run = json.loads((tmp_path / "run.json").read_text())
    assert [epoch["epoch"] for epoch in run["epochs"]] == list(range(1, 41))
    assert run["status"] == "finished"
    assert "checkpoint" not in run["end"]["skipped"]


GC = """
mount -t tmpfs -o size=16m tmpfs small || exit 77
{logbook} run cfg.json --quiet {store}; echo "run $?"
cat /dev/zero > small/ballast 2>/dev/null
{logbook} run cfg.json --again --quiet {store}; echo "again $?"
{logbook} note r1 x {store}; echo "note $?"
{logbook} backup small/copy {store}; echo "backup $?"
{logbook} gc --keep none {store}; echo "gc $?"
{logbook} fsck {store}; echo "fsck $?"
{logbook} note r1 x {store}; echo "note $?"
ls -A small
"""


def test_on_a_full_disk_gc_makes_room_and_says_so(tmp_path: Path) -> None:
    """A removal is recorded before it is done, but where nothing can be recorded it would never be done."""
    large = {"model": {"kind": "mlp", "hidden": [512, 256]}, "training": {"epochs": 1}}
    (tmp_path / "cfg.json").write_text(json.dumps({**CONFIG, **large}))
    done = in_small_room(GC, tmp_path)
    lines = done.stdout.splitlines()
    assert [line for line in lines if re.fullmatch(r"\w+ \d", line)] == [
        *("run 0", "again 3", "note 3", "backup 3", "gc 0", "fsck 0", "note 0"),
    ], done.stderr
    assert "Traceback" not in done.stderr
    assert "no room left for the backup" in done.stderr
    assert "all is as it was written" in lines
    assert "copy" not in lines


def _without_time(epoch: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in epoch.items() if name != "seconds"}
