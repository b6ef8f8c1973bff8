"""Processes that train, note, search and list in one logbook at once: nobody hears of a lock, no row is lost or double.

`make test` has five of them for some seconds, `make soak` sixteen for four minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from logbook.store import open_reader
from logbook.store.verify import verify

IS_SOAK = bool(os.environ.get("LOGBOOK_SOAK"))
SECONDS = 240 if IS_SOAK else 4
ROLES = ("train", "note", "search", "list") * 4 if IS_SOAK else ("train", "note", "search", "list", "note")
CONFIG = {
    "name": "many",
    "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
    "model": {"hidden": [4]},
    "training": {"epochs": 20, "batch_size": 64, "device": "cpu"},
    "diagnostics": {"every": 0},
}
WORKER = """
import contextlib, io, json, sys, time
from logbook_cli.app import main
role, number, until = sys.argv[1], sys.argv[2], 0.0
counts, strange, worst = {"done": 0}, [], 0.0
words = {
    "train": ["run", "cfg.json", "--again", "--quiet"],
    "note": ["note", "r1", "TEXT", "--json"],
    "search": ["search", "lr>0 epochs>0", "--json"],
    "list": ["ls", "--json"],
}[role]
sys.stdin.readline()
until = time.monotonic() + float(sys.argv[3])
while time.monotonic() < until:
    said, errors = io.StringIO(), io.StringIO()
    text = f"note {counts['done']} of {number}"
    began = time.monotonic()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        try:
            main([text if word == "TEXT" else word for word in words])
        except SystemExit as ended:
            status = int(ended.code or 0)
    worst = max(worst, time.monotonic() - began)
    if status or "error" in errors.getvalue() or "locked" in errors.getvalue():
        strange.append([status, errors.getvalue()])
    counts["done"] += 1
print(json.dumps({"role": role, "number": number, "done": counts["done"], "strange": strange, "worst": worst}))
"""


@pytest.mark.timeout(1800)
def test_nothing_is_lost_or_doubled_and_nobody_hears_of_a_lock(tmp_path: Path) -> None:
    (tmp_path / "cfg.json").write_text(json.dumps(CONFIG))
    first = subprocess.run(
        [sys.executable, "-m", "logbook_cli", "run", "cfg.json", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert first.returncode == 0, first.stderr
    children = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, role, str(number), str(SECONDS)],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for number, role in enumerate(ROLES)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [child.communicate() for child in children]
    assert [err for _, err in told if err] == []
    workers = [json.loads(out) for out, _ in told]
    assert [worker["strange"] for worker in workers if worker["strange"]] == []
    done: Counter[str] = Counter()
    for worker in workers:
        assert worker["done"] > 0, worker
        done[worker["role"]] += worker["done"]
    expected = sorted(
        f"note {place} of {worker['number']}"
        for worker in workers
        if worker["role"] == "note"
        for place in range(worker["done"])
    )
    with open_reader(tmp_path / ".logbook") as reader:
        runs = reader.runs()
        assert [run.number for run in runs] == list(range(done["train"] + 1, 0, -1))
        assert {(run.status, run.epochs) for run in runs} == {("finished", 20)}
        assert len({run.uuid for run in runs}) == len({run.words for run in runs}) == len(runs)
        notes = sorted(entry.text for entry in reader.run(1).journal if entry.kind == "note")
    assert notes == expected
    assert verify(tmp_path / ".logbook") == []
    worst = {role: max(one["worst"] for one in workers if one["role"] == role) for role in done}
    print(f"{len(ROLES)} processes, {SECONDS} s: {dict(done)}, {20 * len(runs)} epochs; slowest {worst}")
