"""Runs for the store's tests, made through its public functions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from logbook.store.reader import Reader
from logbook.store.writer import Writer
from logbook_schemas.config.identity import freeze
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord
from logbook_schemas.records.runs import AttemptRecord, RunSummary, StartOfRun


def config(**changes: Any) -> RunConfig:
    raw = {"name": "digits-mlp", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
    return RunConfig.model_validate({**raw, **changes})


def start_of_run(**changes: Any) -> StartOfRun:
    start = StartOfRun(
        git=GitRecord(),
        environment=EnvironmentRecord(),
        code=CodeRecord(),
        monitor={"metric": "val_loss", "mode": "min"},
    )
    return start.model_copy(update=changes)


def attempt(**changes: Any) -> AttemptRecord:
    return AttemptRecord(number=1, started_at="2026-11-21T00:00:00.000000Z", pid=os.getpid(), **changes)


def begin(writer: Writer, chosen: RunConfig | None = None, **changes: Any) -> RunSummary:
    """Begin a run of a config; `changes` are arguments of `begin_run`, `start` among them."""
    chosen = chosen or config()
    start = changes.pop("start", None) or start_of_run(seed=chosen.training.seed)
    rest = {"blobs": {}, "data": None, "findings": (), "metric_modes": {"accuracy": "max"}, **changes}
    return writer.begin_run(chosen, freeze(chosen), start, attempt(), **rest)


def epoch(number: int, **values: Any) -> EpochRecord:
    plain = {"train_loss": 2.0 / number, "val_loss": 3.0 / number, "metrics": {"accuracy": 1 - 1 / number}}
    return EpochRecord(epoch=number, **{"seconds": 0.5, "lr": 0.001, **plain, **values})


def derived_rows(reader: Reader) -> dict[str, list[tuple[Any, ...]]]:
    """Return every derived row, as SQL has it."""
    with reader.connection() as raw:
        return {
            table: raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("summary", "metric_extent", "run_metric", "search_text", "recipe_place", "recipe_setting")
        }


def python(script: str, *arguments: object, before: tuple[str, ...] = (), **options: Any) -> subprocess.Popen[str]:
    """Start a Python process that runs a script; `before` is a command that runs it in its turn."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        **options,
    )
