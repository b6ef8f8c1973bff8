"""A disk that fills up during a run: said loudly, nothing lost, and the run goes on when there is room again."""

from __future__ import annotations

import json
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


def test_epochs_wait_for_room_and_the_run_resumes_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "cfg.json").write_text(json.dumps(CONFIG))
    (tmp_path / "small").mkdir()
    script = SCRIPT.format(logbook=f"{sys.executable} -m logbook_cli", store="--logbook small/.logbook")
    done = subprocess.run(
        ["unshare", "-m", "bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if done.returncode in (1, 77) and "run" not in done.stdout:
        pytest.skip(f"no file system of its own here: {done.stderr.strip()[:200]}")
    statuses = [line for line in done.stdout.splitlines() if line[-2:].strip().isdigit() and " " in line]
    assert statuses == ["run 3", "show 0", "fsck 0", "resume 0", "show 0", "fsck 0"], done.stderr[-2000:]
    assert "NOT ON DISK" in done.stderr
    assert "100 of at most 100 epochs wait" in done.stderr
    assert "logbook resume r1" in done.stderr
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


def _without_time(epoch: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in epoch.items() if name != "seconds"}
