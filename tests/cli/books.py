"""Logbooks for the tests of commands, written as a training would, and the commands as processes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from logbook.store import open_writer
from logbook_cli.app import main
from logbook_schemas.config.identity import freeze
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EndRecord
from logbook_schemas.records.runs import AttemptRecord, StartOfRun
from tests.history.records import code, data_record, digits, epochs, run
from tests.own_modules import forgotten

ROOT = Path(__file__).resolve().parents[2]
WARNING = Finding(
    code="L101",
    name="learning-rate-out-of-bounds",
    severity="warning",
    moment="config",
    where="optimizer.lr",
    message="the learning rate is far from where adam works",
    measured=0.5,
    explains=("nonfinite-loss",),
)
NONFINITE = Finding(code="T101", name="nonfinite-loss", severity="error", moment="epoch", message="NaN", epoch=2)


def add_run(
    folder: Path,
    *,
    losses: Sequence[float],
    source: str | bytes = "x = 1",
    config_folder: str = "",
    status: str = "finished",
    findings: Sequence[Finding] = (),
    **settings: Any,
) -> str:
    """Record a run whole and return its short id."""
    config = RunConfig.model_validate_json(_json(digits(**settings)))
    record, blobs = code(net=source)
    template = run(1, source=record).start_of_run
    assert template is not None
    start = StartOfRun.model_validate(
        {
            **template.model_dump(),
            "config_folder": config_folder,
            "seed": config.training.seed,
            "monitor": {"metric": "val_loss", "mode": "min"},
        }
    )
    with open_writer(folder) as writer:
        summary = writer.begin_run(
            config,
            freeze(config),
            start,
            AttemptRecord(number=1, started_at="2026-11-20T08:00:00.000000Z", device="cpu"),
            blobs=blobs,
            data=data_record(),
            findings=(),
            metric_modes={"accuracy": "max"},
        )
        for epoch in epochs(*losses, accuracy=0.9):
            writer.append_epoch(summary.number, 1, epoch, None)
        if findings:
            writer.append_findings(summary.number, 1, findings)
        writer.end_attempt(summary.number, 1, status=status, end=EndRecord(status=status, best_epoch=1))
    return summary.id


def make_book(folder: Path) -> Path:
    """Return a logbook of three runs: a good one, one with another learning rate, and one that diverged."""
    add_run(folder, losses=(0.5, 0.3, 0.4))
    add_run(folder, losses=(0.9, 0.8), optimizer={"kind": "adam", "lr": 0.01}, hypothesis="=faster\x1b[2J is better")
    add_run(
        folder,
        losses=(0.9, float("nan")),
        source="x = 2",
        status="diverged",
        findings=(NONFINITE, WARNING),
        name="wild",
        optimizer={"kind": "adam", "lr": 0.5},
    )
    return folder


def logbook(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, in this process, and return what a process of its own would have left.

    `test_app.py` and `test_startup.py` hold that a process says the same; one takes half a second to start.
    """
    said, complained = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, forgotten(cwd), redirect_stdout(said), redirect_stderr(complained):
        patch.chdir(cwd)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
    for stream in (said, complained):
        stream.seek(0)
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), said.read(), complained.read())


def logbook_process(
    *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "logbook_cli", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": encoding, **(env or {})},
        capture_output=True,
        text=True,
        encoding=encoding,
        timeout=60,
        check=False,
    )


def _json(config: dict[str, Any]) -> str:
    import json

    return json.dumps(config)
